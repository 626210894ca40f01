"""The area's own data: every row is usable, and its calendars say what the sources say."""

import csv
from datetime import date
from pathlib import Path

import pytest

from kit.area_files import BadFile
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.itinerary.cli import read_pois
from services.itinerary.domain.paths import Paths, Slope, Steps, Wheelchair
from services.itinerary.domain.poi import Poi, check_poi, parse_opening
from services.itinerary.wire.pois import poi_of, record_message

MINE = Path(__file__).resolve().parents[3] / "data" / "mine"
RECORDS = {record.poi_id: record for record in read_pois(MINE / "pois.csv")}


def decoded(record: pb.PoiRecord) -> Poi:
    poi = poi_of(1, record)
    assert isinstance(poi, Poi)
    return poi


def hours(poi_id: str, day: date) -> list[tuple[int, int]]:
    spans = parse_opening(RECORDS[poi_id].opening).on(day).spans
    return [(span.open_minute // 60, span.close_minute // 60) for span in spans]


def test_all_rows_are_usable_and_have_a_place() -> None:
    with (MINE / "places.csv").open(encoding="utf-8", newline="") as file:
        places = {row["place_id"] for row in csv.DictReader(file)}
    assert len(RECORDS) == 43
    for record in RECORDS.values():
        poi = decoded(record)
        assert check_poi(1, poi)[0] == []
        assert poi.place_id in places
        assert poi.texts.summary["ja"]
        assert poi.texts.summary["en"]
        assert poi.source


@pytest.mark.parametrize(
    "locale", ["en", "ko", "zh-Hans", "zh-Hant", "fr", "de", "es", "th", "vi", "id"]
)
def test_what_is_said_in_japanese_is_said_in_every_language(locale: str) -> None:
    for record in RECORDS.values():
        texts = decoded(record).texts
        for name, said in vars(texts).items():
            if isinstance(said, dict):
                assert bool(said.get("ja")) == bool(said.get(locale)), (record.poi_id, name)


def test_estimates_are_named_by_column() -> None:
    known = {
        "opening",
        "last_entry",
        "stay",
        "fees",
        "summary",
        "access",
        "payment",
        "kana",
        "score",
        "height",
    }
    for record in RECORDS.values():
        assert set(record.estimated_fields) <= known, record.poi_id
    assert "fees" in RECORDS["kagekiyodo"].estimated_fields
    assert "fees" not in RECORDS["akiyoshido-main"].estimated_fields


def test_who_rents_cycles_and_how_high_a_place_lies_is_what_a_source_says() -> None:
    assert [poi_id for poi_id, each in RECORDS.items() if each.cycle_rental] == ["bus-center"]
    known = {p: r.elevation_m for p, r in RECORDS.items() if r.HasField("elevation_m")}
    assert known == {"ryugoho": 425}
    assert "height" in RECORDS["ryugoho"].estimated_fields


def test_calendars() -> None:
    assert hours("akiyoshido-main", date(2026, 11, 30)) == [(8, 18)]
    assert hours("akiyoshido-main", date(2026, 12, 1)) == [(8, 17)]
    assert hours("michinoeki-ofuku", date(2026, 11, 11)) == []  # second Wednesday
    assert hours("michinoeki-ofuku", date(2026, 8, 12)) == [(8, 18)]
    assert hours("science-museum", date(2026, 11, 24)) == []  # after 勤労感謝の日
    assert hours("naganobori-museum", date(2027, 1, 4)) == []
    assert hours("naganobori-museum", date(2027, 1, 5)) == [(9, 17)]
    assert hours("art-village", date(2027, 1, 4)) == [(9, 17)]
    assert hours("karst-road", date(2026, 2, 11)) == [(0, 8), (15, 24)]
    assert hours("event-yamayaki", date(2026, 2, 11)) == [(9, 13)]
    assert hours("event-yamayaki", date(2026, 2, 12)) == []
    assert hours("suijin-park", date(2026, 9, 30)) == [(10, 16)]
    assert hours("suijin-park", date(2026, 10, 1)) == []
    assert hours("fossil-dig", date(2026, 11, 21)) == [(9, 17)]
    assert hours("fossil-dig", date(2026, 11, 14)) == []


def test_paths_are_known_where_a_source_speaks_of_them() -> None:
    paths = {poi_id: decoded(record).paths for poi_id, record in RECORDS.items()}
    known = {poi_id for poi_id, each in paths.items() if each != Paths()}
    assert len(known) == 11
    assert all(RECORDS[poi_id].texts.access_note["ja"] for poi_id in known)
    assert paths["taishodo"] == Paths(Wheelchair.NO, Steps.MANY)
    assert paths["kagekiyodo"].wheelchair is Wheelchair.YES
    assert paths["ryugoho"].slope is Slope.STEEP


def test_a_broken_file_names_row_and_column(tmp_path: Path) -> None:
    text = (MINE / "pois.csv").read_text(encoding="utf-8")
    broken = tmp_path / "pois.csv"
    broken.write_text(text.replace(",cave,cave;science,open,", ",grotto,cave,open,", 1), "utf-8")
    with pytest.raises(BadFile, match=r"row 2.*grotto"):
        read_pois(broken)


def test_records_survive_the_way_to_the_domain_and_back() -> None:
    for record in RECORDS.values():
        back = record_message(decoded(record))
        if not record.HasField("texts"):
            back.ClearField("texts")
        back.fees.SetInParent()
        record.fees.SetInParent()
        assert back == record
