"""A month of the area and of a shop on the wire."""

from collections.abc import Iterable

from kit.pure.suppression import K
from meguri.insights.v1 import insights_service_pb2 as insights_pb
from meguri.insights.v1 import shop_service_pb2 as pb
from services.insights.app.shop_months import Beside, ShopMonth
from services.insights.domain.area_month import AreaMonth, Told, WeekHours, ZoneMonth
from services.insights.domain.fact import Kind
from services.insights.domain.month_findings import Finding
from services.insights.domain.own_month import OwnMonth


def month_message(found: ShopMonth) -> pb.ReadShopMonthResponse:
    """A month."""
    return pb.ReadShopMonthResponse(
        month=f"{found.first:%Y-%m}", until_date=found.last.isoformat() if found.last else "",
        over=found.over, demo=found.demo, area=_area(found.area, found.begun),
        own=_own(found.own), before=_beside(found.before), year_before=_beside(found.year_before),
        findings=[_finding(each) for each in found.findings], suppression_k=K,
        first_month=f"{found.begins:%Y-%m}" if found.begins else "",
    )  # fmt: skip


def _area(area: AreaMonth, begun: frozenset[Kind]) -> pb.AreaMonth:
    return pb.AreaMonth(
        admitted=_told(area.totals.admitted, Kind.ADMITTED, begun),
        guide_views=_told(area.totals.guide_views, Kind.SCAN, begun),
        plans=_told(area.totals.plans, Kind.PLANNED, begun),
        origins=_cells(area.origins), asked_count=area.asked, languages=_cells(area.languages),
        language_view_count=area.language_views, gate_hours=_week_hours(area.gate_hours),
        guide_hours=_week_hours(area.guide_hours), zones=[_zone(each) for each in area.zones],
    )  # fmt: skip


def _told(told: Told, kind: Kind, begun: frozenset[Kind]) -> pb.ShopMonthFigure | None:
    """What nobody could count yet is not nought."""
    if kind not in begun:
        return None
    return pb.ShopMonthFigure(value=told.value, untold_days=told.untold_days)


def _cells(pairs: Iterable[tuple[str, int]]) -> list[insights_pb.Cell]:
    return [insights_pb.Cell(value=value, count=count) for value, count in pairs]


def _week_hours(hours: WeekHours) -> list[pb.WeekHour]:
    return [
        pb.WeekHour(weekday=weekday, hour=hour, value=count)
        for (weekday, hour), count in hours.items()
    ]


def _zone(zone: ZoneMonth) -> pb.ZoneMonth:
    return pb.ZoneMonth(
        zone_id=zone.zone_id, names=zone.names, kind=zone.kind,
        hours=[
            pb.ZoneHourMean(
                hour=each.hour, estimate=each.estimate, low=each.low, high=each.high,
                hour_count=each.hours,
            )
            for each in zone.hours
        ],
    )  # fmt: skip


def _own(own: OwnMonth) -> pb.OwnMonth:
    return pb.OwnMonth(
        kept_count=own.kept_count, net_yen=own.net_yen,
        days=[
            pb.OwnDay(date=day.on.isoformat(), kept_count=day.kept_count, net_yen=day.net_yen)
            for day in own.days
        ],
        hours=[
            pb.OwnHour(
                weekday=weekday, hour=hour, captured_count=each.count, captured_yen=each.amount_yen
            )
            for (weekday, hour), each in own.hours.items()
        ],
        tenders=[
            pb.OwnTender(tender=tender, captured_count=each.count, captured_yen=each.amount_yen)
            for tender, each in own.tenders
        ],
    )  # fmt: skip


def _beside(beside: Beside | None) -> pb.MonthBeside | None:
    if beside is None:
        return None
    return pb.MonthBeside(
        month=f"{beside.first:%Y-%m}", until_date=beside.last.isoformat(),
        kept_count=beside.own.kept_count if beside.own else None,
        net_yen=beside.own.net_yen if beside.own else None,
        admitted=_told(beside.area.admitted, Kind.ADMITTED, beside.begun),
        guide_views=_told(beside.area.guide_views, Kind.SCAN, beside.begun),
        plans=_told(beside.area.plans, Kind.PLANNED, beside.begun),
    )  # fmt: skip


def _finding(each: Finding) -> pb.MonthFinding:
    return pb.MonthFinding(
        kind=pb.MonthFindingKind.Value(f"MONTH_FINDING_KIND_{each.kind.name}"),
        weekday=each.weekday, hour=each.hour, area_count=each.area_count, own_count=each.own_count,
        own_weekday_count=each.own_weekday_count, at_gates=each.at_gates,
        area_percent=each.area_percent, own_percent=each.own_percent, locale=each.locale,
        share_percent=each.share_percent,
    )  # fmt: skip
