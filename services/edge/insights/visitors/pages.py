"""Pages and files of visitors: a period, two periods, CSV, entities for FIWARE."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, make_response, render_template, request

from kit.roles import ANALYSTS, INSIDERS
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.edge.insights.bands import Band
from services.edge.insights.present import local
from services.edge.insights.visitors import (
    ahead,
    curves,
    drawn,
    fiware,
    flaws,
    gadgets,
    levels,
    moves,
    stays,
)
from services.edge.insights.visitors.compare import compare
from services.edge.insights.visitors.figures import (
    GAP,
    MIXED,
    TOLD,
    WITHHELD,
    Slot,
    days_of,
    hours_of,
    total_of,
    weeks_of,
)
from services.edge.insights.visitors.files import visitors_csv
from services.edge.insights.visitors.period import (
    MOST_DAYS,
    WEEK,
    Period,
    around,
    date_of,
    period_of,
    span_of,
)
from services.edge.insights.visitors.period import days_of as days_asked
from services.edge.insights.visitors.reading import (
    Zones,
    read_days,
    read_forecast,
    read_gadgets,
    read_hours,
    read_places,
    read_zones,
)
from services.edge.insights.words import level_word, state_word, way_word
from services.edge.listed import listed
from services.edge.login import requires
from services.edge.parts import area, day_there, locale, may
from services.edge.spreadsheet import as_download

pages = Blueprint("visitors", __name__)


@dataclass(frozen=True)
class Asked:
    """What an address asks for. zone_id: empty for all zones."""

    span: str
    on: date
    period: Period
    zone_id: str
    zones: Zones

    @property
    def query(self) -> str:
        """The address's own question, for links to the files."""
        return f"span={self.span}&on={self.on.isoformat()}&zone={self.zone_id}"


@pages.get("/insights/visitors")
@requires(*ANALYSTS)
def show_visitors() -> Response:
    """A day, week, month or year of one zone or of all: curves, levels, dwell, ways, accuracy."""
    asked = _asked()
    answer = read_hours(asked.period)
    hours = hours_of(answer, asked.period, asked.zone_id)
    days, draw = _summed(asked.span, hours)
    told = [hour for hour in hours if hour.state == TOLD]
    torn = [hour for hour in hours if hour.epochs > 1]
    before, after = around(asked.period)
    return _page(
        "insights/visitors.html",
        asked=asked, hours=hours, days=days, today=day_there(), before=before, after=after,
        hours_band=drawn.hours_drawn(hours) if asked.span in ("day", "week") else None,
        days_band=draw(days) if asked.span != "day" else None,
        slot_name=drawn.week_name if asked.span == "year" else drawn.day_name,
        total=total_of(told), total_of=total_of, told_count=len(told),
        ways=sorted({hour.method for hour in told}),
        withheld_count=sum(hour.state == WITHHELD for hour in hours),
        gap_count=sum(hour.state == GAP for hour in hours),
        mixed_count=sum(hour.state == MIXED for hour in hours),
        each_zone=[] if asked.zone_id else _each_zone(asked, answer),
        torn=torn,
        torn_words=listed((drawn.hour_name(each) for each in torn[:6]), locale()),
        privacy=answer.privacy, calibrations=_calibrations(answer, asked),
        flawed=flaws.runs(
            answer.flawed_hours, asked.zones.names, asked.zone_id, ZoneInfo(area().time_zone)
        ),
        levels=levels.levels(asked.zones.found, area().time_zone),
        plan=levels.plan(asked.zones.found, read_places()),
        ahead=ahead.ahead(
            read_forecast(), asked.zones.names, asked.zone_id, ZoneInfo(area().time_zone)
        ),
        gadgets=gadgets.told_of(
            read_gadgets(asked.period), asked.period, asked.zones.names, asked.zone_id
        ) if asked.span in ("day", "week") else [],
        **_finished(asked),
    )  # fmt: skip


@pages.get("/insights/visitors/compare")
@requires(*ANALYSTS)
def show_comparison() -> Response:
    """Two periods side by side; this week and the last one where nothing is asked for, as many
    days until today and those before where only a number of days is."""
    zones, zone = read_zones(), ZoneInfo(area().time_zone)
    days = days_asked(request.args)
    newest = day_there() - timedelta(days=day_there().weekday() if days == WEEK else days - 1)
    later_from = date_of(request.args, "later") or newest
    earlier_from = date_of(request.args, "earlier") or later_from - timedelta(days=days)
    earlier, later = Period(earlier_from, days, zone), Period(later_from, days, zone)
    zone_id = zones.known(request.args.get("zone", ""))
    first, second = (hours_of(read_hours(one), one, zone_id) for one in (earlier, later))
    return _page(
        "insights/compare.html",
        zones=zones, zone_id=zone_id, earlier=earlier, later=later, most_days=MOST_DAYS,
        found=compare(first, second),
        day_pairs=list(zip(days_of(first), days_of(second), strict=False)),
    )  # fmt: skip


