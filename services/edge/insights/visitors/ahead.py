"""Hours to come as the page shows them: a curve, a table, and how far they were off before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.edge.insights.bands import Band
from services.edge.insights.visitors import drawn
from services.edge.insights.visitors.figures import TOLD, WITHHELD, Slot, moment

DAYS_SHOWN = 3  # hour by hour; beyond, days
PEOPLE, DEVICES = _l("visitors"), _l("devices")


@dataclass(frozen=True)
class Shares:
    """How the last weeks would have been foretold, in percent. tested: hours."""

    error: int
    plain_error: int
    coverage: int
    tested: int


@dataclass(frozen=True)
class Ahead:
    """What is foretold of a zone. why_not: empty where it is foretold."""

    zone_id: str
    name: str
    kind: Any
    made: datetime | None
    why_not: str
    hours: Sequence[Slot] = ()
    band: Band | None = None
    days: Sequence[Slot] = ()
    judged: Shares | None = None


def ahead(
    answer: wire.ReadForecastResponse, names: dict[str, str], zone_id: str, zone: ZoneInfo
) -> list[Ahead]:
    """Returns the zones asked for, those that are foretold first. zone_id: empty for all."""
    found = [
        _ahead(one, names.get(one.zone_id, one.zone_id), zone)
        for one in answer.zones
        if zone_id in ("", one.zone_id)
    ]
    return sorted(found, key=lambda one: bool(one.why_not))


def _ahead(one: wire.ZoneForecast, name: str, zone: ZoneInfo) -> Ahead:
    kind = PEOPLE if one.kind == wire.COUNT_KIND_VISITORS else DEVICES
    made = moment(one.make_time).astimezone(zone) if one.HasField("make_time") else None
    judged = _judged(one.accuracy) if one.HasField("accuracy") else None
    if one.not_yet_reason or not one.hours:
        return Ahead(one.zone_id, name, kind, made, _why_not(one), judged=judged)
    slots = [_slot(each, zone) for each in one.hours]
    dates = sorted({slot.start.date() for slot in slots})
    near = [slot for slot in slots if slot.start.date() in dates[:DAYS_SHOWN]]
    return Ahead(
        one.zone_id, name, kind, made, "", near, drawn.hours_drawn(near), _days(slots), judged
    )


def _judged(found: wire.ForecastAccuracy) -> Shares:
    return Shares(
        round(100 * found.error_share), round(100 * found.plain_error_share),
        round(100 * found.coverage), found.hours,
    )  # fmt: skip


def _slot(each: wire.HourForecast, zone: ZoneInfo) -> Slot:
    start = moment(each.hour_start_time).astimezone(zone)
    if each.withheld:
        return Slot(start, WITHHELD)
    figure = each.figure
    return Slot(start, TOLD, (figure.estimate, figure.low, figure.high))


def _days(slots: Sequence[Slot]) -> list[Slot]:
    """Returns the sums of days from tomorrow on, without an interval: hours of a day err together,
    so that adding their intervals would say too much."""
    first, found = slots[0].start.date(), list[Slot]()
    for on in sorted({slot.start.date() for slot in slots if slot.start.date() != first}):
        mine = [slot for slot in slots if slot.start.date() == on]
        total = sum(slot.figure[0] for slot in mine if slot.figure)
        state = TOLD if total else WITHHELD
        found.append(Slot(mine[0].start, state, (total, total, total) if total else None))
    return found


def _why_not(one: wire.ZoneForecast) -> str:
    if one.not_yet_reason == "NO_BETTER_THAN_LAST_WEEK":
        return str(_("The last weeks would have been foretold no better than by looking at the same"
                     " hour of the week before, so do just that."))  # fmt: skip
    if one.not_yet_reason == "TOO_FEW_HOURS":
        return str(_("Too few hours were told in the last weeks to judge a forecast by."))
    if one.not_yet_reason == "TOO_FEW_DAYS":
        return str(_("%(days)s of the %(needed)s days that are needed have been counted in the same"
                     " way: two weeks to learn from, four to be judged by.",
                     days=one.days, needed=one.days_needed))  # fmt: skip
    return str(_("No hour to come is foretold just now."))
