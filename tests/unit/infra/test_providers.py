"""providers.env: what it may say, which simulators it starts, and what payments is given."""

from pathlib import Path

import pytest

from infra.local import providers
from infra.local.table import PROVIDERS, by_name

EVERY = {name for names in PROVIDERS.values() for name in names}
REAL = "https://connect.squareup.com"


def given(folder: Path, text: str) -> dict[str, str]:
    """The file with this text, read."""
    (folder / providers.FILE).write_text(text, "utf-8")
    return providers.read(folder)


def test_without_the_file_nothing_is_there(tmp_path: Path) -> None:
    assert providers.read(tmp_path) == {}
    assert providers.simulated({}) == frozenset()
    values = providers.variables({}, {}, "http://127.0.0.1:8080", "seed")
    assert values == dict.fromkeys(EVERY, "")


def test_lines_are_read_and_comments_are_not(tmp_path: Path) -> None:
    text = f"# the real one\n\nMEGURI_SQUARE_URL = {REAL}\nMEGURI_SQUARE_TOKEN=a=b\n"
    assert given(tmp_path, text) == {"MEGURI_SQUARE_URL": REAL, "MEGURI_SQUARE_TOKEN": "a=b"}


@pytest.mark.parametrize("line", ["MEGURI_SQUARE_URL", "MEGURI_SQARE_URL=x", "PATH=/tmp", "=x"])
def test_a_line_that_means_nothing_stops_the_start(tmp_path: Path, line: str) -> None:
    with pytest.raises(providers.ProvidersDamaged, match="line 2"):
        given(tmp_path, f"# first\n{line}\n")


def test_a_simulator_shares_made_up_secrets_with_payments_and_a_real_one_shares_none() -> None:
    asked = {"MEGURI_SQUARE_URL": REAL, "MEGURI_ADYEN_URL": "simulator"}
    assert providers.simulated(asked) == {"adyen_simulator"}
    addresses = {"adyen_simulator": "127.0.0.1:9112"}
    values = providers.variables(asked, addresses, "http://127.0.0.1:8080", "seed")
    assert values["MEGURI_SQUARE_URL"] == REAL
    assert values["MEGURI_SQUARE_TOKEN"] == values["MEGURI_PAYPAY_URL"] == ""
    assert values["MEGURI_ADYEN_URL"] == "http://127.0.0.1:9112"
    assert bytes.fromhex(values["MEGURI_ADYEN_HMAC_KEY"])
    assert values["MEGURI_ADYEN_HMAC_KEY"] != values["MEGURI_ADYEN_API_KEY"]
    other = providers.variables(asked, addresses, "http://127.0.0.1:8080", "another seed")
    assert other["MEGURI_ADYEN_HMAC_KEY"] != values["MEGURI_ADYEN_HMAC_KEY"]


def test_square_s_simulator_signs_for_the_address_it_sends_to() -> None:
    values = providers.variables(
        {"MEGURI_SQUARE_URL": "simulator"}, {"square_simulator": "h:1"}, "http://e:8080", "seed"
    )
    assert values["MEGURI_SQUARE_WEBHOOK_URL"] == "http://e:8080/hooks/square"


def test_payments_is_given_everything_and_a_simulator_its_own_only() -> None:
    components = by_name()
    assert set(components["payments"].environment) >= EVERY
    for provider, names in PROVIDERS.items():
        own = set(components[f"{provider}_simulator"].environment) & EVERY
        assert own == set(names) - {f"MEGURI_{provider.upper()}_URL"}
