"""Figures as CSV, one a line, as spreadsheets in Japanese offices open it (UTF-8 with BOM)."""

from collections.abc import Iterator

from meguri.insights.v1 import insights_service_pb2 as pb
from services.edge.insights.present import place_name
from services.edge.spreadsheet import Cells, text_of

DAY_HEADINGS = ("date", "source", "figure", "by", "value", "name", "count", "amount_yen",
                "low", "high", "withheld_below", "practice", "demo")  # fmt: skip
RANGE_HEADINGS = (
    "date", "scan_count", "kept_count", "captured_count", "captured_yen", "voided_yen",
    "refunded_yen", "net_yen", "plan_count", "plan_person_count", "admitted_count", "demo",
)  # fmt: skip


def day_csv(day: pb.Day) -> str:
    """Returns all figures of a day; a withheld one has an empty count and its threshold."""
    return text_of(DAY_HEADINGS, _day_lines(day))


def range_csv(found: pb.ReadRangeResponse) -> str:
    """Returns one line per day."""
    names = RANGE_HEADINGS[:-1]
    lines = ([getattr(day, name) for name in names] + [yes(found.demo)] for day in found.days)
    return text_of(RANGE_HEADINGS, lines)


def _day_lines(day: pb.Day) -> Iterator[Cells]:
    def line(
        source: str, figure: str, count: object, amount: object = "", *, by: str = "",
        value: str = "", name: str = "", low: object = "", high: object = "", k: object = "",
        practice: bool = False,
    ) -> Cells:  # fmt: skip
        return (day.date, source, figure, by, value, name, count, amount, low, high, k,
                yes(practice), yes(day.demo))  # fmt: skip

    def split(
        source: str, figure: str, by: str, breakdown: pb.Breakdown, *, practice: bool = False
    ) -> Iterator[Cells]:
        for cell in breakdown.cells:
            yield line(
                source, figure, "" if cell.withheld else cell.count,
                cell.amount_yen if figure == "captured" and not cell.withheld else "",
                by=by, value=cell.value, name=place_name(cell.names, ""),
                k=breakdown.suppression_k or "", practice=practice,
            )  # fmt: skip

    scans, plans = day.scans, day.plans
    yield line("multilingual", "scans", scans.count)
    yield line("multilingual", "scans_offline", scans.offline_count)
    yield line("multilingual", "scans_other_language", scans.other_language_count)
    yield from split("multilingual", "scans", "locale_asked", scans.by_locale_asked)
    yield from split("multilingual", "scans", "locale_served", scans.by_locale_served)
    yield from split("multilingual", "scans", "locale_missed", scans.by_locale_missed)
    yield from split("multilingual", "scans", "stop", scans.by_stop)
    for book, practice in ((day.live_payments, False), (day.practice_payments, True)):
        for figure in ("captured", "voided", "refunded"):
            yield line(
                "payments", figure, getattr(book, f"{figure}_count"),
                getattr(book, f"{figure}_yen"), practice=practice,
            )  # fmt: skip
        yield line("payments", "declined", book.declined_count, practice=practice)
        yield from split("payments", "captured", "tender", book.by_tender, practice=practice)
        yield from split("payments", "captured", "shop", book.by_shop, practice=practice)
    yield line("itinerary", "plans", plans.count)
    yield line("itinerary", "plan_persons", plans.person_count)
    yield from split("itinerary", "plans", "spot", plans.by_chosen)
    yield from split("itinerary", "plans", "left_out_reason", plans.by_left_out_reason)
    visitors = day.visitors
    yield line("payments", "admitted_persons", visitors.admitted_count)
    yield from split("payments", "admitted_persons", "gate", visitors.by_gate)
    yield from split("payments", "admitted_persons", "origin", visitors.by_origin)
    for hour in day.hours:
        yield line("multilingual", "scans", hour.scan_count, by="hour", value=str(hour.hour))
        yield line(
            "payments", "captured", hour.captured_count, hour.captured_yen,
            by="hour", value=str(hour.hour),
        )  # fmt: skip
    for zone in day.visitors.zone_hours:
        shown = not zone.withheld
        yield line(
            "visitor_sense", zone.kind, zone.estimate if shown else "", by="zone_hour",
            value=f"{zone.zone_id} {zone.start_time.ToJsonString()}",
            name=place_name(zone.names, zone.zone_id), low=zone.low if shown else "",
            high=zone.high if shown else "", k=day.visitors.suppression_k,
        )  # fmt: skip


def yes(flag: bool) -> str:  # noqa: FBT001 - a cell of a table
    """Returns a flag as a cell."""
    return "yes" if flag else "no"
