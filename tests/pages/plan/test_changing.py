"""Changing a kept day by taps, taking it back, and hearing of it."""

import re
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.edge.plan import live
from services.itinerary.domain.calendar import instant
from services.itinerary.domain.changes import noted
from services.itinerary.domain.plan import ChangeCause, Effect, Itinerary
from services.itinerary.domain.trip import VisitWish
from tests.pages.plan.conftest import MADE, PLAN_ID, Planner
from tests.pages.plan.test_pages import ENGLISH, page_of
from tests.unit.itinerary.samples import ZONE

VISIT_DAY = date(2026, 11, 21)
CHANGE, UNDO = f"/plan/{PLAN_ID}/change", f"/plan/{PLAN_ID}/undo"


def tap(visitor: FlaskClient, do: str, poi_id: str, version: int = 1, **more: Any) -> str:
    form = {"do": do, "poi_id": poi_id, "version": version, "request_id": "page-1", **more}
    answer = visitor.post(CHANGE, data=form, headers=ENGLISH)
    assert answer.status_code == 303, answer.text
    return visitor.get(answer.location, headers=ENGLISH).text


def wishes(planner: Planner) -> tuple[VisitWish, ...]:
    return planner.kept[PLAN_ID].itinerary.plan.trip.visit_wishes


def test_a_stay_is_changed_and_the_page_says_what_became_of_it(
    visitor: FlaskClient, planner: Planner
) -> None:
    page_of(visitor)
    text = tap(visitor, "stay", "akiyoshido-main", stay="90")
    assert wishes(planner) == (VisitWish("akiyoshido-main", 90),)
    assert "Your day is changed" in text
    assert re.search(r"At another time</dt><dd>[^<]+", text)
    assert 'value="90" data-send="stay"' in text
    assert f'action="{UNDO}"' in text


def test_a_change_is_taken_back(visitor: FlaskClient, planner: Planner) -> None:
    page_of(visitor)
    before = planner.kept[PLAN_ID].itinerary.plan.visits
    assert "Out</dt><dd>Benten Pond" in tap(visitor, "out", "pond")
    answer = visitor.post(UNDO, data={"version": 2, "request_id": "page-2"}, headers=ENGLISH)
    text = visitor.get(answer.location, headers=ENGLISH).text
    assert "Your day is as it was before" in text
    assert "Change it again" in text
    assert planner.kept[PLAN_ID].itinerary.plan.visits == before


def test_a_time_is_fixed_and_let_free(visitor: FlaskClient, planner: Planner) -> None:
    page_of(visitor)
    text = tap(visitor, "fix", "pond", start="14:30")
    assert "It begins at 14:30, as you fixed it." in text
    assert wishes(planner) == (VisitWish("pond", 0, 870),)
    assert "Fix this time" in tap(visitor, "free", "pond", 2)
    assert wishes(planner) == ()


@pytest.mark.parametrize(("start", "minute"), [("00:30", 1470), ("21:30", 1290), ("02:30", 150)])
def test_a_time_after_midnight_is_one_of_the_same_day(
    visitor: FlaskClient, planner: Planner, start: str, minute: int
) -> None:
    page_of(visitor, start_time="20:00", end_time="26:00")
    assert "Benten Pond" in tap(visitor, "fix", "pond", start=start)
    assert wishes(planner) == (VisitWish("pond", 0, minute),)


def test_a_must_is_made_and_let_go_and_what_is_out_comes_in(
    visitor: FlaskClient, planner: Planner
) -> None:
    page_of(visitor)
    assert "It need not stay in" in tap(visitor, "must", "pond")
    assert planner.kept[PLAN_ID].itinerary.plan.trip.must_poi_ids == ("pond",)
    assert "It must stay in" in tap(visitor, "maybe", "pond", 2)
    text = tap(visitor, "out", "pond", 3)
    assert 'aria-label="Put it in: Benten Pond"' in text
    assert "New</dt><dd>Benten Pond" in tap(visitor, "in", "pond", 4)
    trip = planner.kept[PLAN_ID].itinerary.plan.trip
    assert (trip.must_poi_ids, trip.never_poi_ids) == (("pond",), ())


