"""A day for a calendar and for a map, read again by other programs' eyes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import icalendar
import pytest
from flask.testing import FlaskClient

from services.itinerary.domain.place import PointQuality
from services.itinerary.domain.plan import Effect
from tests.pages.plan.conftest import PLAN_ID, Planner
from tests.pages.plan.test_pages import ENGLISH, page_of

ICS, GPX = f"/plan/{PLAN_ID}/day.ics", f"/plan/{PLAN_ID}/day.gpx"
NAMES = {"g": "http://www.topografix.com/GPX/1/1"}


def events(visitor: FlaskClient, language: str = "en") -> list[Any]:
    answer = visitor.get(ICS, headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="meguri-day.ics"'
    assert answer.headers["X-Robots-Tag"] == "noindex"
    lines = answer.data.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)  # RFC 5545, 3.1
    return list(icalendar.Calendar.from_ical(answer.data).walk("VEVENT"))


def test_every_visit_is_an_event_in_the_time_of_the_area(
    visitor: FlaskClient, planner: Planner
) -> None:
    page_of(visitor, interest="nature")
    found = [event for event in events(visitor) if "-lunch@" not in str(event["uid"])]
    visits = planner.kept[PLAN_ID].itinerary.plan.visits
    assert [str(event["summary"])[:3] for event in found] == [
        f"{number}. " for number in range(1, len(visits) + 1)
    ]
    zone = ZoneInfo("Asia/Tokyo")
    for event, visit in zip(found, visits, strict=True):
        begin, end = event["dtstart"].dt, event["dtend"].dt
        assert begin.tzinfo is not None
        midnight = datetime(2026, 11, 21, tzinfo=zone)
        assert begin == midnight + timedelta(minutes=visit.start_minute)
        assert end - begin == timedelta(minutes=visit.end_minute - visit.start_minute)
        assert begin.astimezone(zone).date() == date(2026, 11, 21)
        assert str(event["url"]).endswith(f"/plan/{PLAN_ID}")
        assert str(event["url"]) in str(event["description"])


def test_a_repaired_day_is_a_change_and_not_another_day(visitor: FlaskClient) -> None:
    page_of(visitor)
    first, again = ({str(event["uid"]) for event in events(visitor)} for _ in range(2))
    assert first == again
    assert all(uid.startswith(PLAN_ID) for uid in first)


def test_what_is_closed_or_only_roughly_known_is_said_there_too(
    visitor: FlaskClient, planner: Planner
) -> None:
    page_of(visitor, must="bath", interest="bath")
    planner.effects = (Effect("bath", "c1", "flood", datetime(2026, 11, 21, tzinfo=UTC), None),)
    by_name = {str(event["location"]): event for event in events(visitor)}
    bath = by_name["bath"]
    assert "Closed: High water" in str(bath["description"])
    assert "Known only roughly" in str(bath["description"])
    assert "Phone: +81 8396-2-0332" in str(bath["description"])
    assert "geo" not in bath
    assert any("geo" in event for event in by_name.values())


def test_places_are_numbered_points_on_a_map(visitor: FlaskClient, planner: Planner) -> None:
    page_of(visitor, interest="nature")
    answer = visitor.get(GPX, headers=ENGLISH)
    assert answer.content_type == "application/gpx+xml"
    found = ET.fromstring(answer.data)  # noqa: S314 - our own bytes
    points = found.findall("g:wpt", NAMES)
    visits = planner.kept[PLAN_ID].itinerary.plan.visits
    assert len(points) == len(visits)
    for number, (point, visit) in enumerate(zip(points, visits, strict=True), 1):
        known = planner.known.places[visit.place_id].location
        assert known is not None
        told = float(point.attrib["lat"]), float(point.attrib["lon"])
        assert told == pytest.approx((known.point.latitude, known.point.longitude))
        assert point.findtext("g:name", "", NAMES).startswith(f"{number}. ")
        rough = "Known only roughly" in point.findtext("g:desc", "", NAMES)
        assert rough is (known.quality is not PointQuality.SOURCE)
    assert found.find("g:trk", NAMES) is None  # no way is drawn that nobody knows


@pytest.mark.parametrize("language", ["ja", "zh-Hant", "th", "fr"])
def test_names_of_any_script_survive(visitor: FlaskClient, language: str) -> None:
    page_of(visitor, must="pond")
    names = [str(event["location"]) for event in events(visitor, language)]
    expected = {"zh-Hant": "別府弁天池"}.get(
        language, "Benten Pond" if language != "ja" else "pond"
    )
    assert any(expected in name for name in names), names


@pytest.mark.parametrize("path", [ICS, GPX])
def test_a_day_that_is_not_there_is_not_found(visitor: FlaskClient, path: str) -> None:
    assert visitor.get(path.replace(PLAN_ID, PLAN_ID[::-1])).status_code == 404


def test_the_page_offers_both_and_a_square_code(visitor: FlaskClient) -> None:
    text = page_of(visitor)
    assert f'href="{ICS}" download' in text
    assert f'href="{GPX}" download' in text
    assert "Square code" not in text  # no other phone gets to this machine
    away = visitor.get(
        f"/plan/{PLAN_ID}", base_url="https://guide.example.jp:8443", headers=ENGLISH
    )
    assert 'aria-label="Square code of the address of this day"' in away.text
