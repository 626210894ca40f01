"""A new area's files are complete, and bad wishes are refused before anything is written."""

import argparse
import io
import json
from pathlib import Path

import pytest

from cli import area, area_wizard, words
from cli.area import address_of
from infra.local.home import Home


def wishes(*words: str) -> argparse.Namespace:
    """Parses words as `area create` does."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    area_wizard.add_options(parser)
    return parser.parse_args(words)


FULL = ("hagi", "--name-ja", "萩", "--name-en", "Hagi", "--locales", "ja,en", "--help-phone", "")


def test_the_files_of_a_new_area(tmp_path: Path) -> None:
    folder = area_wizard.make(wishes(*FULL), tmp_path, taken=set())
    settings = json.loads((folder / "area.json").read_text(encoding="utf-8"))
    assert settings["names"] == {"ja": "萩", "en": "Hagi"}
    assert settings["locales"] == ["ja", "en"]
    assert settings["time_zone"] == "Asia/Tokyo"


def test_the_place_file_has_the_columns_of_the_shipped_area(tmp_path: Path) -> None:
    folder = area_wizard.make(wishes(*FULL), tmp_path, taken=set())
    shipped = Path(area_wizard.__file__).parent.parent / "data" / "mine" / "places.csv"
    header = (folder / "places.csv").read_text().splitlines()[0]
    assert header == shipped.read_text(encoding="utf-8-sig").splitlines()[0]


@pytest.mark.parametrize("name", ["Hagi", "1hagi", "ha gi", "", "h", "../hagi", "a" * 40, "萩"])
def test_a_name_that_cannot_be_part_of_a_subject_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(area_wizard.AreaRefused):
        area_wizard.make(wishes(name, *FULL[1:]), tmp_path, taken=set())
    assert list(tmp_path.iterdir()) == []


def test_a_taken_name_an_unknown_language_and_an_absent_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(area_wizard.AreaRefused, match="already"):
        area_wizard.make(wishes("mine", *FULL[1:]), tmp_path, taken={"mine"})
    with pytest.raises(area_wizard.AreaRefused, match="languages"):
        area_wizard.make(wishes(*FULL, "--locales", "ja,xx"), tmp_path, taken=set())
    with pytest.raises(area_wizard.AreaRefused, match="not a file"):
        area_wizard.make(wishes(*FULL, "--csv", str(tmp_path / "no")), tmp_path, taken=set())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "value", "match"),
    [
        ("--time-zone", "Asia/Mine", "there is no time zone 'Asia/Mine'"),
        ("--name-ja", " ", "a name has"),
        ("--name-en", "x" * 201, "a name has"),
        ("--help-phone", "1" * 41, "a phone number has"),
    ],
)
def test_what_the_directory_would_refuse_leaves_no_files(
    tmp_path: Path, option: str, value: str, match: str
) -> None:
    with pytest.raises(area_wizard.AreaRefused, match=match):
        area_wizard.make(wishes(*FULL, option, value), tmp_path, taken=set())
    assert list(tmp_path.iterdir()) == []


def test_without_a_terminal_nothing_is_made_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(area_wizard.AreaRefused) as refused:
        area_wizard.make(wishes("hagi", "--name-ja", "萩"), tmp_path, taken=set())
    for option in ("--name-en", "--locales", "--help-phone", "--yes"):
        assert option in str(refused.value)
    assert "--name-ja" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []
    made = area_wizard.make(wishes("hagi", "--name-ja", "萩", "--yes"), tmp_path, taken=set())
    settings = json.loads((made / "area.json").read_text(encoding="utf-8"))
    assert settings["names"] == {"ja": "萩", "en": "Hagi"}
    assert settings["help_phone"] == ""


class Terminal(io.StringIO):
    """Somebody who types these lines."""

    def isatty(self) -> bool:
        return True


def test_a_wrong_answer_is_asked_again_and_the_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = Terminal("萩市\n\njapanese\nja,fr\n" + "9" * 41 + "\n0838-25-3131\n")
    monkeypatch.setattr("sys.stdin", typed)
    made = area_wizard.make(wishes("hagi"), tmp_path, taken=set())
    settings = json.loads((made / "area.json").read_text(encoding="utf-8"))
    assert settings["names"] == {"ja": "萩市", "en": "Hagi"}
    assert settings["locales"] == ["ja", "fr"]
    assert settings["help_phone"] == "0838-25-3131"
    said = capsys.readouterr().err
    assert said.count("languages are some of") == 1
    assert said.count("Languages [") == 2
    assert said.count("Name in Japanese") == 1


def test_each_area_has_an_address_on_this_machine() -> None:
    assert address_of("hagi", "http://127.0.0.1:45485") == "http://hagi.localhost:45485/"
    assert address_of("hagi", "") == "http://hagi.localhost/"


def test_the_sights_of_a_municipal_file_have_a_next_step_that_exists(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words.speak_of("")
    sights = tmp_path / "sights.csv"
    sights.write_text("名称,緯度,経度\n秋吉台,34.23,131.31\n")
    folder = area_wizard.make(wishes(*FULL, "--csv", str(sights)), tmp_path / "a", taken=set())
    area_wizard.tell_next_steps("hagi", folder)
    steps = capsys.readouterr().out
    assert steps.index("places.csv") < steps.index("places_draft.csv") < steps.index("/studio")


def test_an_area_answers_with_its_own_terminal_and_sensor_or_with_none(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()

    def terminal(name: str) -> dict[str, str]:
        return {"id": name, "key_file": str(home.secrets / "terminals" / f"{name}.1.pem")}

    def sensor(name: str) -> dict[str, str]:
        file = home.data / "visitor_sense" / "sensors" / f"{name}.gate-1.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        return {"id": "gate-1", "credential_file": str(file)}

    mine = {"terminal": terminal("mine"), "sensor": sensor("mine")}
    assert area._enrolled("mine", home, mine["terminal"]) == mine
    assert area._enrolled("hagi", home, None) == {}
    own = {"terminal": terminal("hagi"), "sensor": sensor("hagi")}
    assert area._enrolled("hagi", home, own["terminal"]) == own
    assert area._enrolled("hagi", home, None) == {"sensor": own["sensor"]}
    # What `status` shows stays, and so does the answer of loading the first area once more.
    assert json.loads(home.enrolled_file.read_text()) == mine
    assert area._enrolled("mine", home, None) == mine
