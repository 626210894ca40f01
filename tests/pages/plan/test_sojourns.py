"""Several days: the form, their page, the way from one day to the next, and their calendar."""

import re
from datetime import UTC, date, datetime
from typing import Any

import icalendar
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge.plan import days, empty_day, live, troubles
from services.itinerary.domain.plan import Effect
from tests.pages.plan.conftest import DAY_IDS, MADE, SOJOURN_ID, Planner
from tests.pages.plan.test_pages import ENGLISH, WISHES

PAGE = f"/plan/days/{SOJOURN_ID}"
LANGUAGES = ("ja", "en", "ko", "zh-Hans", "zh-Hant")  # of the area; catalogs are full in all


def page_of(visitor: FlaskClient, language: str = "en", **wishes: Any) -> str:
    entries = {**WISHES, "days": "3", **wishes}
    answer = visitor.post("/plan", data=entries, headers=ENGLISH)
    assert answer.status_code == 303, answer.text
    assert answer.location == PAGE
    return visitor.get(PAGE, headers={"Accept-Language": language}).text


def test_the_form_asks_for_one_day_unless_told_otherwise(visitor: FlaskClient) -> None:
    text = visitor.get("/plan", headers=ENGLISH).text
    assert 'name="days" value="1" checked' in text
    assert text.count('name="days"') == 4
    assert "4 days" in text
    assert ">1 day<" in text
    assert 'name="nights_at"' in text
    assert re.search(r'name="morning" type="time" value="09:00"', text)


def test_one_day_is_planned_as_before(visitor: FlaskClient, planner: Planner) -> None:
    answer = visitor.post("/plan", data={**WISHES, "days": "1"}, headers=ENGLISH)
    assert answer.status_code == 303
    assert "days" not in answer.location
    assert planner.asked == []


def test_days_stand_one_below_the_other(visitor: FlaskClient, planner: Planner) -> None:
    text = page_of(visitor, must="museum", nights_at="bath")
    assert "<h1>November 21, 2026 – November 23, 2026</h1>" in text
    assert [f"Day {n} of 3" in text for n in (1, 2, 3)] == [True] * 3
    for day_id in DAY_IDS[:3]:
        assert f'href="/plan/{day_id}"' in text
    visits = [v for day_id in DAY_IDS[:3] for v in planner.kept[day_id].itinerary.plan.visits]
    assert len(visits) == len({visit.poi_id for visit in visits}) > 3
    assert f"<dt>Places</dt><dd>{len(visits)}</dd>" in text
    assert text.count("Night:") == 2
    assert 'name="robots" content="noindex"' in text
    assert "<script>" not in text


def test_a_day_without_a_sight_says_so_and_nobody_sleeps_in_a_cave(
    visitor: FlaskClient, planner: Planner
) -> None:
    for poi_id in ("pond", "bath", "museum", "far"):
        del planner.known.pois[poi_id]  # type: ignore[attr-defined]
    text = page_of(visitor)
    assert text.count("Nothing is left for this day.") == 2
    assert text.count("What else could be visited is on your other days.") == 2
    assert text.count("Rest that day, plan a day less, or choose other dates.") == 2
    # Nobody said where: a party does not sleep in the cave that its last day ends at.
    assert text.count("Night:") == 0
    assert text.count("End:") == 3
    assert "nobody knows" not in text
    hard = page_of(visitor, ease="wheelchair")
    assert hard.count("1 place has steps or slopes, or nobody knows whether it has.") == 3
    assert hard.count("Open the day and put in what you have asked about") == 3


