"""The folder for a server at another place: what it is asked for by, and whose passwords it has."""

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from cli.__main__ import main
from infra.local import authority, home, nats
from infra.local.bus_layout import LEAF, OPERATOR, PASSWORD_NAMES, SENSOR
from infra.local.home import Home, Passwords
from infra.local.leaf import leaf_names
from infra.local.main import Order, StartRefused, run
from infra.local.main import main as run_detached


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A data folder as the first start leaves it."""
    monkeypatch.setenv("LANGUAGE", "en")
    made = Home(tmp_path / "data")
    made.make()
    home.ensure_passwords(made)
    authority.ensure_certificates(made.secrets / "tls", ["mqtt"])
    return made


def make(data: Home, name: str, *more: str) -> int:
    folder = str(data.data.parent / "stick")
    typed = [name, "--hub", "guide.example.jp", "--folder", folder, "--data", str(data.data)]
    return main(["leaf", *typed, *more])


def config(data: Home) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((data.data.parent / "stick" / "nats.conf").read_text())
    return found


def held(data: Home, passwords: Passwords) -> set[str]:
    text = json.dumps(config(data))
    return {name for name in PASSWORD_NAMES if passwords.nats[name] in text}


def test_a_leaf_s_folder_has_an_operator_of_its_own(data: Home) -> None:
    assert make(data, "cave") == 0
    made, ours = config(data), home.ensure_passwords(data)
    assert held(data, ours) == {LEAF, SENSOR}
    assert not any(secret in json.dumps(made) for secret in (ours.postgres, ours.valkey))
    first = {each["user"]: each["password"] for each in made["authorization"]["users"]}
    assert make(data, "cave") == 0
    again = {each["user"]: each["password"] for each in config(data)["authorization"]["users"]}
    assert first[SENSOR] == again[SENSOR] == ours.nats[SENSOR]
    assert len({first[OPERATOR], again[OPERATOR], ours.nats[OPERATOR]}) == 3
    [remote] = made["leafnodes"]["remotes"]
    assert remote["url"].endswith(f"@guide.example.jp:{nats.LEAF_PORT}")


def test_after_a_theft_nothing_in_the_old_folder_is_known_any_more(data: Home) -> None:
    before = home.ensure_passwords(data)
    assert make(data, "cave", "--new-passwords") == 0
    after = home.ensure_passwords(data)
    changed = {name for name in PASSWORD_NAMES if before.nats[name] != after.nats[name]}
    assert changed == {LEAF, SENSOR, OPERATOR}
    assert (before.postgres, before.databases) == (after.postgres, after.databases)
    assert held(data, after) == {LEAF, SENSOR}
    assert held(data, before) == set()


def test_passwords_stay_while_the_platform_runs(
    data: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    before = home.ensure_passwords(data)
    with home.lock(data):
        assert make(data, "cave", "--new-passwords") == 1
    assert "end it with ./meguri down" in capsys.readouterr().err
    assert home.ensure_passwords(data) == before


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("cave,museum", "'cave,museum' names 2 places; say one, such as cave"),
        ("", "'' names 0 places; say one, such as cave"),
        (" , ", "' , ' names 0 places"),
        ("Cave", "Cave: a place is named by 2 to 20 letters a-z and digits"),
    ],
)
def test_a_folder_is_made_for_one_place(
    data: Home, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    assert make(data, name) == 1
    told = capsys.readouterr().err
    assert told.startswith(said)
    assert told.count("\n") == 1
    assert not (data.data.parent / "stick").exists()


@pytest.mark.parametrize("names", ["Cave", "cave,Museum", "鍾乳洞", "c", "cave museum"])
def test_a_start_with_a_name_that_is_none_is_refused(
    data: Home, monkeypatch: pytest.MonkeyPatch, names: str
) -> None:
    monkeypatch.setenv("MEGURI_NATS_LEAVES", names)
    order = Order(
        data=str(data.data), area="mine", domain="", certificate="", key="", tunnel_url="",
        port=0, only=(),
    )  # fmt: skip
    with pytest.raises(StartRefused, match=r"MEGURI_NATS_LEAVES: .*: a place is named by") as said:
        run(order, None)
    # Detached, where nobody looks at a terminal, `up` reads it here.
    given = SimpleNamespace(buffer=io.BytesIO(msgspec.json.encode(order)))
    monkeypatch.setattr(sys, "stdin", given)
    assert run_detached() == 1
    [told] = data.run.glob("refused.*.json")
    assert json.loads(told.read_text()) == {"problem": str(said.value)}


def test_a_place_that_is_named_twice_is_one() -> None:
    assert leaf_names("cave,museum, cave") == ("cave", "museum")
