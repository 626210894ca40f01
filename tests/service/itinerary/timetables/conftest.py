"""Timetables of an area of one test, asked of the real service."""

from typing import Any

import grpc
import pytest

from kit.auth import Role
from kit.client import Problem, problem_of
from meguri.itinerary.v1 import itinerary_service_pb2 as words
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from meguri.itinerary.v1 import timetable_service_pb2_grpc as pb_grpc
from tests import harness
from tests.service.itinerary.conftest import TIMEOUT_S, area, new_id, service

__all__ = ["area", "service"]


def stop(stop_id: str, **more: Any) -> pb.LineStop:
    return pb.LineStop(**{"stop_id": stop_id, "names": {"ja": f"停 {stop_id}"}} | more)


def run(run_id: str, *minutes: int, **more: Any) -> pb.LineRun:
    days = pb.RunDays(weekdays=[1, 2, 3, 4, 5], holidays=pb.HOLIDAY_RULE_AS_SUNDAY)
    values: dict[str, Any] = {"run_id": run_id, "days": days, "minutes": minutes}
    return pb.LineRun(**values | more)


def line(**more: Any) -> pb.Line:
    """A line of three stops with two runs, unless told otherwise."""
    values: dict[str, Any] = {
        "timetable_id": "cave-line", "names": {"ja": "洞線", "en": "Cave line"},
        "operator": "町営バス", "phone": "0837-62-0000",
        "stops": [stop("hub", place_id="bus-center"), stop("pond"), stop("school")],
        "runs": [run("one", 540, 560, 580), run("two", 700, -1, 735)],
        "fares": [pb.LineFare(from_stop_id="hub", to_stop_id="school", amount_yen=400)],
        "source": "test",
    }  # fmt: skip
    return pb.Line(**values | more)


def said(until: str = "2027-03-31", **more: Any) -> pb.Confirmation:
    values = {"confirmed_by": "佐藤、電話で", "confirmed_date": "2026-11-02", "until_date": until}
    return pb.Confirmation(**values | more)


class Desk:
    """Who keeps timetables, and a visitor who reads them."""

    def __init__(self, it: harness.Running, name: str) -> None:
        self.it, self.area = it, name
        self.staff: Any = pb_grpc.TimetableServiceStub(it.channel(name, Role.EDITOR))
        self.visitor: Any = pb_grpc.TimetableServiceStub(it.channel(name, Role.VISITOR))

    async def save(self, it: pb.Line, version: int = 0, **more: Any) -> pb.TimetableSummary:
        values: dict[str, Any] = {"request_id": new_id(), "line": it, "expected_version": version}
        request = pb.SaveLineRequest(**values | more)
        answer = await self.staff.SaveLine(request, timeout=TIMEOUT_S)
        summary: pb.TimetableSummary = answer.summary
        return summary

    async def read(self, timetable_id: str = "cave-line") -> pb.GetLineResponse:
        request = pb.GetLineRequest(timetable_id=timetable_id)
        answer: pb.GetLineResponse = await self.staff.GetLine(request, timeout=TIMEOUT_S)
        return answer

    async def confirm(self, version: int, *run_ids: str, **more: Any) -> pb.TimetableSummary:
        values: dict[str, Any] = {
            "request_id": new_id(),
            "timetable_id": "cave-line",
            "expected_version": version,
            "run_ids": run_ids,
        }
        request = pb.ConfirmRunsRequest(**values | more)
        answer = await self.staff.ConfirmRuns(request, timeout=TIMEOUT_S)
        summary: pb.TimetableSummary = answer.summary
        return summary

    async def feed(self, archive: bytes, **more: Any) -> pb.ImportFeedResponse:
        values: dict[str, Any] = {
            "request_id": new_id(),
            "timetable_id": "town-bus",
            "archive": archive,
        }
        request = pb.ImportFeedRequest(**values | more)
        answer: pb.ImportFeedResponse = await self.staff.ImportFeed(request, timeout=40)
        return answer

    async def delete(self, timetable_id: str, version: int, **more: Any) -> None:
        values: dict[str, Any] = {
            "request_id": new_id(),
            "timetable_id": timetable_id,
            "expected_version": version,
        }
        request = pb.DeleteTimetableRequest(**values | more)
        await self.staff.DeleteTimetable(request, timeout=TIMEOUT_S)

    async def listed(self, **more: Any) -> dict[str, pb.TimetableSummary]:
        answer = await self.visitor.ListTimetables(
            pb.ListTimetablesRequest(**more), timeout=TIMEOUT_S
        )
        return {each.timetable_id: each for each in answer.timetables}

    async def ways(self, version: int = 0, **more: Any) -> int:
        values: dict[str, Any] = {"request_id": new_id(), "expected_version": version}
        request = pb.SaveWaysRequest(**values | more)
        answer = await self.staff.SaveWays(request, timeout=TIMEOUT_S)
        kept: int = answer.version
        return kept


async def refused(call: Any) -> Problem:
    """Returns what a call was refused with."""
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call
    return problem_of(error.value)


def known_point(quality: int = words.POINT_QUALITY_SOURCE) -> words.KnownPoint:
    return words.KnownPoint(
        point=words.Point(latitude=34.2, longitude=131.3),
        quality=quality,  # type: ignore[arg-type]
    )


@pytest.fixture
def desk(service: harness.Running, area: str) -> Desk:
    return Desk(service, area)
