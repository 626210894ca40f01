"""Figures as CSV, one a line, as spreadsheets in Japanese offices open it (UTF-8 with BOM)."""

from collections.abc import Callable, Iterator

from meguri.insights.v1 import insights_service_pb2 as pb
from services.edge.insights import plain
from services.edge.insights.present import place_name
from services.edge.spreadsheet import Cells, text_of

DAY_HEADINGS = ("date", "source", "figure", "by", "value", "name", "count", "amount_yen",
                "low", "high", "withheld_below", "practice", "demo", "withheld")  # fmt: skip
RANGE_HEADINGS = (
    "date", "scan_count", "kept_count", "captured_count", "captured_yen", "voided_yen",
    "refunded_yen", "net_yen", "plan_count", "plan_person_count", "admitted_count", "demo",
    "sales_withheld",
)  # fmt: skip


def day_csv(day: pb.Day) -> str:
    """Returns all figures of a day; a withheld one has an empty count and its threshold."""
    return text_of(DAY_HEADINGS, _day_lines(day))


def range_csv(found: pb.ReadRangeResponse) -> str:
    """Returns one line per day."""
    names = RANGE_HEADINGS[:-2]

    def line(day: pb.DayTotals) -> list[object]:
        told = plain.told_of(day, day.sales)
        cells: list[object] = [getattr(day, name) if name in told else "" for name in names]
        return [*cells, yes(found.demo), yes(not told.issuperset(names))]

    return text_of(RANGE_HEADINGS, map(line, found.days))


def _day_lines(day: pb.Day) -> Iterator[Cells]:
    def line(
        source: str, figure: str, count: object, amount: object = "", *, by: str = "",
        value: str = "", name: str = "", low: object = "", high: object = "", k: object = "",
        practice: bool = False, withheld: bool = False,
    ) -> Cells:  # fmt: skip
        return (day.date, source, figure, by, value, name, count, amount, low, high, k,
                yes(practice), yes(day.demo), yes(withheld))  # fmt: skip

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
        told = plain.told_of(book, book.reach)
        for figure in ("captured", "voided", "refunded"):
            names = (f"{figure}_count", f"{figure}_yen")
            cells = [getattr(book, name) if name in told else "" for name in names]
            yield line("payments", figure, *cells, practice=practice, withheld=names[0] not in told)
        shown = "declined_count" in told
        yield line(
            "payments", "declined", book.declined_count if shown else "", practice=practice,
            withheld=not shown,
        )  # fmt: skip
        yield from split("payments", "captured", "tender", book.by_tender, practice=practice)
        yield from split("payments", "captured", "shop", book.by_shop, practice=practice)
    yield from _kept(day.live_payments, line)
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
        hidden = hour.sales_withheld
        yield line(
            "payments", "captured", "" if hidden else hour.captured_count,
            "" if hidden else hour.captured_yen, by="hour", value=str(hour.hour), withheld=hidden,
        )  # fmt: skip
    for zone in day.visitors.zone_hours:
        shown = not zone.withheld
        yield line(
            "visitor_sense", zone.kind, zone.estimate if shown else "", by="zone_hour",
            value=f"{zone.zone_id} {zone.start_time.ToJsonString()}",
            name=place_name(zone.names, zone.zone_id), low=zone.low if shown else "",
            high=zone.high if shown else "", k=day.visitors.suppression_k,
        )  # fmt: skip


def _kept(book: pb.Payments, line: Callable[..., Cells]) -> Iterator[Cells]:
    """Yields what is left of the day's sales, and of shops where not all is told."""
    told = "net_yen" in plain.told_of(book, book.reach)
    figures = (book.kept_count, book.net_yen) if told else ("", "")
    yield line("payments", "kept", *figures, withheld=not told)
    for shop in book.shop_takings:
        name = place_name(shop.names, shop.shop_place_id)
        yield line(
            "payments", "kept", "", shop.net_yen, by="shop", value=shop.shop_place_id, name=name
        )
    if book.other_shop_count:
        shown = book.HasField("other_shops_yen")
        yield line(
            "payments", "kept", "", book.other_shops_yen if shown else "", by="other_shops",
            value=str(book.other_shop_count), withheld=not shown,
        )  # fmt: skip


def yes(flag: bool) -> str:  # noqa: FBT001 - a cell of a table
    """Returns a flag as a cell."""
    return "yes" if flag else "no"
