"""A new area's files are complete, and bad wishes are refused before anything is written."""

import argparse
import json
from pathlib import Path

import pytest

from cli import area_wizard


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


@pytest.mark.parametrize("name", ["Hagi", "1hagi", "ha gi", "", "../hagi", "a" * 40, "萩"])
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
