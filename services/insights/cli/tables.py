"""Figures of days as rows of tables: what the pages of the staff tell, and nothing finer.

Every row is made of a day as ReadDay answers it, where small counts of people are withheld
already: by the same functions that the pages rest on, since it is the same answer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from meguri.insights.v1 import insights_service_pb2 as pb

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """A column of a table. kind: date, time, text, whole or flag. about: unit and meaning."""

    name: str
    kind: str
    about: str
    nullable: bool = False


_DATE = Column("date", "date", "date in the area's time zone")


def _sales(name: str, about: str) -> Column:
    """Returns a column of sales: of too few shops they are not told (decision 0088)."""
    return Column(name, "whole", f"{about}; empty where of too few shops", nullable=True)


_DEMO = Column("demo", "flag", "simulated visitors: nothing of it is a figure of a real place")

DAYS = (
    _DATE,
    Column("guide_views", "whole", "openings of stop pages; not people"),
    Column("guide_views_offline", "whole", "of these, on a phone without signal, told later"),
    Column("guide_views_other_language", "whole", "of these, answered in another language"),
    _sales("sales_kept", "sales less those canceled or refunded in full"),
    _sales("captured", "payments taken"),
    _sales("captured_yen", "yen, tax included"),
    _sales("voided", "payments canceled"),
    _sales("voided_yen", "yen"),
    _sales("refunded", "refunds"),
    _sales("refunded_yen", "yen"),
    _sales("net_yen", "yen: captured less voided and refunded"),
    Column("plans", "whole", "day plans made"),
    Column("plan_persons", "whole", "persons they were made for"),
    Column("entries", "whole", "persons let in at gates with a ticket"),
    Column("entries_from_abroad", "whole", "of those who were asked; empty where withheld", True),  # noqa: FBT003 - nullable
    Column("late_events", "whole", "events that came after the day was over and corrected it"),
    _DEMO,
)
BY_VALUE = (
    _DATE,
    Column("figure", "text", "guide_views, captured, kept (net yen of a shop that lets it be told),"
           " plans or entries"),
    Column("by", "text", "what the figure is split by"),
    Column("value", "text", "a language (BCP 47), stop, tender, shop, gate, sight, reason, or"
           " country (ISO 3166; ZZ: another)"),
    Column("name_ja", "text", "name of the stop or place in Japanese, where it has one", True),  # noqa: FBT003 - nullable
    Column("name_en", "text", "the same in English", True),  # noqa: FBT003 - nullable
    Column("count", "whole", "openings, payments, plans; persons for entries; empty where withheld"
           " and for kept",
           True),  # noqa: FBT003 - nullable
    Column("amount_yen", "whole", "yen, for captured and kept alone", True),  # noqa: FBT003 - nullable
    Column("withheld", "flag", "too few people, or one could be worked out from the others"),
    Column("practice", "flag", "no real money moved"),
    _DEMO,
)  # fmt: skip
HOURS = (
    _DATE,
    Column("hour", "whole", "0 to 23, in the area's time zone"),
    Column("guide_views", "whole", "openings of stop pages"),
    _sales("captured", "payments taken"),
    _sales("captured_yen", "yen, tax included"),
    Column("plans", "whole", "day plans made"),
    _DEMO,
)
ZONE_HOURS = (
    _DATE,
    Column("zone_id", "text", "the zone"),
    Column("start_time", "time", "when the hour begins (UTC)"),
    Column("counts", "text", "devices, or visitors where the sensor was compared with counted"
           " people; devices are not persons and may not be added up"),
    Column("estimate", "whole", "best estimate; empty where withheld", True),  # noqa: FBT003 - nullable
    Column("low", "whole", "lower end of its range", True),  # noqa: FBT003 - nullable
    Column("high", "whole", "upper end of its range", True),  # noqa: FBT003 - nullable
    Column("method", "text", "how it was counted"),
    Column("withheld", "flag", "fewer than k"),
    _DEMO,
)  # fmt: skip
TABLES: Mapping[str, tuple[Column, ...]] = {
    "days": DAYS, "days_by_value": BY_VALUE, "hours": HOURS, "zone_hours": ZONE_HOURS,
}  # fmt: skip


def rows_of(day: pb.Day) -> dict[str, list[Row]]:
    """Returns the rows of a day, by table."""
    shared = {"date": date.fromisoformat(day.date), "demo": day.demo}
    found = {
        "days": [_day(day)], "days_by_value": list(_by_value(day)), "hours": list(_hours(day)),
        "zone_hours": list(_zone_hours(day)),
    }  # fmt: skip
    return {name: [{**row, **shared} for row in rows] for name, rows in found.items()}


def _day(day: pb.Day) -> Row:
    visitors = day.visitors
    return {
        "guide_views": day.scans.count,
        "guide_views_offline": day.scans.offline_count,
        "guide_views_other_language": day.scans.other_language_count,
        **_money(day.live_payments),
        "plans": day.plans.count, "plan_persons": day.plans.person_count,
        "entries": visitors.admitted_count,
        "entries_from_abroad": None if visitors.foreign_withheld else visitors.foreign_count,
        "late_events": day.late_count,
    }  # fmt: skip


def _money(book: pb.Payments) -> Row:
    every = book.reach in {pb.SALES_REACH_UNSPECIFIED, pb.SALES_REACH_ALL}
    found = {
        "captured": book.captured_count, "captured_yen": book.captured_yen,
        "voided": book.voided_count, "voided_yen": book.voided_yen,
        "refunded": book.refunded_count, "refunded_yen": book.refunded_yen,
    }  # fmt: skip
    kept = {"sales_kept": book.kept_count, "net_yen": book.net_yen}
    total = every or book.reach == pb.SALES_REACH_TOTAL
    return {
        **{name: value if every else None for name, value in found.items()},
        **{name: value if total else None for name, value in kept.items()},
    }


def _by_value(day: pb.Day) -> Iterator[Row]:
    scans, plans, visitors = day.scans, day.plans, day.visitors
    live, practice = day.live_payments, day.practice_payments
    for figure, by, breakdown in (
        ("guide_views", "language_asked", scans.by_locale_asked),
        ("guide_views", "language_served", scans.by_locale_served),
        ("guide_views", "language_missed", scans.by_locale_missed),
        ("guide_views", "stop", scans.by_stop),
        ("captured", "tender", live.by_tender), ("captured", "shop", live.by_shop),
        ("plans", "sight", plans.by_chosen), ("plans", "left_out_reason", plans.by_left_out_reason),
        ("entries", "gate", visitors.by_gate), ("entries", "origin", visitors.by_origin),
    ):  # fmt: skip
        yield from _cells(figure, by, breakdown)
    yield from _alone(live)
    for by, breakdown in (("tender", practice.by_tender), ("shop", practice.by_shop)):
        yield from _cells("captured", by, breakdown, practice=True)


def _alone(book: pb.Payments) -> Iterator[Row]:
    for shop in book.shop_takings:
        yield {
            "figure": "kept", "by": "shop", "value": shop.shop_place_id,
            "name_ja": shop.names.get("ja"), "name_en": shop.names.get("en"), "count": None,
            "amount_yen": shop.net_yen, "withheld": False, "practice": False,
        }  # fmt: skip


def _cells(
    figure: str, by: str, breakdown: pb.Breakdown, *, practice: bool = False
) -> Iterator[Row]:
    for cell in breakdown.cells:
        shown = not cell.withheld
        yield {
            "figure": figure, "by": by, "value": cell.value,
            "name_ja": cell.names.get("ja"), "name_en": cell.names.get("en"),
            "count": cell.count if shown else None,
            "amount_yen": cell.amount_yen if shown and figure == "captured" else None,
            "withheld": cell.withheld, "practice": practice,
        }  # fmt: skip


def _hours(day: pb.Day) -> Iterator[Row]:
    for hour in day.hours:
        yield {
            "hour": hour.hour, "guide_views": hour.scan_count, "plans": hour.plan_count,
            "captured": None if hour.sales_withheld else hour.captured_count,
            "captured_yen": None if hour.sales_withheld else hour.captured_yen,
        }  # fmt: skip


def _zone_hours(day: pb.Day) -> Iterator[Row]:
    for zone in day.visitors.zone_hours:
        shown = not zone.withheld
        yield {
            "zone_id": zone.zone_id, "start_time": zone.start_time.ToDatetime(UTC),
            "counts": zone.kind, "method": zone.method, "withheld": zone.withheld,
            **{name: getattr(zone, name) if shown else None
               for name in ("estimate", "low", "high")},
        }  # fmt: skip
