"""Languages are added to an area that is there; what people have set stays."""

import inspect
from pathlib import Path

import pytest

from cli.area_wizard import AreaRefused, read_locales
from cli.kept_rows import kept_names
from meguri.directory.v1 import directory_service_pb2 as pb
from services.directory import cli as directory_cli
from services.directory.cli import kept_row, with_locales

NAMES = {"ja": "美祢市・秋吉台", "fr": "Ville de Mine et Akiyoshidai", "th": "มิเนะ"}


def area() -> pb.Area:
    return pb.Area(
        area="mine", names={"ja": "みね", "en": "Mine"}, locales=["ja", "en"],
        hosts=["guide.example.jp"], help_phone="0837-00-0000", version=3,
    )  # fmt: skip


def test_new_languages_bring_the_area_s_name_and_change_nothing_else() -> None:
    before = area()
    changed = with_locales(before, ["ja", "fr", "en"], NAMES)
    assert list(changed.locales) == ["ja", "fr", "en"]
    assert dict(changed.names) == {"ja": "みね", "en": "Mine", "fr": NAMES["fr"]}
    assert before == area()
    del changed.locales[:], changed.names["fr"]
    del before.locales[:]
    assert changed == before


def test_a_language_without_a_name_is_published_all_the_same() -> None:
    changed = with_locales(area(), ["ja", "vi"], NAMES)
    assert list(changed.locales) == ["ja", "vi"]
    assert "vi" not in changed.names


def test_the_source_language_stays_first() -> None:
    with pytest.raises(ValueError, match="stays ja"):
        with_locales(area(), ["en", "ja"], NAMES)


def test_a_list_of_languages_is_read_once_each() -> None:
    assert read_locales(" ja, fr,ja,zh-Hant ") == ["ja", "fr", "zh-Hant"]
    for text in ("ja,xx", " , ", "ja,zh_Hant"):
        with pytest.raises(AreaRefused, match="languages are some of"):
            read_locales(text)


def test_a_row_that_keeps_its_names_says_which_and_how_to_get_the_file_s() -> None:
    place = pb.Place(place_id="cave/pool", names={"ja": "池", "en": "Pool"}, kana="いけ")
    kept = pb.NamesKept(
        index=3, place_id="cave/pool", names={"ja": "新しい池", "fr": "Bassin"}, kana="しん"
    )
    kept.name_time.FromJsonString("2026-11-29T01:02:03Z")
    row = kept_row(kept, place)
    assert row == {
        "row": 5, "place_id": "cave/pool", "named": "2026-11-29T01:02:03+00:00",
        "names": {"fr": ["", "Bassin"], "ja": ["池", "新しい池"], "kana": ["いけ", "しん"]},
    }  # fmt: skip
    told = kept_names(row)
    for words in ("5", "cave/pool", "2026-11-29", "ja 新しい池", "fr Bassin", "--overwrite"):
        assert words in told


def test_the_command_can_ask_as_it_does() -> None:
    """It knows services by name alone, so no checker of types sees how it calls them."""
    asked = inspect.signature(directory_cli.load_area)
    given = asked.bind(*("peers", "mine", Path(), True))
    assert given.arguments["overwrite"] is True
    assert asked.bind("peers", "mine", Path()).arguments.keys() == {"peers", "area", "folder"}
