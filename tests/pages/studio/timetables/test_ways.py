"""Known walks and taxis: one form, kept all at once."""

import pytest
from werkzeug.datastructures import MultiDict

from meguri.itinerary.v1 import timetable_service_pb2 as pb
from services.edge.studio.timetables import ways
from tests.pages.studio.timetables.conftest import Kept, Studio, form_of

PAGE = "/studio/ways"


@pytest.fixture(autouse=True)
def known(kept: Kept) -> None:
    kept.ways = pb.GetWaysResponse(
        version=4,
        walks=[pb.KnownWalk(from_place_id="bus-center", to_place_id="shop/tea", minutes=8,
                            source="own walk")],
        taxis=[pb.Taxi(names={"ja": "秋吉交通", "en": "Akiyoshi", "ko": "아키요시"},
                       phone="0837-62-0115", first_amount_yen=660, first_m=1_200,
                       step_amount_yen=80, step_m=265, source="2026-11")],
    )  # fmt: skip


def replaced(fields: list[tuple[str, str]], **wanted: str) -> list[tuple[str, str]]:
    """Replaces the first field of each name that is empty."""
    left = {name.replace("_", "-"): value for name, value in wanted.items()}
    return [(n, left.pop(n) if n in left and not v else v) for n, v in fields]


def test_untouched_it_is_kept_as_it_is(studio: Studio, kept: Kept) -> None:
    before = pb.GetWaysResponse()
    before.CopyFrom(kept.ways)
    answer = studio.send(PAGE, [*studio.fields(PAGE), ("action", "save")], 303)
    assert answer.location == f"{PAGE}?done=ways"
    before.version = 5
    assert kept.ways == before


def test_rows_come_and_go(studio: Studio, kept: Kept) -> None:
    fields = replaced(
        studio.fields(PAGE), walk_from="st-shin-yamaguchi", walk_to="bus-center",
        walk_minutes="３０", taxi_name_1_ja="美祢タクシー", taxi_phone_1="0837-52-0001",
    )  # fmt: skip
    studio.send(PAGE, [*fields, ("action", "save")], 303)
    assert [each.minutes for each in kept.ways.walks] == [8, 30]
    assert [each.phone for each in kept.ways.taxis] == ["0837-62-0115", "0837-52-0001"]
    assert kept.ways.taxis[1].first_m == 0
    emptied = [(n, "" if n.startswith(("walk-", "taxi-")) else v) for n, v in studio.fields(PAGE)]
    studio.send(PAGE, [*emptied, ("action", "save")], 303)
    assert (len(kept.ways.walks), len(kept.ways.taxis)) == (0, 0)


def test_what_is_wrong_is_said_beside_its_field(studio: Studio, kept: Kept) -> None:
    fields = replaced(
        studio.fields(PAGE), walk_from="shop/tea", walk_to="bus-center", walk_minutes="soon",
        taxi_name_1_en="Nameless", taxi_first_1="660", taxi_step_m_1="far",
    )  # fmt: skip
    page = studio.send(PAGE, [*fields, ("action", "save")], 422).text
    for id_ in ("walk-from-1", "walk-minutes-1", "taxi-name-1-ja", "taxi-phone-1", "taxi-first-1",
                "taxi-step-m-1"):  # fmt: skip
        assert f'id="{id_}-error"' in page, id_
    assert 'value="soon"' in page
    assert kept.ways.version == 4


def test_a_walk_leads_somewhere_else() -> None:
    typed = ways.Typed([ways.Walk("a", "a", "5"), ways.Walk("a", "", "601")])
    ways.check(typed)
    assert set(typed.wrong) == {"walk-from-0", "walk-from-1", "walk-minutes-1"}


def test_more_rows_keep_what_was_typed(studio: Studio, kept: Kept) -> None:
    fields = replaced(studio.fields(PAGE), walk_minutes="11", walk_from="shop/tea")
    page = studio.send(PAGE, [*fields, ("action", "more")]).text
    assert 'value="11"' in page
    assert kept.ways.version == 4
    assert len([n for n, _ in form_of(page) if n == "walk-from"]) == 4


def test_a_colleagues_change_is_shown_and_not_overwritten(studio: Studio, kept: Kept) -> None:
    fields = replaced(studio.fields(PAGE), walk_minutes="11", walk_from="shop/tea",
                      walk_to="st-shin-yamaguchi")  # fmt: skip
    kept.ways.taxis[0].phone = "0837-99-9999"
    kept.ways.version = 5
    page = studio.send(PAGE, [*fields, ("action", "save")], 409).text
    assert "0837-99-9999" in page
    assert 'value="0837-62-0115"' in page
    assert 'value="11"' in page
    assert kept.ways.taxis[0].phone == "0837-99-9999"
    studio.send(PAGE, [*form_of(page), ("action", "save")], 303)
    assert kept.ways.taxis[0].phone == "0837-62-0115"


def test_a_form_of_nothing_is_nothing() -> None:
    assert ways.read(MultiDict()) == ways.Typed()
