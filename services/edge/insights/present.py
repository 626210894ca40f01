"""A day as its page shows it: names in the reader's language, charts, freshness."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from flask_babel import format_date, get_locale
from flask_babel import gettext as _
from google.protobuf.timestamp_pb2 import Timestamp

from meguri.insights.v1 import insights_service_pb2 as pb
from services.edge.insights import charts
from services.edge.insights.words import level_word, reason_word, tender_word
from services.edge.parts import locale as page_locale

ROWS_SHOWN = 10


@dataclass(frozen=True)
class Row:
    """One line of a breakdown. count: None when withheld. length: of its bar, 0 to 100."""

    name: str
    code: str
    count: int | None
    amount_yen: int
    length: float


@dataclass(frozen=True)
class Zone:
    """Counted hours of one zone as a chart and as rows; a withheld hour has estimate None."""

    name: str
    chart: charts.Chart
    rows: tuple[tuple[str, int | None, int, int], ...]
    kind: str


def rows(breakdown: pb.Breakdown, kind: str) -> list[Row]:
    """Returns the lines of a breakdown. kind: locale, tender, reason or place."""
    largest = max((cell.count for cell in breakdown.cells), default=0)
    return [
        Row(
            _name(cell, kind),
            cell.value,
            None if cell.withheld else cell.count,
            cell.amount_yen,
            charts.share(cell.count, largest),
        )
        for cell in breakdown.cells
    ]


def languages(scans: pb.Scans) -> list[tuple[Row | None, Row | None, str]]:
    """Returns one line per language, asked beside served, on one scale."""
    cells = [*scans.by_locale_asked.cells, *scans.by_locale_served.cells]
    largest = max((cell.count for cell in cells), default=0)
    asked = {cell.value: cell for cell in scans.by_locale_asked.cells}
    served = {cell.value: cell for cell in scans.by_locale_served.cells}

    def row(cell: pb.Cell | None) -> Row | None:
        if cell is None:
            return None
        count = None if cell.withheld else cell.count
        return Row("", cell.value, count, 0, charts.share(cell.count, largest))

    order = [*asked, *(value for value in served if value not in asked)]
    return [(row(asked.get(v)), row(served.get(v)), language_name(v)) for v in order]


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}" if whole else ""


def country_name(code: str) -> str:
    """Returns a country's name in the reader's language; ZZ is any other one."""
    if code == "ZZ":
        return str(_("Another country"))
    found = (get_locale() or Locale("en")).territories.get(code)
    return str(found or code)


def language_name(tag: str) -> str:
    """Returns a language's name in the reader's language; "und" is a wish that was not sent,
    "other" one for a language that nothing is read in here."""
    if tag == "und":
        return str(_("No wish sent"))
    if tag == "other":
        return str(_("Other languages"))
    try:
        name: object = Locale.parse(tag, sep="-").get_display_name(get_locale())
    except (UnknownLocaleError, ValueError):
        name = None
    return str(name or tag)


def place_name(names: Mapping[str, str], fallback: str) -> str:
    """Returns a place's name in the reader's language, else in Japanese, else its id."""
    known: Mapping[str, str] = names
    return next((known[tag] for tag in (page_locale(), "ja", "en") if tag in known), fallback)


def shop_word(shop: pb.ShopClose | pb.ShopTakings) -> str:
    """Returns the name of a shop, else its id."""
    return place_name(shop.names, shop.shop_place_id)


def local(stamp: Timestamp, time_zone: str) -> datetime:
    """Returns a moment in the area's time zone."""
    moment: datetime = stamp.ToDatetime(tzinfo=UTC)
    return moment.astimezone(ZoneInfo(time_zone))