@pytest.mark.parametrize(
    ("do", "more", "said"),
    [
        ("stay", {"stay": "4"}, "A stay takes 5 to 600 minutes."),
        ("stay", {"stay": "x"}, "A stay takes 5 to 600 minutes."),
        ("fix", {"start": "25 o'clock"}, "Enter a time such as 09:30."),
        ("must", {"version": "9"}, "changed on another phone"),
        ("must", {"version": "much"}, "changed on another phone"),
    ],
)
def test_what_cannot_be_changed_says_why_and_changes_nothing(
    visitor: FlaskClient, planner: Planner, do: str, more: dict[str, str], said: str
) -> None:
    page_of(visitor)
    text = tap(visitor, do, "pond", **more)  # type: ignore[arg-type]
    assert "Nothing was changed" in text
    assert said in text
    assert planner.kept[PLAN_ID].itinerary.version == 1


def test_a_ninth_must_is_refused(visitor: FlaskClient, planner: Planner) -> None:
    page_of(visitor, must=["akiyoshido-main"])
    itinerary = planner.kept[PLAN_ID].itinerary
    ids = tuple(f"p{number}" for number in range(8))
    object.__setattr__(itinerary.plan.trip, "must_poi_ids", ids)
    assert "At most 8 places can be a must." in tap(visitor, "must", "pond")


def test_what_has_begun_is_changed_no_more(
    visitor: FlaskClient, planner: Planner, moment: list[datetime]
) -> None:
    text = page_of(visitor)
    first, *later = planner.kept[PLAN_ID].itinerary.plan.visits
    assert f'id="change-{first.poi_id}"' in text
    moment.append(instant(VISIT_DAY, first.start_minute, ZONE))
    assert "This visit has begun already." in tap(visitor, "out", first.poi_id)
    text = visitor.get(f"/plan/{PLAN_ID}", headers=ENGLISH).text
    assert f'id="change-{first.poi_id}"' not in text
    assert f'id="change-{later[-1].poi_id}"' in text
    assert planner.kept[PLAN_ID].itinerary.version == 1
    tap(visitor, "out", later[-1].poi_id)
    assert planner.kept[PLAN_ID].itinerary.version == 2


def test_a_day_that_is_over_stays_as_it_was(
    visitor: FlaskClient, planner: Planner, moment: list[datetime]
) -> None:
    page_of(visitor, start_time="12:00", end_time="16:00")
    assert 'value="in"' in visitor.get(f"/plan/{PLAN_ID}", headers=ENGLISH).text
    moment.append(instant(VISIT_DAY, 16 * 60, ZONE))
    for do in ("must", "in"):
        assert "This day is over." in tap(visitor, do, "far")
    text = visitor.get(f"/plan/{PLAN_ID}", headers=ENGLISH).text
    assert 'value="in"' not in text
    assert "Change this visit" not in text
    assert planner.kept[PLAN_ID].itinerary.version == 1


@pytest.mark.parametrize("form", [{}, {"do": "steal", "poi_id": "pond"}, {"do": "out"}])
def test_a_change_that_is_none_is_refused(visitor: FlaskClient, form: dict[str, str]) -> None:
    page_of(visitor)
    assert visitor.post(CHANGE, data={"version": 1, **form}).status_code == 400


def test_a_made_up_reason_in_the_address_is_not_shown(visitor: FlaskClient) -> None:
    page_of(visitor)
    text = visitor.get(f"/plan/{PLAN_ID}?not=%3Cb%3Ehacked", headers=ENGLISH).text
    assert "Nothing was changed" not in text
    assert "<b>hacked" not in text


