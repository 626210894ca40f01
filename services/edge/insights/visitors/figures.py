"""Released figures of hours and days, each with its interval; what is withheld and what is missing.

Sums are of figures that are told in the same way; their interval goes from the sum of the lower
ends to that of the upper ends: errors of one zone go the same way from hour to hour.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from google.protobuf.timestamp_pb2 import Timestamp

from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.edge.insights.bands import Triple
from services.edge.insights.visitors.period import Period

TOLD, WITHHELD, GAP, COMING, MIXED = "told", "withheld", "gap", "coming", "mixed"
METHODS = {
    wire.COUNT_METHOD_SIGNATURE: "signature",
    wire.COUNT_METHOD_RATE: "rate",
    wire.COUNT_METHOD_CALIBRATED: "calibrated",
}
SETTLED = timedelta(hours=1, minutes=5)  # after its beginning an hour is finished and told


@dataclass(frozen=True)
class Slot:
    """An hour or a day. figure: only where state is told. method: how it was told.

    left_out: hours of a day that are not in its figure, because they are withheld or missing.
    holes: those that are missing and that most other days tell; without them the day looks low.
    """

    start: datetime
    state: str
    figure: Triple | None = None
    method: str = ""
    calibration: int = 0
    epochs: int = 1
    left_out: int = 0
    holes: int = 0

    @property
    def people(self) -> bool:
        """It tells visitors, not devices."""
        return self.method == "calibrated"


def hours_of(answer: wire.ReadVisitorsResponse, period: Period, zone_id: str) -> list[Slot]:
    """Returns each hour of a period. zone_id: empty for the sum over all zones."""
    by_hour: dict[datetime, list[wire.ZoneHourVisitors]] = {}
    for hour in answer.hours:
        if zone_id in ("", hour.zone_id):
            by_hour.setdefault(moment(hour.hour_start_time), []).append(hour)
    totals = {} if zone_id else {moment(one.hour_start_time): one for one in answer.totals}
    slack = 2 * max(0, answer.privacy.rounded_down_to - 1)
    now, found = datetime.now(UTC), list[Slot]()
    for start in period.hours():
        hours = by_hour.get(start.astimezone(UTC), [])
        if zone_id:
            slot = _of_zone(start, hours[0]) if hours else None
        else:
            total = totals.get(start.astimezone(UTC))
            slot = _of_all(start, total, hours, slack) if total else None
        missing = COMING if start + SETTLED > now else GAP
        found.append(slot or Slot(start, missing))
    return found


def days_of(hours: Iterable[Slot]) -> list[Slot]:
    """Returns the days of some hours; each is the sum of its hours that are told."""
    days = [list(each) for _on, each in groupby(hours, key=lambda one: one.start.date())]
    over = sum(any(hour.state != COMING for hour in day) for day in days)
    told = Counter(hour.start.hour for day in days for hour in day if hour.state == TOLD)
    usual = {hour for hour, count in told.items() if 2 * count > over}
    return [_day(day, usual) for day in days]


def weeks_of(days: Iterable[Slot]) -> list[Slot]:
    """Returns the weeks of some days, each the sum of those that are told. holes: days of it that
    are missing, to come, or lack hours themselves."""
    weeks = groupby(days, key=lambda one: one.start.date().isocalendar()[:2])
    return [_week(list(each)) for _week_number, each in weeks]


def total_of(slots: Sequence[Slot]) -> Triple:
    """Returns the sum of figures with its interval."""
    figures = [slot.figure for slot in slots if slot.figure]
    return (
        sum(one[0] for one in figures),
        sum(one[1] for one in figures),
        sum(one[2] for one in figures),
    )


def moment(stamp: Timestamp) -> datetime:
    """Returns a moment in UTC."""
    found: datetime = stamp.ToDatetime(tzinfo=UTC)
    return found


def _of_zone(start: datetime, hour: wire.ZoneHourVisitors) -> Slot:
    figure = (hour.figure.estimate, hour.figure.low, hour.figure.high)
    return Slot(
        start,
        WITHHELD if hour.withheld else TOLD,
        None if hour.withheld else figure,
        METHODS.get(hour.method, ""),
        hour.calibration_version,
        len(hour.key_epochs),
    )


def _of_all(
    start: datetime, total: wire.HourTotal, hours: Sequence[wire.ZoneHourVisitors], slack: int
) -> Slot:
    """The sum over zones. Of what withheld zones add to it nothing is known but its size: its
    lower end is 0, its upper end as far off as that of the least sure zone shown. slack: how much
    rounding, of the withheld ones and of the sum, may have taken away from it."""
    shown = [hour.figure for hour in hours if not hour.withheld]
    methods = {METHODS.get(hour.method, "") for hour in hours}
    epochs = max((len(hour.key_epochs) for hour in hours), default=1)
    if len(methods) > 1 and shown:
        return Slot(start, MIXED, epochs=epochs)
    method = min(methods, default="")
    if total.withheld or not shown:
        return Slot(start, WITHHELD, method=method, epochs=epochs)
    rest = total.estimate - sum(one.estimate for one in shown)
    rest = max(0, rest + slack) if len(shown) < len(hours) else 0
    spread = max(one.high / max(one.estimate, 1) for one in shown)
    # The sum is told in tens, so that it may lie below what its zones say at least.
    low = min(sum(one.low for one in shown), total.estimate)
    high = sum(one.high for one in shown) + math.ceil(rest * spread)
    return Slot(start, TOLD, (total.estimate, low, max(high, total.estimate)), method,
                epochs=epochs)  # fmt: skip


def _week(days: Sequence[Slot]) -> Slot:
    holes = sum(day.state in (GAP, COMING) or day.holes > 0 for day in days)
    return _sum(days, sum(day.left_out for day in days), holes)


def _day(hours: Sequence[Slot], usual: Set[int]) -> Slot:
    left_out = sum(hour.state in (WITHHELD, GAP, MIXED) for hour in hours)
    holes = sum(hour.state == GAP and hour.start.hour in usual for hour in hours)
    return _sum(hours, left_out, holes)


def _sum(slots: Sequence[Slot], left_out: int, holes: int) -> Slot:
    start, epochs = slots[0].start, max(slot.epochs for slot in slots)
    told = [slot for slot in slots if slot.state == TOLD]
    ways = {slot.method for slot in told}
    if len(ways) == 1:
        return Slot(
            start, TOLD, total_of(told), ways.pop(), epochs=epochs, left_out=left_out, holes=holes
        )
    states = {slot.state for slot in slots}
    if ways or MIXED in states:
        state = MIXED
    else:
        state = next((one for one in (WITHHELD, GAP) if one in states), COMING)
    return Slot(start, state, epochs=epochs, left_out=left_out)
