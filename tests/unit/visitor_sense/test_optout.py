"""The opt-out list: which addresses it takes, and that nobody reads it without the secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import config
from services.visitor_sense.domain.errors import (
    AddressMadeUp,
    AddressMalformed,
    AddressOfNobody,
)
from services.visitor_sense.domain.optout import Vault, read_address
from services.visitor_sense.main import opt_out_secret
from tests.unit.visitor_sense import made

VAULT = Vault(b"a secret of the installation", "mine")


@pytest.mark.parametrize(
    "text",
    ["00:11:22:33:44:55", "00-11-22-33-44-55", "001122334455", "0011.2233.4455",
     " 00:11:22:33:44:55 ", "00:11:22:33:44:55".upper()],
)  # fmt: skip
def test_an_address_is_read_as_people_write_it(text: str) -> None:
    assert read_address(text) == made.PHONE


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", AddressMalformed), ("00:11:22:33:44", AddressMalformed),
        ("00:11:22:33:44:5g", AddressMalformed), ("00:11-22:33:44:55", AddressMalformed),
        ("00:11:22:33:44:55:66", AddressMalformed), ("0011.2233:4455", AddressMalformed),
        ("da:11:22:33:44:55", AddressMadeUp), ("ff:ff:ff:ff:ff:ff", AddressOfNobody),
        ("01:00:5e:00:00:01", AddressOfNobody), ("00:00:00:00:00:00", AddressOfNobody),
    ],
)  # fmt: skip
def test_other_addresses_are_refused_and_not_repeated(text: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal) as refused:
        read_address(text)
    assert not text or text not in str(refused.value)


@given(st.binary(min_size=6, max_size=6))
def test_what_was_sealed_is_opened_by_its_own_secret_and_entry_alone(address: bytes) -> None:
    entry, sealed = VAULT.entry_id(address), VAULT.seal(address)
    assert VAULT.open(entry, sealed) == address
    assert address not in sealed
    assert address.hex() not in entry
    assert Vault(b"another secret", "mine").open(entry, sealed) is None
    assert Vault(b"a secret of the installation", "other").open(entry, sealed) is None
    assert VAULT.open("0" * 16, sealed) is None
    assert VAULT.open(entry, sealed[:-1]) is None
    assert VAULT.open(entry, b"") is None


def test_an_address_has_one_entry_and_is_sealed_differently_each_time() -> None:
    assert VAULT.entry_id(made.PHONE) == VAULT.entry_id(made.PHONE)
    assert VAULT.entry_id(made.PHONE) != Vault(b"x", "mine").entry_id(made.PHONE)
    assert VAULT.seal(made.PHONE) != VAULT.seal(made.PHONE)


def test_there_is_no_default_secret() -> None:
    database = {"MEGURI_DATABASE_URL": "postgresql://visitor_sense:pa55@h:1/visitor_sense"}
    assert opt_out_secret(config.load("visitor_sense", database)) == b"pa55"
    with pytest.raises(config.ConfigError, match="MEGURI_DATABASE_URL"):
        opt_out_secret(config.load("visitor_sense", {"MEGURI_DATABASE_URL": "postgresql://h/x"}))