def test_a_repair_is_explained_with_the_closure(visitor: FlaskClient, planner: Planner) -> None:
    page_of(visitor)
    before = planner.kept[PLAN_ID].itinerary.plan
    gone = before.visits[0]
    closure = Effect(gone.poi_id, "c1", "flood", MADE, None)
    after = noted(before, before.__class__(**{
        **{name: getattr(before, name) for name in before.__dataclass_fields__},
        "visits": before.visits[1:], "legs": before.legs[1:],
    }), ChangeCause.CLOSURE, (closure,))  # fmt: skip
    planner._keep(Itinerary(PLAN_ID, 2, after, MADE, before))
    text = visitor.get(f"/plan/{PLAN_ID}", headers=ENGLISH).text
    assert "Your day was planned around a closure" in text
    assert "High water" in text
    assert f"Out</dt><dd>{gone.names['ja']}" in text
    assert ">Undo<" in text.replace("</svg>", ">")


def test_the_mark_is_another_one_with_each_change_and_closure(
    visitor: FlaskClient, planner: Planner
) -> None:
    page_of(visitor)
    now = f"/plan/{PLAN_ID}/now"
    first = visitor.get(now).text
    assert f'data-day="{first}"' in visitor.get(f"/plan/{PLAN_ID}").text
    planner.effects = (Effect("pond", "c1", "flood", MADE, None),)
    second = visitor.get(now).text
    tap(visitor, "out", "pond")
    assert len({first, second, visitor.get(now).text}) == 3


def test_a_stream_says_the_mark_and_each_new_one(
    visitor: FlaskClient, planner: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    page_of(visitor)
    monkeypatch.setattr(live, "LOOKS_S", (0.0,))
    wakes = visitor.application.extensions["meguri"].wakes
    answer = visitor.get(f"/plan/{PLAN_ID}/live", buffered=False)
    assert answer.mimetype == "text/event-stream"
    events = iter(answer.response)
    assert b"event: mark\ndata: 1:\n\n" in bytes(next(events))  # type: ignore[arg-type]
    planner.effects = (Effect("pond", "c1", "flood", MADE, None),)
    wakes.wake("mine", "place_closed")
    assert b"data: 1:c1\n\n" in bytes(next(events))  # type: ignore[arg-type]
    answer.close()


def test_streams_are_few_and_give_their_place_back(
    visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    page_of(visitor)
    taken = [live.STREAMS.acquire(blocking=False) for _ in range(40)]
    assert taken.count(True) == 32
    try:
        assert visitor.get(f"/plan/{PLAN_ID}/live").status_code == 503
    finally:
        for _ in range(32):
            live.STREAMS.release()
    visitor.get(f"/plan/{PLAN_ID}/live", buffered=False).close()
    assert live.STREAMS.acquire(blocking=False)
    live.STREAMS.release()


def test_a_day_that_is_not_there_has_no_stream(visitor: FlaskClient) -> None:
    assert visitor.get("/plan/01a1fcf5-5288-77e9-aa38-000000000000/live").status_code == 404


@pytest.mark.parametrize(
    ("opening", "told"),
    [
        ("24/7", "1 h 30 min to spare: you begin at 11:30."),
        ("11:00-17:00", "Opens later: 1 h 30 min to wait."),
    ],
)
def test_a_wait_says_what_for(
    visitor: FlaskClient, planner: Planner, opening: str, told: str
) -> None:
    """At what is open already nobody is told that it opens later."""
    planner.known.pois["pond"] = replace(planner.known.pois["pond"], opening=opening)  # type: ignore[index]
    page_of(visitor, must=["akiyoshido-main", "pond"], start_time="09:00", end_time="12:30")
    tap(visitor, "fix", "akiyoshido-main", start="09:00")
    text = tap(visitor, "fix", "pond", version=2, start="11:30", request_id="page-2")
    said = re.findall(r">([^<>]*(?:to wait|you begin at)[^<]*)<", text)
    assert [each.strip() for each in said] == [told]
