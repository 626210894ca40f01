"""Municipal lists as drafts: every row is told, ids stay, what is not said is estimated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.itinerary.domain.poi import Category, Interest, PoiStatus, check_poi
from services.itinerary.gateways.sights_reader import MOST_ROWS, Reply, answer

EVENTS = (
    "イベント名,イベント名_英語,開始日,終了日,開始時間,終了時間,料金(基本),緯度,経度\n"
    "化石まつり,Fossil Festival,2026/11/3,2026/11/5,10:00,16:00,500円,34.2,131.3\n"
    "秋の市,,2026-11-21,,9:00,15:00,無料,,\n"
    "昔の祭り,,いつか,,9:00,15:00,,,\n"
)
CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
CARD = "4111 1111 1111 1111"  # published for tests; no account has it


def read(text: str, encoding: str = "utf-8") -> Reply:
    return answer(text.encode(encoding), "イベント一覧 a.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_occasions_are_open_on_their_dates_alone(encoding: str) -> None:
    found = read(EVENTS, encoding)
    assert (found.is_occasions, found.reason, len(found.rows)) == (True, "", 3)
    festival, market, past = (row.poi for row in found.rows)
    assert festival
    assert market
    assert past
    assert festival.poi_id == "fossil-festival"
    assert festival.opening == "2026 Nov 03-2026 Nov 05 10:00-16:00"
    assert market.opening == "2026 Nov 21 09:00-15:00"
    assert (festival.category, festival.status) == (Category.OCCASION, PoiStatus.ANNUAL)
    assert festival.fees.adult_yen == 500
    assert festival.source == "イベント一覧 a.csv 2"
    assert past.opening == ""
    assert "DATES_UNREADABLE" in {reason for reason, _ in found.rows[2].doubts}
    assert found.rows[0].point is not None
    assert found.rows[1].point is None


def test_what_a_list_does_not_say_is_an_estimate() -> None:
    [castle, thing] = read("名称,開始時間,終了時間\n島原城,9:00,17:00\nなにか,9:00,17:00\n").rows
    assert castle.poi
    assert castle.poi.interests == (Interest.HISTORY,)
    assert set(castle.poi.estimated_fields) == {"category", "stay", "score"}
    assert thing.poi
    assert thing.poi.status is PoiStatus.CHECK_BEFORE_USE
    assert thing.poi.interests == ()
    assert "CATEGORY_UNKNOWN" in {reason for reason, _ in thing.doubts}


def test_no_two_rows_share_an_id() -> None:
    rows = ["石の家,Stone,山1,34.2,131.3", "石の家,Stone,山1,34.3,131.4",
            "石の家,Stone,山1,34.4,131.4", "水場,,山1,34.2,131.3", "水場,,山1,34.4,131.3",
            "滝,Falls,,34.2,131.5"]  # fmt: skip
    found = read("\n".join(["名称,名称_英語,住所,緯度,経度", *rows])).rows
    ids = [row.poi.poi_id for row in found if row.poi]
    assert len(ids) == len(set(ids)) == len(rows)
    again = read("\n".join(["名称,名称_英語,住所,緯度,経度", *rows])).rows
    assert [row.poi.poi_id for row in again if row.poi] == ids


def test_the_same_sight_has_the_same_id_whatever_stands_around_it() -> None:
    alone = read("名称,住所\n石の家,山1\n").rows[0].poi
    moved = read("名称,住所\n別の家,山2\n石の家,山1\n").rows[1].poi
    other = read("名称,住所\n石の家,谷9\n").rows[0].poi
    assert alone
    assert moved
    assert other
    assert alone.poi_id == moved.poi_id != other.poi_id
    twice = read("名称,名称_英語,住所\n池,Pond,山\n沼,Pond,谷\n").rows
    ids = {row.poi.poi_id for row in twice if row.poi}
    assert len(ids) == 2
    assert "pond" in ids


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",山", "NAME_MISSING"), ("池", "CELLS"), ("池,山,谷", "CELLS"),
        (f"池 {CARD},山", "CARD_NUMBER"), (f"{'池' * 201},山", "NAME_TOO_LONG"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_says_why_and_hides_none(row: str, reason: str) -> None:
    first, second = read(f"名称,住所\n{row}\n沼,谷\n").rows
    assert first.poi is None
    assert reason in first.reasons
    assert second.poi is not None
    assert CARD not in repr(first.poi)


def test_more_rows_than_anybody_looks_through_are_refused() -> None:
    many = "名称,住所\n" + "".join(f"池{n},山{n}\n" for n in range(MOST_ROWS + 1))
    assert read(many).reason == "TOO_MANY_ROWS"
    long = "名称,説明\n" + "".join(f"池{n},{'あ' * 600}\n" for n in range(MOST_ROWS))
    assert read(long).reason in ("", "TOO_LARGE")


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    found = answer(content)
    assert found.broke == ""
    assert found.reason or found.rows


@given(
    st.lists(
        st.lists(CELLS, min_size=4, max_size=4), min_size=1, max_size=6,
    )
)  # fmt: skip
def test_every_row_is_told_once_and_every_draft_can_be_kept(cells: list[list[str]]) -> None:
    lines = [[each.replace('"', "").replace("\0", "") for each in row] for row in cells]
    quoted = ['"' + '","'.join(row) + '"' for row in lines]
    found = read("名称,開始時間,終了時間,料金(基本)\n" + "\n".join(quoted) + "\n")
    assert found.broke == ""
    if found.reason:
        return
    numbers = [row.number for row in found.rows]
    assert numbers == sorted(set(numbers))
    for row in found.rows:
        assert (row.poi is None) == bool(row.reasons)
        if row.poi:
            assert check_poi(row.number, row.poi)[0] == []
