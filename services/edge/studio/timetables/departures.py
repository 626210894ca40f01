"""What a visitor would be told of a line on one date: departures by stop."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from kit.pure.public_holidays import is_public_holiday
from meguri.itinerary.v1 import itinerary_service_pb2 as base_pb
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from services.edge.studio.timetables import clock
from services.edge.studio.timetables.checked import first_minute

SUNDAY = 7
CONFIRMED, RECORDED, GUESSED = "confirmed", "recorded", "guessed"


@dataclass(frozen=True)
class Departure:
    """A bus at a stop. last: nobody goes on from there. basis: what the time rests on."""

    time: str
    basis: str
    call_ahead: bool
    last: bool


@dataclass(frozen=True)
class AtStop:
    """A stop and its buses of the date, by time."""

    names: dict[str, str]
    departures: list[Departure]


def by_stop(
    line: pb.Line, day: date, is_holiday: Callable[[date], bool] | None = None
) -> list[AtStop]:
    """Returns the departures of a date at every stop; none where the line is suspended."""
    holiday = (is_holiday or is_public_holiday)(day)
    going = [] if line.suspended else [each for each in line.runs if goes(each.days, day, holiday)]
    found = []
    for at, stop in enumerate(line.stops):
        here = sorted(
            ((run.minutes[at], run) for run in going if run.minutes[at] >= 0),
            key=lambda each: each[0],
        )
        found.append(
            AtStop(
                dict(stop.names),
                [
                    Departure(
                        clock.show(minutes), basis_on(run, day), run.call_ahead,
                        all(later < 0 for later in run.minutes[at + 1 :]),
                    )
                    for minutes, run in here
                ],
            )
        )  # fmt: skip
    return found


def goes(days: pb.RunDays, day: date, holiday: bool) -> bool:  # noqa: FBT001 - of that day
    """Tells whether a run begins on a date; extra and left-out dates are stronger than the rest."""
    written = day.isoformat()
    if written in days.added_dates:
        return True
    if written in days.removed_dates:
        return False
    as_sunday = holiday and days.holidays == pb.HOLIDAY_RULE_AS_SUNDAY
    inside = (days.first_date or written) <= written <= (days.last_date or written)
    return inside and (SUNDAY if as_sunday else day.isoweekday()) in days.weekdays


def basis_on(run: pb.LineRun, day: date) -> str:
    """Returns what the times of a run rest on for a date."""
    if run.HasField("confirmation") and day.isoformat() <= run.confirmation.until_date:
        return CONFIRMED
    return RECORDED if run.basis == base_pb.TIME_BASIS_RECORDED else GUESSED


def summary(run: pb.LineRun, stops: list[pb.LineStop], locale: str) -> tuple[str, str]:
    """Returns when and where a run begins and ends: ("8:37–9:22", "A → B")."""
    served = [at for at, minutes in enumerate(run.minutes) if minutes >= 0 and at < len(stops)]
    if not served:
        return "", ""
    names = [dict(stops[at].names) for at in (served[0], served[-1])]
    ends = [name.get(locale) or name.get("ja", "") for name in names]
    last = run.minutes[served[-1]]
    return f"{clock.show(first_minute(run))}–{clock.show(last)}", " → ".join(ends)