@pytest.mark.parametrize(
    ("mode", "whys", "told"),
    [
        (pb.TRAVEL_MODE_FOOT, [pb.WHY_OUT_TOO_FAR_ON_FOOT] * 3 + [pb.WHY_OUT_NOT_ENOUGH_TIME],
         ["1 place does not fit between your times.",
          "3 places cannot be reached in the way you travel.",
          "Travel by car or by bus that day, or plan a day less."]),
        # Who goes by bus already, or by car, is not told to.
        (pb.TRAVEL_MODE_BUS, [pb.WHY_OUT_NO_BUS, pb.WHY_OUT_HOURS_UNKNOWN],
         ["The opening hours of 1 place are not known.",
          "1 place cannot be reached in the way you travel.",
          "Travel by car that day, or plan a day less."]),
        (pb.TRAVEL_MODE_CAR, [pb.WHY_OUT_NO_POINT],
         ["1 place cannot be reached in the way you travel.",
          "Rest that day, plan a day less, or choose other dates."]),
        (pb.TRAVEL_MODE_CAR, [pb.WHY_OUT_NOT_ENOUGH_TIME] * 2 + [pb.WHY_OUT_CLOSURE],
         ["1 place is closed on this day.", "2 places do not fit between your times.",
          "Begin earlier or end later that day, or plan a day less."]),
        (pb.TRAVEL_MODE_CAR, [pb.WHY_OUT_NOT_A_VISIT],
         ["Rest that day, plan a day less, or choose other dates."]),
    ],
)  # fmt: skip
def test_an_empty_day_says_why_and_what_to_do(
    app: Flask, mode: pb.TravelMode.ValueType, whys: list[pb.WhyOut.ValueType], told: list[str]
) -> None:
    trip = pb.TripRequest(mode=mode)
    it = pb.Itinerary(trip=trip, left_out=[pb.LeftOut(why=why) for why in whys])
    with app.test_request_context("/plan"), force_locale("en"):
        assert empty_day.reasons(it) == told
        it.conflicts.add(kind=pb.CONFLICT_KIND_NO_BUS)
        assert empty_day.reasons(it) == []


def test_the_party_sleeps_where_it_says(visitor: FlaskClient, planner: Planner) -> None:
    page_of(
        visitor, nights_at="bath", end="akiyoshido-kurotani", start_time="13:00", end_time="12:00",
        morning="08:30", evening="19:00",
    )  # fmt: skip
    [asked] = planner.asked
    first, (second, third) = asked.trip, asked.later_days
    assert [day.end.place_id for day in (first, second, third)] == [
        "bath", "bath", "akiyoshido-kurotani",
    ]  # fmt: skip
    assert [day.start.place_id for day in (first, second, third)] == [
        "akiyoshido-main", "bath", "bath",
    ]  # fmt: skip
    assert [(d.start_minute, d.end_minute) for d in (first, second, third)] == [
        (780, 1140), (510, 1140), (510, 720),
    ]  # fmt: skip
    assert [day.visit_date for day in (first, second, third)] == [
        "2026-11-21", "2026-11-22", "2026-11-23",
    ]  # fmt: skip


def test_nights_are_where_the_last_day_ends_by_default(
    visitor: FlaskClient, planner: Planner
) -> None:
    page_of(visitor, days="2", end="bath", lunch="no")
    page_of(visitor, days="2", request_id="form-2-of-this-test")
    to_bath, there_and_back = planner.asked
    assert to_bath.trip.end.place_id == "bath"
    assert to_bath.later_days[0].lunch.none
    assert {each.place_id for each in (
        there_and_back.trip.end, there_and_back.later_days[0].start,
        there_and_back.later_days[0].end,
    )} == {"akiyoshido-main"}  # fmt: skip


def test_two_taps_are_one_sojourn_and_another_number_of_days_is_another(
    visitor: FlaskClient, planner: Planner
) -> None:
    for count in ("2", "2", "3"):
        page_of(visitor, days=count)
    first, again, other = (each.request_id for each in planner.asked)
    assert first == again != other


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("days", "5"),
        ("days", "0"),
        ("days", "two"),
        ("morning", "early"),
        ("morning", "29:59"),
        ("evening", "25 o'clock"),
    ],
)
def test_what_cannot_be_read_is_told_beside_its_field(
    visitor: FlaskClient, planner: Planner, entry: str, value: str
) -> None:
    entries = {**WISHES, "days": "2", entry: value}
    answer = visitor.post("/plan", data=entries, headers=ENGLISH)
    assert answer.status_code == 422
    assert f'id="f-{entry}-error"' in answer.text
    assert planner.asked == []
    again = {**entries, "visit_date": "tomorrow"}
    assert visitor.post("/plan", data=again, headers=ENGLISH).status_code == 422


