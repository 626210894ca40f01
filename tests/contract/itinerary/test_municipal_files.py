"""Lists of sights as towns published them: every row accounted for, what they say read by hand."""

from pathlib import Path

import pytest

from services.itinerary.domain.poi import Fees
from services.itinerary.gateways.municipal_file import SightsFile, read

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "opendata"


def file_of(name: str) -> SightsFile:
    if not SHARED.is_dir():
        pytest.skip("the files lie in ../shared, which is not there")
    return read(SHARED / name)


@pytest.mark.parametrize(
    ("name", "encoding", "rows", "points", "above"),
    [
        ("yanai_tourism.csv", "utf-8", 18, 0, 0),
        ("yanai_tourism_sjis.csv", "cp932", 18, 1, 1),
        ("shimabara_tourism.csv", "utf-8", 28, 28, 0),
        ("hachijo_sightseeing.csv", "cp932", 20, 20, 0),
    ],
)
def test_no_row_is_lost(name: str, encoding: str, rows: int, points: int, above: int) -> None:
    found = file_of(name)
    assert (found.encoding, len(found.sights), found.refused, found.above) == (
        encoding, rows, (), above,
    )  # fmt: skip
    assert sum(sight.point is not None for sight in found.sights) == points


@pytest.mark.parametrize(
    ("name", "sight", "opening", "last_entry", "fees"),
    [
        ("yanai_tourism.csv", "やない西蔵",
         "09:00-17:00; Tu off (PH: next day); Dec 29-Jan 03 off", "", Fees(0, 0, 0)),
        ("yanai_tourism.csv", "甘露醤油資料館", "08:00-17:00; Su,PH 09:30-16:30", "",
         Fees(0, 0, 0)),
        ("yanai_tourism_sjis.csv", "国森家住宅", "09:00-17:00; Mo off; Dec 29-Jan 03 off", "",
         Fees(200, 100, 100)),
        ("yanai_tourism.csv", "大畠ふれあいビーチ", "", "", Fees(0, 0, 0)),
        ("shimabara_tourism.csv", "島原城", "09:00-17:30", "17:00", Fees(550, None, 280)),
        ("shimabara_tourism.csv", "平成新山ネイチャーセンター",
         "09:00-17:00; Jan-Feb 10:00-16:00; Tu off", "", Fees(0, 0, 0)),
        ("shimabara_tourism.csv", "大三東駅", "24/7", "", Fees(0, 0, 0)),
        ("shimabara_tourism.csv", "がまだすドーム（雲仙岳災害記念館）", "09:00-18:00", "17:00",
         Fees(1050, 740, 530)),
        ("hachijo_sightseeing.csv", "八丈富士", "", "", Fees()),
    ],
)  # fmt: skip
def test_what_a_row_says(name: str, sight: str, opening: str, last_entry: str, fees: Fees) -> None:
    [found] = [each for each in file_of(name).sights if each.name == sight]
    assert (found.hours.opening, found.hours.last_entry, found.fees) == (opening, last_entry, fees)


def test_no_sentence_about_a_part_is_taken_for_the_whole() -> None:
    counts = file_of("shimabara_tourism.csv").counts + file_of("yanai_tourism.csv").counts
    assert (counts["NOTE_NOT_READ"], counts["ONLY_SOMETIMES"], counts["IRREGULAR_CLOSING"]) == (
        12, 3, 1,
    )  # fmt: skip
