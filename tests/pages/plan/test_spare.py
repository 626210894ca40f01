"""Time that is left between two visits is told where it is."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge.plan import present, spare_time
from services.itinerary.wire.itineraries import itinerary_message
from tests.pages.plan.conftest import PLAN_ID, Planner
from tests.pages.plan.test_bus_pages import buses
from tests.pages.plan.test_pages import page_of
from tests.unit.itinerary.samples import place

SPARE = {
    "en": "42 min to spare", "ja": "余裕 42分", "ko": "여유 42분", "zh_Hans": "空闲42分钟",
    "zh_Hant": "空檔42分鐘", "de": "42 Min. freie Zeit", "es": "42 min de margen",
    "fr": "42 min de battement", "id": "Waktu luang 42 menit", "th": "มีเวลาว่าง 42 นาที",
    "vi": "Còn dư 42 phút",
}  # fmt: skip


def kept(visitor: FlaskClient, planner: Planner) -> pb.Itinerary:
    """Returns a day of two visits or more by car."""
    page_of(visitor)
    found = itinerary_message(planner.kept[PLAN_ID])
    assert len(found.visits) >= 2
    return found


def with_spare(day: pb.Itinerary, minutes: int, pause: int = 0) -> pb.Itinerary:
    """Returns a day whose party leaves its first visit that long after it, and after a break."""
    made = pb.Itinerary()
    made.CopyFrom(day)
    made.visits[0].pause_minutes = pause
    end_s = made.visits[0].end_time.seconds
    made.legs[1].depart_time.seconds = end_s + (pause + minutes) * 60
    return made


def stays(app: Flask, day: pb.Itinerary, locale: str = "en") -> list[str]:
    with app.test_request_context("/plan/x", headers={"Host": "guide.example.jp"}):
        app.preprocess_request()
        with force_locale(locale):
            page = present.build(day, locale)
    return [re.sub(r"\s", " ", stay.spare) for stay in page.stays]


@pytest.mark.parametrize("locale", SPARE)
def test_it_is_told_in_every_language(
    app: Flask, visitor: FlaskClient, planner: Planner, locale: str
) -> None:
    day = with_spare(kept(visitor, planner), 42)
    assert stays(app, day, locale)[0] == SPARE[locale]


def test_it_is_what_is_left_after_visit_and_break(
    app: Flask, visitor: FlaskClient, planner: Planner
) -> None:
    planned = kept(visitor, planner)

    @given(minutes=st.integers(-5, 300), pause=st.sampled_from([0, 40]))
    def holds(minutes: int, pause: int) -> None:
        said = stays(app, with_spare(planned, minutes, pause))[0]
        hours, rest = divmod(max(minutes, 0), 60)
        parts = [f"{hours} h"] * bool(hours) + [f"{rest} min"] * bool(rest)
        told = minutes >= spare_time.LEAST_MINUTES
        assert said == (f"{' '.join(parts)} to spare" if told else "")

    holds()


def test_a_day_by_bus_shows_it_between_the_visit_and_the_bus(
    visitor: FlaskClient, planner: Planner
) -> None:
    planner.known.places["station"] = place("station", -18)  # type: ignore[index]
    planner.buses = buses()
    text = page_of(visitor, mode="bus", start="station", lunch="no")
    lines = re.findall(r'<li class="(plan-stop|timeline__leg plan-spare|plan-ride)[^>]*>', text)
    at = lines.index("timeline__leg plan-spare")
    assert lines[at - 1] == "plan-stop"
    assert lines[at + 1] == "plan-ride"
    before, after = text.rsplit("plan-spare", 1)
    clock = after.split('timeline__time">')[1].split("<")[0]
    assert f"until {clock}<" in before, "it begins where the visit ends"
    assert " to spare</div>" in after


def test_a_visit_without_spare_time_asks_to_be_on_time(
    visitor: FlaskClient, planner: Planner
) -> None:
    page_of(visitor)
    kept = planner.kept[PLAN_ID]
    plan = kept.itinerary.plan
    tight = tuple(replace(visit, slack_minutes=0) for visit in plan.visits)
    day = replace(kept.itinerary, plan=replace(plan, visits=tight))
    planner.kept[PLAN_ID] = replace(kept, itinerary=day)
    text = visitor.get(f"/plan/{PLAN_ID}", headers={"Accept-Language": "en"}).text
    assert text.count("None: be here on time.") == len(tight)
    assert "0 min late" not in text