def test_a_day_says_which_one_it_is_and_what_the_others_have(
    visitor: FlaskClient, planner: Planner
) -> None:
    page_of(visitor)
    texts = [visitor.get(f"/plan/{day_id}", headers=ENGLISH).text for day_id in DAY_IDS[:3]]
    assert "Day 2 of 3" in texts[1]
    for text in texts:
        assert f'href="{PAGE}"' in text
        assert all(f'href="/plan/{day_id}"' in text for day_id in DAY_IDS[:3])
        assert text.count('class="tab" aria-current="page"') == 1
    later = planner.kept[DAY_IDS[2]].itinerary.plan
    assert later.visits
    assert "You see it on another day: Mon, Nov 23." in texts[0]


def test_what_no_day_has_any_more_can_be_put_in(visitor: FlaskClient, planner: Planner) -> None:
    page_of(visitor)
    read = planner.kept[DAY_IDS[0]]
    left = [each for each in read.itinerary.plan.left_out if each.other_date]
    assert left
    answer: Any = planner.answers["GetItinerary"](pb.GetItineraryRequest(itinerary_id=DAY_IDS[0]))
    for each in answer.itinerary.left_out:
        each.other_date = ""
    planner.answers["GetItinerary"] = lambda _request: answer
    text = visitor.get(f"/plan/{DAY_IDS[0]}", headers=ENGLISH).text
    assert "It was for another of your days, and none has it now." in text
    assert f'name="poi_id" value="{left[0].poi_id}"' in text


def test_wishes_can_be_changed_for_all_days_again(visitor: FlaskClient, planner: Planner) -> None:
    page_of(
        visitor, nights_at="bath", morning="08:30", evening="19:00", end_time="12:00",
        must=["museum", "pond"], wish="bath|50|900",
    )  # fmt: skip
    text = visitor.get(f"/plan?from={DAY_IDS[1]}", headers=ENGLISH).text
    assert 'name="days" value="3" checked' in text
    assert 'name="visit_date" type="date" value="2026-11-21"' in text
    assert 'name="end_time" type="time" value="12:00"' in text
    assert 'name="morning" type="time" value="08:30"' in text
    assert 'name="evening" type="time" value="19:00"' in text
    nights = text.split('name="nights_at"')[1].split("</select>")[0]
    assert re.search(r'value="bath"[^>]* selected', nights)
    assert all(f'name="must" value="{each}" checked' in text for each in ("museum", "pond"))
    assert 'name="wish" value="bath|50|900" checked' in text
    del planner.kept[DAY_IDS[0]], planner.kept[DAY_IDS[2]]  # forgotten, they lie further back
    text = visitor.get(f"/plan?from={DAY_IDS[1]}", headers=ENGLISH).text
    assert 'name="visit_date" type="date" value="2026-11-22"' in text
    assert 'name="days" value="1" checked' in text


def test_wishes_of_days_are_one_trip_again() -> None:
    trips = [
        pb.TripRequest(visit_date="2026-11-21", must_poi_ids=["a"], never_poi_ids=["x"],
                       visit_wishes=[pb.VisitWish(poi_id="b", stay_minutes=30)]),
        pb.TripRequest(visit_date="2026-11-22", must_poi_ids=["b"], never_poi_ids=["x", "y"],
                       visit_wishes=[pb.VisitWish(poi_id="b", stay_minutes=30, start_minute=600)],
                       end_minute=700, end=pb.Location(place_id="inn")),
    ]  # fmt: skip
    whole = days.as_one(trips)
    assert (whole.visit_date, whole.end_minute) == ("2026-11-21", 700)
    assert whole.end.place_id == "inn"
    assert list(whole.must_poi_ids) == ["a", "b"]
    assert list(whole.never_poi_ids) == ["x", "y"]
    assert [wish.start_minute for wish in whole.visit_wishes] == [600]


