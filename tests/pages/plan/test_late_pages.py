"""A party that is late says so with one tap, on the page of a day that is under way."""

from datetime import UTC, datetime

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.itinerary.app.itineraries import Read
from services.itinerary.domain.changes import noted
from services.itinerary.domain.plan import ChangeCause, Itinerary
from services.itinerary.wire.itineraries import itinerary_message
from tests.pages.edge.fakes import Failure
from tests.pages.plan.conftest import MADE, PLAN_ID, Planner
from tests.pages.plan.test_bus_pages import buses, by_bus
from tests.pages.plan.test_pages import ENGLISH, page_of
from tests.unit.itinerary.samples import place

NOON = datetime(2026, 11, 21, 3, tzinfo=UTC)
OVER = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def late(planner: Planner) -> list[pb.ReportLatenessRequest]:
    """What was asked of the planner."""
    asked: list[pb.ReportLatenessRequest] = []

    def answer(request: pb.ReportLatenessRequest) -> pb.ReportLatenessResponse:
        asked.append(request)
        kept = planner.kept[PLAN_ID].itinerary
        if request.expected_version != kept.version:
            raise Failure(grpc.StatusCode.ABORTED, "VERSION_CONFLICT")
        plan = noted(
            kept.plan, kept.plan, ChangeCause.LATE, late_minutes=request.late_minutes
        )  # fmt: skip
        planner._keep(Itinerary(PLAN_ID, kept.version + 1, plan, MADE, kept.plan))
        found = itinerary_message(Read(planner.kept[PLAN_ID].itinerary, ()))
        return pb.ReportLatenessResponse(itinerary=found)

    planner.answers["ReportLateness"] = answer
    return asked


def tap(visitor: FlaskClient, said: str, version: int = 1) -> str:
    form = {"late": said, "version": version, "request_id": "r" * 20}
    answer = visitor.post(f"/plan/{PLAN_ID}/late", data=form, headers=ENGLISH)
    assert answer.status_code == 303, answer.text
    return str(visitor.get(answer.location, headers=ENGLISH).text)


def test_only_the_page_of_a_day_under_way_offers_it(
    visitor: FlaskClient, moment: list[datetime]
) -> None:
    assert "We are late" not in page_of(visitor)
    moment.append(NOON)
    text = visitor.get(f"/plan/{PLAN_ID}", headers=ENGLISH).text
    for choice in ("We are late", "10 min late", "20 min late", "40 min late", "We go on now"):
        assert choice in text
    moment.append(OVER)
    assert "We are late" not in visitor.get(f"/plan/{PLAN_ID}", headers=ENGLISH).text


def test_what_was_tapped_is_asked_and_said_and_can_be_taken_back(
    visitor: FlaskClient, moment: list[datetime], late: list[pb.ReportLatenessRequest]
) -> None:
    page_of(visitor)
    moment.append(NOON)
    text = tap(visitor, "20")
    assert (late[0].late_minutes, late[0].leaving, late[0].expected_version) == (20, False, 1)
    assert "The rest of your day is planned anew" in text
    assert "You said that you are 20 min late." in text
    assert "Undo" in text
    assert "You said that you go on now." in tap(visitor, "now", 2)
    assert (late[1].late_minutes, late[1].leaving) == (0, True)
    assert late[0].request_id != late[1].request_id


def test_it_says_how_one_gets_home(
    visitor: FlaskClient, planner: Planner, moment: list[datetime]
) -> None:
    planner.known.places["station"] = place("station", -18)  # type: ignore[index]
    planner.buses = buses()
    by_bus(visitor)
    moment.append(NOON)
    assert "You go home by back line at 15:00 from akiyoshido-main." in tap(visitor, "10")


@pytest.mark.parametrize("said", ["", "11", "-10", "later"])
def test_what_is_no_choice_is_refused(visitor: FlaskClient, said: str) -> None:
    page_of(visitor)
    assert visitor.post(f"/plan/{PLAN_ID}/late", data={"late": said}).status_code == 400


def test_a_page_that_is_behind_or_too_late_says_so(
    visitor: FlaskClient, planner: Planner, moment: list[datetime]
) -> None:
    page_of(visitor)
    moment.append(NOON)
    assert "This day was changed on another phone meanwhile." in tap(visitor, "10", 7)

    def over(_: object) -> pb.ReportLatenessResponse:
        raise Failure(grpc.StatusCode.FAILED_PRECONDITION, "NOT_UNDER_WAY")

    planner.answers["ReportLateness"] = over
    assert "This day is over." in tap(visitor, "10")


def test_programs_say_it_too(
    visitor: FlaskClient, moment: list[datetime], late: list[pb.ReportLatenessRequest]
) -> None:
    page_of(visitor)
    moment.append(NOON)
    address = f"/api/v1/itineraries/{PLAN_ID}/late"
    key = {**ENGLISH, "Idempotency-Key": "k" * 20}
    found = visitor.post(address, json={"late_minutes": 30, "version": 1}, headers=key).json
    assert found
    assert (found["version"], found["latest_change"]["late_minutes"]) == (2, 30)
    assert (late[0].request_id, late[0].late_minutes) == ("k" * 20, 30)
    visitor.post(address, json={"leaving": True, "version": 2}, headers=ENGLISH)
    assert late[1].leaving
    for body in ({}, {"version": "1"}, {"version": 1, "late_minutes": 1.5},
                 {"version": 1, "late_minutes": True}, {"version": -1}):  # fmt: skip
        assert visitor.post(address, json=body, headers=ENGLISH).status_code == 400
    assert len(late) == 2