@pages.get("/insights/visitors.csv")
@requires(*ANALYSTS)
def download_visitors() -> Response:
    """The released figures of a period as a table; all zones, so that sums are in it."""
    asked = _asked()
    text = visitors_csv(
        read_hours(asked.period), read_days(asked.period), asked.zones.names, asked.period,
        demo=area().demo,
    )  # fmt: skip
    name = f"meguri-{area().area}-visitors-{asked.period.first}-{asked.period.last}.csv"
    return as_download(text, name)


@pages.get("/api/v1/insights/visitors/presence")
@requires(*ANALYSTS)
def api_presence() -> Response:
    """Hours of a period as TourismPresenceObserved; of a year the month asked for, because a year
    of entities is too much for one answer."""
    asked = _asked(most="month")
    return _entities(
        fiware.presence(
            read_hours(asked.period), _by_id(asked), read_places(), asked.zones.names,
            area().area, asked.period,
        )
    )  # fmt: skip


@pages.get("/api/v1/insights/visitors/dwell")
@requires(*ANALYSTS)
def api_dwell() -> Response:
    """Finished days of a period as TourismDwellTimeObserved."""
    asked = _asked()
    return _entities(
        fiware.dwell(
            read_days(asked.period), _by_id(asked), read_places(), asked.zones.names,
            area().area, asked.period,
        )
    )  # fmt: skip


def _asked(most: str = "year") -> Asked:
    zones, span = read_zones(), span_of(request.args)
    if span == "year":
        span = most
    on = date_of(request.args, "on") or day_there()
    period = period_of(span, on, ZoneInfo(area().time_zone))
    return Asked(span, on, period, zones.known(request.args.get("zone", "")), zones)


def _summed(span: str, hours: list[Slot]) -> tuple[list[Slot], Callable[[Sequence[Slot]], Band]]:
    """Returns hours added up by days, by weeks for a year, and how these are drawn."""
    days = days_of(hours)
    return (weeks_of(days), drawn.weeks_drawn) if span == "year" else (days, drawn.days_drawn)


def _each_zone(
    asked: Asked, answer: wire.ReadVisitorsResponse
) -> list[tuple[str, str, list[Slot], Band]]:
    """The zones that tell anything: id, name, hours of a day or days of a longer time, curve."""
    found = []
    for zone_id, name in asked.zones.names.items():
        hours = hours_of(answer, asked.period, zone_id)
        slots, draw = (
            (hours, drawn.hours_drawn) if asked.span == "day" else _summed(asked.span, hours)
        )
        curve = draw(slots)
        if not curve.empty:
            found.append((zone_id, name, slots, curve))
    return found


def _finished(asked: Asked) -> dict[str, object]:
    """Dwell, ways from zone to zone and zones seen together on the finished day asked for, else on
    the newest one."""
    period = asked.period
    if asked.span == "year":  # days to choose from are those of one month
        on_day = date_of(request.args, "finished") or min(period.last, day_there())
        period = period_of("month", on_day, period.zone)
    found = read_days(period)
    closed = sorted(found.closed_dates)
    wanted = request.args.get("finished", "")
    on = wanted if wanted in closed else (closed[-1] if closed else "")
    names, tens = asked.zones.names, found.privacy.rounded_down_to
    return {
        "closed": closed,
        "finished": on,
        "boxes": stays.boxes([one for one in found.dwell if one.date == on], names),
        "flow": moves.flow([one for one in found.moves if one.date == on], names, tens),
        "curves": curves.curves([one for one in found.dwell if one.date == on], names),
        "different": [
            (names[one.zone_id], one.figure)
            for one in found.devices
            if one.date == on and one.zone_id in names
        ],
        "directed": on in found.directed_dates,
        "ring": stays.ring([one for one in found.pairs if one.date == on], names, tens),
    }


def _calibrations(
    answer: wire.ReadVisitorsResponse, asked: Asked
) -> list[tuple[str, wire.ZoneCalibration, datetime]]:
    """The calibrations of the zones shown: name, calibration, when it was learned."""
    return [
        (asked.zones.names.get(one.zone_id, one.zone_id), one,
         local(one.learn_time, area().time_zone))
        for one in answer.calibrations
        if asked.zone_id in ("", one.zone_id)
    ]  # fmt: skip


def _by_id(asked: Asked) -> dict[str, wire.ZoneOccupancy]:
    return {
        zone.zone_id: zone
        for zone in asked.zones.found
        if asked.zone_id in ("", zone.zone_id)
    }  # fmt: skip


def _page(template: str, **given: object) -> Response:
    response = make_response(
        render_template(
            template, demo_area=area().demo, state_word=state_word, way_word=way_word,
            level_word=level_word, sees_sensors=may(*INSIDERS), hour_name=drawn.hour_name,
            day_name=drawn.day_name, **given,
        )
    )  # fmt: skip
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _entities(found: list[fiware.Entity]) -> Response:
    response = make_response(json.dumps(found, ensure_ascii=False))
    response.content_type = fiware.MEDIA_TYPE
    response.headers["Cache-Control"] = "private, no-cache"
    return response