def events_in(content: bytes) -> list[Any]:
    return list(icalendar.Calendar.from_ical(content).walk("VEVENT"))


def test_the_calendar_has_all_days(visitor: FlaskClient, planner: Planner) -> None:
    page_of(visitor)
    answer = visitor.get(f"{PAGE}/days.ics", headers=ENGLISH)
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="meguri-days.ics"'
    assert answer.headers["X-Robots-Tag"] == "noindex"
    events = events_in(answer.data)
    visits = [e for e in events if "-lunch@" not in str(e["uid"])]
    kept = [planner.kept[day_id].itinerary for day_id in DAY_IDS[:3]]
    assert len(visits) == sum(len(each.plan.visits) for each in kept)
    begun = {event["dtstart"].dt.date() for event in visits}
    assert begun == {each.plan.trip.day for each in kept if each.plan.visits}
    assert len({str(event["uid"]) for event in events}) == len(events)
    one = visitor.get(f"/plan/{DAY_IDS[1]}/day.ics", headers=ENGLISH)
    assert {str(e["uid"]) for e in events_in(one.data)} <= {str(e["uid"]) for e in events}
    for event in visits:
        [day] = [d for d in kept if str(event["url"]).endswith(f"/plan/{d.itinerary_id}")]
        assert event["dtstart"].dt.date() == day.plan.trip.day


def test_what_has_closed_and_what_is_impossible_stands_at_its_day(
    visitor: FlaskClient, planner: Planner
) -> None:
    page_of(visitor, must="museum", days="2")  # closed at weekends
    text = visitor.get(PAGE, headers=ENGLISH).text
    assert "Not everything you asked for is possible" in text
    assert "“museum” cannot be visited on any of your days. </strong>Choose other dates." in (
        text.replace("</strong> ", " </strong>")
    )
    assert "Something in this day has changed" not in text
    first = next(each for each in DAY_IDS if planner.kept[each].itinerary.plan.visits)
    poi_id = planner.kept[first].itinerary.plan.visits[0].poi_id
    planner.effects = (Effect(poi_id, "c1", "flood", datetime(2026, 11, 21, tzinfo=UTC), None),)
    text = visitor.get(PAGE, headers=ENGLISH).text
    assert "Something in this day has changed" in text
    assert "High water" in text


@pytest.mark.parametrize(
    ("kind", "why", "then"),
    [
        # Nobody is sent through the calendar for what no date changes.
        (pb.CONFLICT_KIND_ON_NO_DAY, pb.WHY_OUT_HOURS_UNKNOWN, "Its opening hours are not known."),
        (pb.CONFLICT_KIND_ON_NO_DAY, pb.WHY_OUT_CLOSED_THAT_DAY, "Choose other dates."),
        (pb.CONFLICT_KIND_MUST_VISIT_IMPOSSIBLE, pb.WHY_OUT_TOO_FAR_ON_FOOT, "Too far to walk."),
        (pb.CONFLICT_KIND_MUST_VISIT_IMPOSSIBLE, pb.WHY_OUT_HOURS_UNKNOWN,
         "Its opening hours are not known."),
        (pb.CONFLICT_KIND_MUST_VISIT_IMPOSSIBLE, pb.WHY_OUT_CLOSED_THAT_DAY,
         "Closed on this day. Choose another day or other times."),
    ],
)  # fmt: skip
def test_who_wants_the_impossible_is_told_to_try_other_dates_only_where_they_help(
    app: Flask, kind: pb.ConflictKind.ValueType, why: pb.WhyOut.ValueType, then: str
) -> None:
    it = pb.Itinerary(conflicts=[pb.Conflict(kind=kind, why_out=why, poi_ids=["pit"])])
    with app.test_request_context("/plan"), force_locale("en"):
        [told] = troubles.of(it, lambda poi_id: poi_id, "en")
    assert told.then == then