def day_view(day: pb.Day) -> dict[str, Any]:
    """Returns what the page of a day is made of."""
    hours = [str(hour.hour) for hour in day.hours]
    sources = {source.service: source for source in day.sources}

    def newest(service: str) -> datetime | None:
        source = sources.get(service)
        if source is None or not source.HasField("last_occur_time"):
            return None
        return local(source.last_occur_time, day.time_zone)

    def chart(values: list[int], unit: str) -> charts.Chart:
        hints = [f"{hour}:00 – {value:,} {unit}" for hour, value in zip(hours, values, strict=True)]
        return charts.columns(values, hours, hints)

    return {
        "day": day,
        "pb": pb,
        "as_of": local(day.as_of_time, day.time_zone) if day.HasField("as_of_time") else None,
        "newest": {service: newest(service) for service in sources},
        # The hour of the newest payment would read as its minute.
        "pay_newest": None if day.sources and sources["payments"].coarse else newest("payments"),
        "scan_chart": chart([hour.scan_count for hour in day.hours], _("scans")),
        "money_chart": chart([hour.captured_yen for hour in day.hours], _("yen")),
        "languages": languages(day.scans),
        "missed": rows(day.scans.by_locale_missed, "locale"),
        "stops": rows(day.scans.by_stop, "place")[:ROWS_SHOWN],
        "tenders": rows(day.live_payments.by_tender, "tender"),
        "shops": rows(day.live_payments.by_shop, "place")[:ROWS_SHOWN],
        "chosen": rows(day.plans.by_chosen, "place")[:ROWS_SHOWN],
        "left_out": rows(day.plans.by_left_out_reason, "reason"),
        "zones": zones(day),
        "origins": rows(day.visitors.by_origin, "country")[:ROWS_SHOWN],
        "gates": rows(day.visitors.by_gate, "place"),
        "foreign_percent": _percent(day.visitors.foreign_count, day.visitors.by_origin.n),
        "levels": [
            (
                place_name(level.names, level.zone_id),
                level_word(level.level),
                level.level,
                local(level.as_of_time, day.time_zone),
            )
            for level in day.visitors.levels
        ],
        "busiest_name": _busiest_name(day),
        "busiest_start": local(day.visitors.busiest_start_time, day.time_zone),
    }


def zones(day: pb.Day) -> list[Zone]:
    """Returns the counted hours of each zone over the day."""
    by_zone: defaultdict[str, list[pb.ZoneHour]] = defaultdict(list)
    for hour in day.visitors.zone_hours:
        by_zone[hour.zone_id].append(hour)
    return [_zone(zone_id, hours, day.time_zone) for zone_id, hours in sorted(by_zone.items())]


def _zone(zone_id: str, hours: Iterable[pb.ZoneHour], time_zone: str) -> Zone:
    known = {local(hour.start_time, time_zone).hour: hour for hour in hours}
    points: list[tuple[int, int, int] | None] = []
    hints, listed = [], []
    for number in range(24):
        hour = known.get(number)
        hints.append("")
        if hour is None:
            points.append(None)
            continue
        shown = not hour.withheld
        points.append((hour.estimate, hour.low, hour.high) if shown else None)
        hints[-1] = f"{number}:00 – {hour.estimate:,} ({hour.low:,}–{hour.high:,})"
        listed.append((f"{number}:00", hour.estimate if shown else None, hour.low, hour.high))
    first = next(iter(known.values()))
    return Zone(
        place_name(first.names, zone_id),
        charts.whiskers(points, [str(number) for number in range(24)], hints),
        tuple(listed),
        first.kind,
    )


def _busiest_name(day: pb.Day) -> str:
    for hour in day.visitors.zone_hours:
        if hour.zone_id == day.visitors.busiest_zone_id:
            return place_name(hour.names, hour.zone_id)
    return day.visitors.busiest_zone_id


def _name(cell: pb.Cell, kind: str) -> str:
    if kind == "locale":
        return language_name(cell.value)
    if kind == "country":
        return country_name(cell.value)
    if kind == "tender":
        return tender_word(cell.value)
    if kind == "reason":
        return reason_word(cell.value)
    return place_name(cell.names, cell.value)


def long_date(text: str) -> str:
    """Returns YYYY-MM-DD as a date in words."""
    return str(format_date(datetime.fromisoformat(text), "full", rebase=False))
