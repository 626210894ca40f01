"""A municipal list: every row is told, chosen ones become drafts, hostile files change nothing."""

import io
from pathlib import Path
from typing import Any

import pytest

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from services.edge.studio.pois import importing
from tests.pages.studio.pois.conftest import PoiStudio

HERE = "/studio/pois/import"
SHARED = Path(__file__).resolve().parents[4].parent / "shared" / "data" / "opendata"
CSV = (
    "名称,名称_英語,開始時間,終了時間,緯度,経度,料金(基本)\n"
    "弁天池,Benten Pond,00:00,00:00,34.25,131.30,無料\n"
    "化石館,Fossil House,9:00,17:00,,,100円\n"
    ",,,,,,\n"
    "石の家,,,,,,\n"
    "弁天池,Benten Pond,00:00,00:00,34.25,131.30,無料\n"
)  # fmt: skip


def send(
    studio: PoiStudio, action: str, content: bytes, status: int = 200, seen: str = "",
    rows: tuple[int, ...] = (), name: str = "list.csv",
) -> Any:  # fmt: skip
    fields = [("form_token", dict(studio.fields(HERE))["form_token"]), ("request_id", "r1"),
              ("action", action), ("seen", seen), *(("row", str(row)) for row in rows)]  # fmt: skip
    return studio.send(HERE, fields, status, file=(io.BytesIO(content), name))


def seen_of(page: str) -> str:
    return page.partition('name="seen" value="')[2].partition('"')[0]


def ticked(page: str) -> list[int]:
    return [number for number in range(1, 40) if f'name="row" value="{number}" checked' in page]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_every_row_is_told_before_anything_is_kept(studio: PoiStudio, encoding: str) -> None:
    page = send(studio, "look", CSV.encode(encoding)).text
    assert "4 rows: 3 can be used, 1 cannot" in page
    assert "stands there twice" in page
    assert "no opening hours" in page
    assert "one of this name is there" in page  # the museum
    assert ticked(page) == [2, 5]
    assert not studio.services.called("AddDrafts")
    assert not studio.services.called("AddPoiPlaces")


def test_the_ticked_rows_become_drafts_with_places(studio: PoiStudio) -> None:
    seen = seen_of(send(studio, "look", CSV.encode()).text)
    answer = send(studio, "take", CSV.encode(), 303, seen, (2, 5))
    assert answer.location == "/studio/pois?state=draft&added=2"
    (places,) = studio.services.called("AddPoiPlaces")
    pond, house = places.places
    assert (pond.place_id, pond.latitude) == ("benten-pond", 34.25)
    assert pond.coordinate_quality == directory_pb.COORDINATE_QUALITY_SOURCE
    assert house.coordinate_quality == directory_pb.COORDINATE_QUALITY_UNSPECIFIED
    (drafts,) = studio.services.called("AddDrafts")
    assert [each.poi_id for each in drafts.records] == [pond.place_id, house.place_id]
    assert drafts.records[0].source == "list.csv 2"
    page = studio.get(answer.location)
    assert "2 drafts were made" in page
    again = send(studio, "look", CSV.encode()).text
    assert "there already; it stays as it is" in again
    assert ticked(again) == []


def test_another_file_is_only_looked_at(studio: PoiStudio) -> None:
    seen = seen_of(send(studio, "look", CSV.encode()).text)
    page = send(studio, "take", CSV.replace("弁天", "別府").encode(), 200, seen, (2,)).text
    assert "another file than the one you looked at" in page
    assert not studio.services.called("AddDrafts")


def test_a_row_that_cannot_be_used_is_not_taken_whatever_is_sent(studio: PoiStudio) -> None:
    seen = seen_of(send(studio, "look", CSV.encode()).text)
    assert 'id="rows-error"' in send(studio, "take", CSV.encode(), 422, seen, (6, 99)).text
    assert 'id="rows-error"' in send(studio, "take", CSV.encode(), 422, seen).text
    assert not studio.services.called("AddDrafts")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\0" * 100, b"PK\x03\x04" + b"x" * 50, b"a,b\n1,2\n", "名称,住所\n".encode(),
    ],
)  # fmt: skip
def test_what_is_no_list_is_told(studio: PoiStudio, content: bytes) -> None:
    page = send(studio, "look", content, 422).text
    assert 'id="f-file-error"' in page


def test_a_list_that_is_too_large_is_told(
    studio: PoiStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MOST_BYTES", 100)
    page = send(studio, "look", CSV.encode(), 413).text
    assert "at most 3 MiB" in page
    assert not studio.services.called("ReadSights")


def test_a_cell_is_shown_as_text(studio: PoiStudio) -> None:
    hostile = "名称,住所\n<script>alert(1)</script>,<img src=x>\n".encode()
    page = send(studio, "look", hostile, name="../../<b>.csv").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("yanai_tourism.csv", 18), ("yanai_tourism_sjis.csv", 18), ("shimabara_tourism.csv", 28),
        ("hachijo_sightseeing.csv", 20),
    ],
)  # fmt: skip
def test_lists_of_real_towns_are_all_accounted_for(studio: PoiStudio, name: str, rows: int) -> None:
    if not SHARED.is_dir():
        pytest.skip("the files lie in ../shared, which is not there")
    content = (SHARED / name).read_bytes()
    page = send(studio, "look", content).text
    assert f"{rows} rows: {rows} can be used, 0 cannot" in page
    answer = send(studio, "take", content, 303, seen_of(page), tuple(ticked(page)))
    assert answer.location == f"/studio/pois?state=draft&added={rows}"
    (drafts,) = studio.services.called("AddDrafts")
    assert len({each.poi_id for each in drafts.records}) == rows