def test_a_budget_says_for_what_it_holds(visitor: FlaskClient) -> None:
    assert "Your budget holds for each day." not in page_of(visitor)
    text = page_of(visitor, budget_yen="4000", request_id="form-3-of-this-test")
    assert "Your budget holds for each day." in text


def test_whoever_has_no_right_address_is_told(visitor: FlaskClient) -> None:
    assert visitor.get("/plan/days/nothing", headers=ENGLISH).status_code == 404
    assert visitor.get("/plan/days/nothing/days.ics", headers=ENGLISH).status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
def test_days_speak_every_language(visitor: FlaskClient, language: str) -> None:
    text = page_of(visitor, language, nights_at="bath")
    assert f'<html lang="{language}"' in text
    english = ("Planned together", "Open this day", "Put them into your calendar", "Night:")
    assert not any(each in text for each in english) or language == "en"
    day = visitor.get(f"/plan/{DAY_IDS[0]}", headers={"Accept-Language": language}).text
    assert "You see it on another day" not in day or language == "en"


def test_who_comes_back_at_night_leaves_after_that(visitor: FlaskClient, planner: Planner) -> None:
    entries = {**WISHES, "days": "2", "evening": "05:00", "morning": "04:30"}
    answer = visitor.post("/plan", data=entries, headers=ENGLISH)
    assert answer.status_code == 422
    assert "You leave before you are back." in answer.text
    assert planner.asked == []
    answer = visitor.post("/plan", data={**entries, "morning": "05:00"}, headers=ENGLISH)
    assert answer.status_code == 303


def test_days_after_the_last_date_there_is_are_none(visitor: FlaskClient) -> None:
    entries = {**WISHES, "days": "4", "visit_date": "9999-12-30"}
    answer = visitor.post("/plan", data=entries, headers=ENGLISH)
    assert answer.status_code == 422
    assert 'id="f-visit_date-error"' in answer.text


def test_the_code_for_another_phone_is_of_all_days(visitor: FlaskClient) -> None:
    page_of(visitor)
    answer = visitor.get(PAGE, headers=ENGLISH, base_url="https://guide.example.jp:8443")
    assert 'aria-label="Square code of the address of these days"' in answer.text
    assert "Square code" not in visitor.get(PAGE, headers=ENGLISH).text


def test_dates_follow_one_another_over_the_end_of_a_year() -> None:
    trip = pb.TripRequest(visit_date="2026-12-30", end_minute=1020)
    errors: dict[str, str] = {}
    later = days.read({"days": "4"}, trip, errors)
    assert errors == {}
    assert [date.fromisoformat(day.visit_date) for day in later] == [
        date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 2),
    ]  # fmt: skip


def test_the_page_of_all_days_hears_what_happens_to_one(
    visitor: FlaskClient, planner: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = page_of(visitor)
    mark = visitor.get(f"{PAGE}/now")
    assert f'data-day="{mark.text}" data-live="{PAGE}/live"' in text
    assert mark.headers["Cache-Control"] == "no-store"
    assert mark.text.count("|") == 2
    monkeypatch.setattr(live, "LOOKS_S", (0.0,))
    answer = visitor.get(f"{PAGE}/live", buffered=False)
    events = iter(answer.response)
    assert f"data: {mark.text}\n\n".encode() in bytes(next(events))  # type: ignore[arg-type]
    planner.effects = (Effect("pond", "c1", "flood", MADE, None),)
    visitor.application.extensions["meguri"].wakes.wake("mine", "place_closed")
    assert b"c1" in bytes(next(events))  # type: ignore[arg-type]
    answer.close()
    assert "Something in this day has changed" in visitor.get(PAGE, headers=ENGLISH).text
    assert visitor.get("/plan/days/nothing/live").status_code == 404
    assert visitor.get("/plan/days/nothing/now").status_code == 404
