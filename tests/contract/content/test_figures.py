"""Every translation tells the figures of the Japanese, wherever it tells something.

It goes by the files that are there, also those of languages the area does not publish yet.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.pure.languages import LOCALES, column

DATA = Path(__file__).parents[3] / "data" / "mine"
TOLD = sorted(path.stem for path in (DATA / "narrations").glob("*.csv") if path.stem != "ja")
NOTES = ("summary", "fee_note", "access", "payment", "closed")
NAMED = {"places": "place_id", "sections": "section_id", "shops": "shop_place_id",
         "tickets": "class_id", "zones": "zone_id"}  # fmt: skip
DECIMAL_COMMA = {"fr", "de", "es", "vi", "id"}
GROUPS = {
    **dict.fromkeys(("vi", "id"), r"\."),
    **dict.fromkeys(("fr", "de", "es"), "[.\u202f\u00a0]"),
}
WHOLE = ("fr", "de", "es", "th", "vi", "id")  # every paragraph, note and name of the source
IN_WORDS = 12  # months are named, and small numbers may be: "six species", "tháng mười một"
SPELLED_OUT = {("en", "hist-1952/what", 30.0)}  # "thirty years after"

Row = dict[str, str]


def table(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def figures(text: str, locale: str, above: int = IN_WORDS) -> set[float]:
    """Returns the numbers of a text; small whole ones, which a language may spell, are left out."""
    text = re.sub(r"(\d+)[万萬만]", r"\g<1>0000", text)
    text = re.sub(r"(\d\d)(\d\d)[〜–～~](\d\d)(?!\d)", r"\1\2 \1\3", text)  # 1966–70
    text = re.sub(rf"(?<=\d){GROUPS.get(locale, ',')}(?=\d{{3}}(?!\d))", "", text)
    if locale in DECIMAL_COMMA:
        text = re.sub(r"(?<=\d),(?=\d)", ".", text)
    numbers = {float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)}
    return {number for number in numbers if number > above or number % 1}


def told(locale: str) -> Iterator[tuple[str, str]]:
    stop = ""
    for row in table(DATA / "narrations" / f"{locale}.csv"):
        stop = row["stop_id"]
        yield f"{stop}/{row['paragraph_id']}", row["text"]


def notes(locale: str) -> Iterator[tuple[str, str, str]]:
    for row in table(DATA / "pois.csv"):
        for note in NOTES:
            text = row.get(column(note, locale), "")
            if text:
                yield f"{row['poi_id']}/{note}", text, row[column(note, "ja")]


@pytest.mark.parametrize("locale", TOLD)
def test_paragraphs_have_the_figures_of_the_source(locale: str) -> None:
    source = dict(told("ja"))
    for where, text in told(locale):
        spelled = {number for tag, at, number in SPELLED_OUT if (tag, at) == (locale, where)}
        above = 0 if where.endswith("/size") else IN_WORDS
        assert figures(text, locale, above) | spelled == figures(source[where], "ja", above), where


@pytest.mark.parametrize("locale", LOCALES[1:])
def test_notes_of_sights_have_the_figures_of_the_source(locale: str) -> None:
    for where, text, source in notes(locale):
        assert figures(text, locale) == figures(source, "ja"), where


@pytest.mark.parametrize("locale", WHOLE)
def test_these_languages_are_whole(locale: str) -> None:
    assert [where for where, _ in told(locale)] == [where for where, _ in told("ja")]
    assert {where for where, *_ in notes(locale)} == {where for where, *_ in notes("ja")}
    for file, key in NAMED.items():
        for row in table(DATA / f"{file}.csv"):
            assert 0 < len(row[column("name", locale)]) <= 80, row[key]


@pytest.mark.parametrize("locale", ["th", "vi", "id"])
def test_they_are_written_in_their_own_letters(locale: str) -> None:
    own = {"th": "[\u0e01-\u0e5b]", "vi": "[\u1ea0-\u1ef9]", "id": "[a-z]"}[locale]
    texts = [text for _, text in told(locale)] + [text for _, text, _ in notes(locale)]
    for text in texts:
        assert not re.search("[\u3041-\u30ff\uac00-\ud7a3]", text), text
        assert locale == "vi" or not re.search("[\u1ea0-\u1ef9]", text), text
    assert sum(bool(re.search(own, text)) for text in texts) >= len(texts) * 0.95


def test_stops_are_called_the_same_on_the_map_and_in_the_guide() -> None:
    places = {row["place_id"]: row for row in table(DATA / "places.csv")}
    for locale in WHOLE:
        for row in table(DATA / "narrations" / f"{locale}.csv"):
            if row["name"]:
                place = places[f"akiyoshido/{row['stop_id']}"]
                assert place[column("name", locale)] == row["name"]


def test_figures_are_read_as_each_language_writes_them() -> None:
    assert figures("11,2 km", "vi") == figures("11.2 km", "th") == {11.2}
    assert figures("5–10 phút", "vi") == set()
    assert figures("10.000 tahun, 111,2 km", "id") == {10_000.0, 111.2}
    assert figures("1万年、1966〜70年", "ja") == {10_000.0, 1966.0, 1970.0}
    assert figures("20\u202f000 et 1,5", "fr") == {20_000.0, 1.5}
    assert figures("175 × 80 × 35", "en") == {175.0, 80.0, 35.0}
