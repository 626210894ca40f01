"""What became of the rides of a kept day, on its page, in its JSON and in every language."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from services.itinerary.app.riding import LiveNow, OperatorMessage
from services.itinerary.domain.changes import noted
from services.itinerary.domain.plan import ChangeCause, Itinerary, RideEffect, RideTrouble
from tests.pages.plan.conftest import MADE, PLAN_ID, Planner
from tests.pages.plan.test_bus_pages import buses, by_bus
from tests.pages.plan.test_pages import ENGLISH
from tests.unit.itinerary.samples import place

LANGUAGES = ("ja", "zh-Hans", "zh-Hant", "ko")  # those the area speaks


@pytest.fixture(autouse=True)
def station(planner: Planner) -> None:
    planner.known.places["station"] = place("station", -18)  # type: ignore[index]
    planner.buses = buses()


def effect(trouble: RideTrouble, minute: int | None = 562, **more: object) -> RideEffect:
    """Something about the bus of 9:10."""
    values: dict[str, object] = {
        "planned_depart_minute": 550, "depart_minute": minute,
        "arrive_minute": minute and minute + 35, "minutes": 12, "holds": True, "live": True,
    }  # fmt: skip
    return RideEffect(
        0, 0, trouble, "out", {"ja": "out線", "en": "out line"}, {"ja": "駅", "en": "Station"},
        {"ja": "洞", "en": "Cave"}, **values | more,  # type: ignore[arg-type]
    )  # fmt: skip


def page(visitor: FlaskClient, language: str = "en") -> str:
    text = visitor.get(f"/plan/{PLAN_ID}", headers={"Accept-Language": language}).text
    return re.sub(r"\s+", " ", text)


SAID = [
    (effect(RideTrouble.LATER), "out line at 9:10 from Station is 12 min late: it leaves at 9:22."),
    (effect(RideTrouble.LATER, live=False),
     "out line from Station leaves at 9:22, later than planned (9:10)."),
    (effect(RideTrouble.EARLIER, 545),
     "out line from Station leaves at 9:05, earlier than planned (9:10)."),
    (effect(RideTrouble.GONE, None, holds=False, live=False),
     "out line at 9:10 from Station no longer runs on this day."),
    (effect(RideTrouble.SUSPENDED, None, holds=False, live=False),
     "out line is suspended: no bus runs."),
    (effect(RideTrouble.SUSPENDED, None, holds=False, live=False, notes={"en": "Snow."}),
     "out line is suspended: no bus runs. Snow."),
    (effect(RideTrouble.CANCELED, None, holds=False),
     "out line at 9:10 from Station is canceled today."),
    (effect(RideTrouble.MISSED, 550, holds=False),
     "You would miss out line at 9:10 from Station by 12 min."),
    (effect(RideTrouble.UNCONFIRMED, 550, live=False),
     "Nobody confirms out line at 9:10 from Station any more. Call before you go."),
]  # fmt: skip


@pytest.mark.parametrize(("what", "sentence"), SAID)
def test_what_became_of_a_ride_is_a_sentence(
    visitor: FlaskClient, planner: Planner, what: RideEffect, sentence: str
) -> None:
    by_bus(visitor)
    planner.ride_effects = (what,)
    assert sentence in page(visitor)
    for language in LANGUAGES:
        text = page(visitor, language)
        assert "%(" not in text
        assert sentence not in text


def test_a_delay_with_which_all_works_is_told_and_moves_nothing(
    visitor: FlaskClient, planner: Planner
) -> None:
    by_bus(visitor)
    planner.ride_effects = (effect(RideTrouble.LATER),)
    text = page(visitor)
    assert "Your bus runs otherwise than planned" in text
    assert "You still reach everything in your day." in text
    assert "Now leaves at 9:22" in text
    assert "data-repair" not in text
    assert "Plan around it" not in text


def test_a_ride_that_is_gone_asks_for_a_repair_and_the_page_sends_it(
    visitor: FlaskClient, planner: Planner
) -> None:
    by_bus(visitor)
    planner.ride_effects = (effect(RideTrouble.GONE, None, holds=False, live=False),)
    text = page(visitor)
    assert "Your day no longer works with the buses as they run" in text
    assert 'role="alert"' in text
    assert text.count("data-repair") == 1
    visitor.post(f"/plan/{PLAN_ID}/repair", data={"request_id": "r" * 20})
    assert "data-repair" not in page(visitor)


def test_whoever_took_a_change_back_is_not_overruled_by_the_next_delay(
    visitor: FlaskClient, planner: Planner
) -> None:
    by_bus(visitor)
    kept = planner.kept[PLAN_ID].itinerary
    undone = noted(kept.plan, kept.plan, ChangeCause.UNDO)
    planner._keep(Itinerary(PLAN_ID, 2, undone, MADE, kept.plan))
    planner.ride_effects = (effect(RideTrouble.CANCELED, None, holds=False),)
    text = page(visitor)
    assert "Plan around it" in text
    assert "data-repair" not in text


def test_a_repair_says_what_the_bus_did_and_can_be_taken_back(
    visitor: FlaskClient, planner: Planner
) -> None:
    by_bus(visitor)
    kept = planner.kept[PLAN_ID].itinerary
    what = effect(RideTrouble.MISSED, 562, holds=False, poi_id=kept.plan.visits[0].poi_id)
    for cause, title in ((ChangeCause.DELAY, "around a late or canceled bus"),
                         (ChangeCause.TIMETABLE, "follows the new timetable")):  # fmt: skip
        after = noted(kept.plan, replace(kept.plan, visits=()), cause, (), (what,))
        planner._keep(Itinerary(PLAN_ID, 2, after, MADE, kept.plan))
        text = page(visitor)
        assert title in text
        assert "You would miss out line at 9:22 from Station by 12 min." in text
        assert "You would be too late for “" in text
        assert "Undo" in text


def test_other_buses_to_the_same_places_are_told_as_such(
    visitor: FlaskClient, planner: Planner
) -> None:
    by_bus(visitor)
    kept = planner.kept[PLAN_ID].itinerary
    what = effect(RideTrouble.CANCELED, None, holds=False)
    after = noted(kept.plan, kept.plan, ChangeCause.DELAY, (), (what,))
    planner._keep(Itinerary(PLAN_ID, 2, after, MADE, kept.plan))
    text = page(visitor)
    assert "Your places and their times stay; only the buses are others." in text
    assert "All places and times are as before." not in text


def test_the_mark_is_another_one_with_each_minute_of_delay(
    visitor: FlaskClient, planner: Planner
) -> None:
    by_bus(visitor)
    marks = []
    for effects in ((), (effect(RideTrouble.LATER),), (effect(RideTrouble.LATER, 563),),
                    (effect(RideTrouble.LATER, 563, holds=False),)):  # fmt: skip
        planner.ride_effects = effects
        marks.append(visitor.get(f"/plan/{PLAN_ID}/now").text)
    assert len(set(marks)) == 4


@pytest.mark.parametrize("event", ["timetable_changed", "ways_changed", "runs_delayed"])
def test_an_open_page_hears_what_becomes_of_buses(
    visitor: FlaskClient, planner: Planner, event: str
) -> None:
    by_bus(visitor)
    wakes = visitor.application.extensions["meguri"].wakes
    answer = visitor.get(f"/plan/{PLAN_ID}/live", buffered=False)
    events = iter(answer.response)
    assert b"data: 1:\n\n" in bytes(next(events))  # type: ignore[arg-type]
    planner.ride_effects = (effect(RideTrouble.LATER),)
    wakes.wake("mine", event)
    assert b"data: 1::;0.0.5." in bytes(next(events))  # type: ignore[arg-type]
    answer.close()


def test_programs_read_what_became_of_rides(visitor: FlaskClient, planner: Planner) -> None:
    by_bus(visitor)
    planner.ride_effects = (effect(RideTrouble.LATER),)
    found = visitor.get(f"/api/v1/itineraries/{PLAN_ID}", headers=ENGLISH).json
    assert found
    [told] = found["ride_effects"]
    assert (told["trouble"], told["minutes"], told["holds"], told["live"]) == (
        "later", 12, True, True,
    )  # fmt: skip
    assert told["planned_depart_time"] == "2026-11-21T09:10:00+09:00"
    assert told["depart_time"] == "2026-11-21T09:22:00+09:00"
    assert found["needs_repair"] is False


def live(minute: int, *, stale: bool = False) -> LiveNow:
    """When the operator last told, at a minute after nine in Tokyo."""
    return LiveNow("out", datetime(2026, 11, 21, 0, minute, tzinfo=UTC), stale)


def test_the_page_says_of_when_delays_are_or_that_they_are_not_known(
    visitor: FlaskClient, planner: Planner
) -> None:
    by_bus(visitor)
    planner.live = (live(5),)
    assert "As the operator told at 9:05." in page(visitor)
    mark = visitor.get(f"/plan/{PLAN_ID}/now").text
    planner.live = (live(5, stale=True),)
    text = page(visitor)
    assert "Delays are not known just now: the operator&#39;s last message is from 9:05." in text
    assert visitor.get(f"/plan/{PLAN_ID}/now").text != mark
    planner.live = (LiveNow("out", None, stale=True),)
    assert "Delays are not known" not in page(visitor)


def test_operators_are_quoted_in_the_language_there_is(
    visitor: FlaskClient, planner: Planner
) -> None:
    by_bus(visitor)
    mark = visitor.get(f"/plan/{PLAN_ID}/now").text
    said = OperatorMessage("out", {"ja": "迂回運行", "en": "Detour"}, {"ja": "工事 <b>"})
    planner.messages = (said, said)
    text = page(visitor)
    assert "What the bus operators say" in text
    assert text.count("<strong>Detour</strong>") == 1
    assert '<span lang="ja">工事 &lt;b&gt;</span>' in text
    assert visitor.get(f"/plan/{PLAN_ID}/now").text != mark
    found = visitor.get(f"/api/v1/itineraries/{PLAN_ID}", headers=ENGLISH).json
    assert found
    assert found["operator_messages"][0]["title"]["name"] == "Detour"
    assert found["operator_messages"][0]["text"]["fallback"] is True
