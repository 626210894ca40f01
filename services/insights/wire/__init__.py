"""Figures as messages."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from kit.pure.errors import InvalidFields
from kit.pure.suppression import K
from meguri.insights.v1 import insights_service_pb2 as pb
from services.insights.domain.agreement import DayAgreement
from services.insights.domain.day_sales import Reach
from services.insights.domain.feedback import Feedback, RatedStop
from services.insights.domain.figures import (
    NOTHING,
    Breakdown,
    Day,
    HourTotals,
    Payments,
    Plans,
    Scans,
    SourceState,
    Visitors,
)
from services.insights.domain.ratings import Text
from services.insights.domain.shop_close import ShopClose
from services.insights.domain.span import DayTotals, RangeFigures
from services.insights.domain.unliked import MAX_SINCE, Unliked


def day_message(day: Day) -> pb.Day:
    """Everything about one day."""
    return pb.Day(
        date=day.on.isoformat(),
        time_zone=day.time_zone,
        over=day.over,
        demo=day.demo,
        scans=_scans(day.scans),
        live_payments=_payments(day.live),
        practice_payments=_payments(day.practice),
        visitors=_visitors(day.visitors),
        plans=_plans(day.plans),
        hours=[_hour(each) for each in day.hours],
        sources=[_source(each) for each in day.sources],
        as_of_time=_as_of(day.sources),
        late_count=day.late_count,
    )


def range_message(found: RangeFigures) -> pb.ReadRangeResponse:
    """Totals of each day."""
    return pb.ReadRangeResponse(
        days=[_totals(each) for each in found.days],
        demo=found.demo,
        first_date=found.first_date.isoformat() if found.first_date else "",
        as_of_time=_as_of(found.sources),
    )


def agreement_message(found: DayAgreement) -> pb.DayAgreement:
    """Exact totals of one date."""
    return pb.DayAgreement(
        business_date=found.on.isoformat(),
        live_payments=_payments(found.live),
        practice_payments=_payments(found.practice),
        scan_count=found.scan_count,
        plan_count=found.plan_count,
        totals=[
            pb.OwnerTotal(
                service=each.service,
                measure=each.measure,
                counted=each.counted,
                said=each.said or 0,
                known=each.said is not None,
                agrees=each.agrees,
                withheld=each.hidden,
            )
            for each in found.totals
        ],
        closes=[_shop_close(each) for each in found.closes],
    )


def _shop_close(shop: ShopClose) -> pb.ShopClose:
    return pb.ShopClose(
        shop_place_id=shop.shop_place_id,
        names=shop.names,
        close_number=shop.close.number if shop.close else 0,
        close_time=_optional(shop.close.close_time if shop.close else None),
        sums=[
            pb.ClosedSum(
                tender=each.tender,
                measure=each.measure,
                counted_yen=each.counted_yen,
                closed_yen=each.closed_yen,
                agrees=each.agrees,
            )
            for each in shop.sums
        ],
        agrees=shop.agrees,
        waiting_yen=shop.waiting_yen,
        withheld=shop.hidden,
    )


def _scans(scans: Scans) -> pb.Scans:
    return pb.Scans(
        count=scans.count,
        offline_count=scans.offline_count,
        other_language_count=scans.other_language_count,
        by_locale_asked=_breakdown(scans.by_locale_asked),
        by_locale_served=_breakdown(scans.by_locale_served),
        by_locale_missed=_breakdown(scans.by_locale_missed),
        by_stop=_breakdown(scans.by_stop),
    )


def _payments(book: Payments) -> pb.Payments:
    if book.told.reach is not Reach.ALL:
        return _narrow_payments(book)
    return pb.Payments(
        reach=pb.SALES_REACH_ALL,
        captured_count=book.captured.count,
        captured_yen=book.captured.amount_yen,
        voided_count=book.voided.count,
        voided_yen=book.voided.amount_yen,
        refunded_count=book.refunded.count,
        refunded_yen=book.refunded.amount_yen,
        net_yen=book.net_yen,
        kept_count=book.kept_count,
        declined_count=book.declined_count,
        unknown_count=book.unknown_count,
        shop_count=len(book.by_shop.cells),
        by_tender=_breakdown(book.by_tender),
        by_shop=_breakdown(book.by_shop),
    )


def _narrow_payments(book: Payments) -> pb.Payments:
    told = book.told
    return pb.Payments(
        reach=_reach(told.reach), net_yen=book.net_yen, kept_count=book.kept_count,
        shop_count=len(told.alone) + told.others,
        shop_takings=[
            pb.ShopTakings(
                shop_place_id=each.shop_place_id, names=each.names, net_yen=each.net_yen
            )
            for each in told.alone
        ],
        other_shop_count=told.others, other_shops_yen=told.others_yen,
    )  # fmt: skip


def _reach(reach: Reach) -> "pb.SalesReach.ValueType":
    return pb.SalesReach.Value(f"SALES_REACH_{reach.name}")


def _visitors(visitors: Visitors) -> pb.Visitors:
    message = pb.Visitors(
        zone_hours=[
            pb.ZoneHour(
                zone_id=each.zone_id,
                names=each.names,
                start_time=timestamp(each.start_time),
                estimate=each.estimate,
                low=each.low,
                high=each.high,
                kind=each.kind,
                method=each.method,
                withheld=each.withheld,
            )
            for each in visitors.zone_hours
        ],
        levels=[
            pb.ZoneLevel(
                zone_id=each.zone_id,
                names=each.names,
                level=each.level,
                as_of_time=timestamp(each.as_of_time),
            )
            for each in visitors.levels
        ],
        zone_count=len({each.zone_id for each in visitors.zone_hours}),
        suppression_k=visitors.suppression_k,
        admitted_count=visitors.admitted_count,
        by_origin=_breakdown(visitors.by_origin),
        foreign_count=visitors.foreign or 0,
        foreign_withheld=visitors.foreign is None,
        by_gate=_breakdown(visitors.by_gate),
    )
    busiest = visitors.busiest
    if busiest is not None:
        message.busiest_estimate = busiest.estimate
        message.busiest_low = busiest.low
        message.busiest_high = busiest.high
        message.busiest_zone_id = busiest.zone_id
        message.busiest_start_time.CopyFrom(timestamp(busiest.start_time))
    return message


def _plans(plans: Plans) -> pb.Plans:
    return pb.Plans(
        count=plans.count,
        person_count=plans.person_count,
        repaired_count=plans.repaired_count,
        by_chosen=_breakdown(plans.by_chosen),
        by_left_out_reason=_breakdown(plans.by_left_out_reason),
    )


def _hour(hour: HourTotals) -> pb.HourTotals:
    return pb.HourTotals(
        hour=hour.hour,
        scan_count=hour.scan_count,
        captured_count=hour.captured.count,
        captured_yen=hour.captured.amount_yen,
        practice_count=hour.practice_count,
        plan_count=hour.plan_count,
        sales_withheld=hour.sales_withheld,
    )


def _totals(day: DayTotals) -> pb.DayTotals:
    # Where only the total is told it stands in no other field.
    captured = day.captured if day.sales is Reach.ALL else NOTHING
    return pb.DayTotals(
        date=day.on.isoformat(),
        scan_count=day.scan_count,
        captured_count=captured.count,
        captured_yen=captured.amount_yen,
        voided_yen=day.voided.amount_yen,
        refunded_yen=day.refunded.amount_yen,
        net_yen=day.net_yen,
        kept_count=day.kept_count,
        plan_count=day.plans.count,
        plan_person_count=day.plans.persons,
        admitted_count=day.admitted_count,
        sales=_reach(day.sales),
    )


def feedback_message(found: Feedback) -> pb.ReadFeedbackResponse:
    """What visitors said in a month."""
    return pb.ReadFeedbackResponse(
        month=found.first.isoformat()[:7],
        over=found.over,
        demo=found.demo,
        rating_count=found.rating_count or 0,
        ratings_withheld=found.rating_count is None,
        reply_count=found.reply_count,
        stops=[_rated_stop(each) for each in found.stops],
        questions=[
            pb.AnsweredQuestion(question_id=question_id, answers=_breakdown(line))
            for question_id, line in found.questions
        ],
        suppression_k=K,
        as_of_time=_as_of(found.sources),
    )


def since_values(given: Iterable[pb.TextSince]) -> Mapping[Text, datetime]:
    """From when on ratings of some texts count. Errors: InvalidFields."""
    found: dict[Text, datetime] = {}
    for at, each in enumerate(given):
        name, text = f"since[{at}]", (each.stop_code, each.locale)
        if at >= MAX_SINCE:
            raise InvalidFields([("since", f"at most {MAX_SINCE}")])
        if text in found:
            raise InvalidFields([(name, "give each text once")])
        if not each.HasField("since_time"):
            raise InvalidFields([(f"{name}.since_time", "is missing")])
        try:
            found[text] = each.since_time.ToDatetime(tzinfo=UTC)
        except (ValueError, OverflowError) as error:
            raise InvalidFields([(f"{name}.since_time", "is no time")]) from error
    return found


def unliked_message(text: Unliked) -> pb.UnlikedText:
    """A text that few like."""
    return pb.UnlikedText(
        stop_code=text.stop_code,
        locale=text.locale,
        liking=pb.Liking.Value(f"LIKING_{text.liking.name}"),
        reasons=text.reasons,
    )


def _rated_stop(stop: RatedStop) -> pb.RatedStop:
    return pb.RatedStop(
        stop_code=stop.stop_code,
        names=stop.names,
        count=stop.count,
        languages=[
            pb.RatedLanguage(
                locale=each.locale,
                count=each.count,
                liking=pb.Liking.Value(f"LIKING_{each.liking.name}"),
                reasons=[pb.Cell(value=reason) for reason in each.reasons],
            )
            for each in stop.languages
        ],
    )


def _breakdown(breakdown: Breakdown) -> pb.Breakdown:
    return pb.Breakdown(
        cells=[
            pb.Cell(
                value=cell.value,
                names=cell.names,
                count=cell.count,
                amount_yen=cell.amount_yen,
                withheld=cell.withheld,
            )
            for cell in breakdown.cells
        ],
        n=breakdown.n,
        suppression_k=breakdown.suppression_k,
        withheld=breakdown.withheld,
    )


def _source(source: SourceState) -> pb.Source:
    return pb.Source(
        service=source.service,
        last_occur_time=_optional(source.last_occur_time),
        last_heard_time=_optional(source.last_heard_time),
        event_count=source.event_count,
        coarse=source.coarse,
    )


def _as_of(sources: Iterable[SourceState]) -> Timestamp | None:
    return _optional(
        max((each.last_heard_time for each in sources if each.last_heard_time), default=None)
    )


def _optional(moment: datetime | None) -> Timestamp | None:
    return None if moment is None else timestamp(moment)


def timestamp(moment: datetime) -> Timestamp:
    """Encodes an aware moment."""
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
