"""Timetables whose confirmation ends soon or is over: on the list, and a task of the day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import grpc

from kit.config import ConfigError
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from meguri.itinerary.v1.timetable_service_pb2_grpc import TimetableServiceStub
from services.edge.clients import DEADLINE_S, stub
from services.edge.parts import day_there
from services.edge.studio.timetables import clock

SOON_DAYS = 14
TASK_DEADLINE_S = 1.0  # the page of the day opens without it
PAGE_SIZE, MOST_PAGES = 1_000, 5


@dataclass(frozen=True)
class Ending:
    """What ends. day: the last date it holds. left: days until then, below 0 afterwards."""

    day: date
    left: int

    @property
    def is_over(self) -> bool:
        """Tells whether the last date is in the past."""
        return self.left < 0


def of(summary: pb.TimetableSummary, today: date) -> Ending | None:
    """Returns what ends within 14 days or has ended; None while there is time, or nothing to end.

    The earlier one of a confirmation's last date and the last date anything runs on.
    """
    if summary.suspended:
        return None
    days = [d for d in (summary.first_until_date, summary.last_date) if clock.is_day(d)]
    if not days:
        return None
    day = date.fromisoformat(min(days))
    left = (day - today).days
    return Ending(day, left) if left <= SOON_DAYS else None


def tasks() -> list[tuple[pb.TimetableSummary, Ending]]:
    """Returns what has to be confirmed again, the most urgent first; none where itinerary does not
    say in time."""
    try:
        found = read(TASK_DEADLINE_S)
    except (grpc.RpcError, ConfigError):
        return []
    return due(found, day_there())


def due(
    summaries: Iterable[pb.TimetableSummary], today: date
) -> list[tuple[pb.TimetableSummary, Ending]]:
    """Returns the timetables that end soon or have ended, the most urgent first."""
    pairs = [(each, ending) for each in summaries if (ending := of(each, today)) is not None]
    return sorted(pairs, key=lambda pair: (pair[1].day, pair[0].timetable_id))


def read(deadline_s: float = DEADLINE_S) -> list[pb.TimetableSummary]:
    """Returns all timetables of the area. Errors: grpc.RpcError."""
    service = stub(TimetableServiceStub, deadline_s=deadline_s)
    found: list[pb.TimetableSummary] = []
    token = ""
    for _page in range(MOST_PAGES):
        asked = pb.ListTimetablesRequest(page_size=PAGE_SIZE, page_token=token)
        answer = service.ListTimetables(asked)
        found += answer.timetables
        token = answer.next_page_token
        if not token:
            break
    return found
