"""From a searched day back to words: visits, legs, what is left out, what contradicts what."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from services.itinerary.domain.fares import fares_of
from services.itinerary.domain.heights import climb_m
from services.itinerary.domain.job import Job, Outcome
from services.itinerary.domain.meals import HadLunch, meals_of
from services.itinerary.domain.option import Option, Rejection
from services.itinerary.domain.plan import (
    Conflict,
    DayPlan,
    EndPoint,
    InReason,
    LeftOut,
    Leg,
    PlanB,
    PlannedVisit,
    PlanStatus,
)
from services.itinerary.domain.poi import Poi
from services.itinerary.domain.prepare import Catalog, Prepared
from services.itinerary.domain.problem import Order, Problem
from services.itinerary.domain.rides import plan_b, rides_of
from services.itinerary.domain.score import (
    HIGHLIGHT_SCORE,
    SPARE_MINUTES,
    matching_interests,
)
from services.itinerary.domain.timing import DayTimes, LegTimes, VisitTimes
from services.itinerary.domain.travel import travel_minutes, way_m
from services.itinerary.domain.trip import TravelMode
from services.itinerary.domain.why import ConflictKind, WhyIn, WhyOut
from services.itinerary.domain.windows import NOT_THAT_DAY

NO_FARES: Mapping[int, int] = {}
ON_THE_WAY_MINUTES = 10  # a detour up to this is "on the way"


def job_of(
    prepared: Prepared,
    *,
    keep: Sequence[str] = (),
    kept_lunch: str = "",
    not_before: Mapping[str, int] | None = None,
) -> Job | None:
    """Returns the search to be done; None when there is nothing to search.

    keep: POI ids in an order to keep as far as they are still options. kept_lunch: at which of them
    lunch was, "" for none. not_before: begins of kept visits that were put off for a quieter time,
    by POI id.
    """
    if prepared.problem is None:
        return None
    index = {option.poi.poi_id: n for n, option in enumerate(prepared.options)}
    order = tuple(index[poi_id] for poi_id in keep if poi_id in index)
    trip = prepared.trip
    return Job(
        prepared.problem, trip.seed, keep=order, spare_minutes=SPARE_MINUTES[trip.pace],
        bus=prepared.question,
        meals=meals_of(
            [(option.poi, option.candidate) for option in prepared.options], prepared.lunch,
            trip.pace,
        ),
        kept_lunch=index.get(kept_lunch),
        leaning=prepared.leaning,
        not_before=tuple(
            (index[poi_id], minute) for poi_id, minute in sorted((not_before or {}).items())
            if poi_id in index
        ),
    )  # fmt: skip


def build_plan(
    catalog: Catalog,
    prepared: Prepared,
    outcome: Outcome | None,
    ways_yen: Mapping[int, int] = NO_FARES,
    tiring: frozenset[int] = frozenset(),
) -> DayPlan:
    """Returns the plan for people. outcome None: nothing was searched. ways_yen: what it costs to
    get to options, as far as that was found out. tiring: options given up for the walks."""
    times = outcome.times if outcome else None
    order: Order = outcome.solution.order if outcome and times else ()
    visits = _visits(catalog, prepared, order, times, outcome.lunch if outcome else None)
    legs = _legs(catalog, prepared, order, times)
    conflicts = [*prepared.conflicts, *_clashes(prepared, outcome), *_no_bus(prepared, outcome)]
    if prepared.lunch and visits and outcome and outcome.lunch is None:
        missing = outcome.lunch_missing or 0
        conflicts.append(Conflict(ConflictKind.NO_LUNCH, missing_minutes=missing))
    fares = fares_of((ride for leg in legs for ride in leg.rides), prepared.trip.party)
    left_out = _left_out(catalog, prepared, outcome, order, fares.yen, ways_yen, tiring)
    trip = prepared.trip
    return DayPlan(
        trip=trip,
        time_zone=catalog.time_zone,
        status=PlanStatus.CONFLICT if conflicts else PlanStatus.PLANNED,
        start=prepared.start,
        end=prepared.end,
        visits=visits,
        legs=legs,
        left_out=left_out,
        conflicts=tuple(conflicts),
        depart_minute=legs[0].depart_minute if legs else trip.start_minute,
        finish_minute=legs[-1].arrive_minute if legs else trip.start_minute,
        proven_best=bool(outcome and times and outcome.solution.proven_best),
        stopped_early=bool(outcome and outcome.solution.stopped_early),
        plan_b=_plan_b(catalog, prepared, visits, times),
        network=catalog.bus.network.version if catalog.bus else "",
        rental=prepared.rental,
    )


def _visits(
    catalog: Catalog,
    prepared: Prepared,
    order: Order,
    times: DayTimes | None,
    lunch: HadLunch | None,
) -> tuple[PlannedVisit, ...]:
    if times is None:
        return ()
    return tuple(
        _visit(
            catalog, prepared, prepared.options[node], when,
            lunch if lunch and lunch.position == position else None,
        )
        for position, (node, when) in enumerate(zip(order, times.visits, strict=True))
    )  # fmt: skip


def _visit(
    catalog: Catalog, prepared: Prepared, option: Option, when: VisitTimes, lunch: HadLunch | None
) -> PlannedVisit:
    poi, pause = option.poi, lunch.pause if lunch else 0
    reasons = _reasons(catalog, prepared, poi, when.detour_minutes)
    if lunch and not pause:
        reasons = (InReason(WhyIn.LUNCH), *reasons)
    return PlannedVisit(
        poi_id=poi.poi_id,
        place_id=poi.place_id,
        names=option.place.names,
        location=option.location,
        category=poi.category,
        status=poi.status,
        arrive_minute=when.arrive_minute,
        start_minute=when.begin_minute,
        end_minute=when.end_minute - pause,
        slack_minutes=when.latest_minute - when.arrive_minute,
        fee_yen=option.candidate.fee_yen,
        fee_unknown=option.fee_unknown,
        score=option.score,
        reasons=reasons,
        spans=option.access.spans,
        texts=poi.texts,
        phone=poi.phone,
        estimated_fields=poi.estimated_fields,
        crowd=catalog.crowd.note(
            poi.poi_id, when.begin_minute, when.end_minute, option.candidate.windows,
            prepared.trip.party.size,
        ),
        pause_minutes=pause,
        paths=poi.paths,
    )  # fmt: skip


def _reasons(catalog: Catalog, prepared: Prepared, poi: Poi, detour: int) -> tuple[InReason, ...]:
    reasons = []
    if poi.poi_id in prepared.trip.must_ids:
        reasons.append(InReason(WhyIn.MUST_VISIT))
    matches = matching_interests(poi, prepared.trip.interests)
    reasons += [InReason(WhyIn.INTEREST, interest) for interest in matches]
    if poi.score >= HIGHLIGHT_SCORE:
        reasons.append(InReason(WhyIn.HIGHLIGHT))
    if poi.hidden_spot:
        reasons.append(InReason(WhyIn.HIDDEN_SPOT))
    promotion = catalog.crowd.of(poi.poi_id).promotion
    if promotion and promotion.holds_on(prepared.trip.visit_date):
        reasons.append(InReason(WhyIn.RECOMMENDED, note=promotion.reason))
    if poi.group and any(
        rejection.poi.group == poi.group and rejection.why is WhyOut.CLOSURE
        for rejection in prepared.rejections
    ):
        reasons.append(InReason(WhyIn.OTHER_WAY_IN))
    if detour <= ON_THE_WAY_MINUTES or not reasons:
        reasons.append(InReason(WhyIn.ON_THE_WAY))
    return tuple(reasons)


def _legs(
    catalog: Catalog, prepared: Prepared, order: Order, times: DayTimes | None
) -> tuple[Leg, ...]:
    problem = prepared.problem
    if problem is None or times is None:
        return ()
    nodes = [problem.start, *order, problem.end]
    return tuple(
        _leg(catalog, prepared, _node(prepared, problem, one), _node(prepared, problem, other), leg)
        for (one, other), leg in zip(pairwise(nodes), times.legs, strict=True)
    )


def _leg(
    catalog: Catalog, prepared: Prepared, here: EndPoint, there: EndPoint, when: LegTimes
) -> Leg:
    rides = rides_of(catalog.bus, when) if catalog.bus else ()
    one, other, took = here.location, there.location, when.arrive_minute - when.depart_minute
    mode = prepared.trip.mode
    mode = TravelMode.FOOT if mode is TravelMode.BUS else mode
    # A walk whose minutes somebody knows has no length that an estimate would not contradict.
    estimated = one and other and not rides and took == travel_minutes(one, other, mode)
    meters = way_m(one, other, mode) if took and one and other and estimated else 0
    measured = catalog.roads.measured(one, other, mode) if one and other and not rides else None
    on_roads = measured is not None and measured.minutes == took
    if measured and on_roads:
        meters = measured.meters
    return Leg(
        from_place_id=here.place_id,
        to_place_id=there.place_id,
        depart_minute=when.depart_minute,
        arrive_minute=when.arrive_minute,
        distance_m=meters,
        from_estimated_point=not all(point and point.published for point in (one, other)),
        rides=rides,
        last_walk_minutes=when.journey.walks[-1] if when.journey else 0,
        on_roads=on_roads,
        climb_m=None if mode is TravelMode.CAR or rides else climb_m(one, other),
    )


def _node(prepared: Prepared, problem: Problem, node: int) -> EndPoint:
    if node < problem.start:
        option = prepared.options[node]
        return EndPoint(option.poi.place_id, option.place.names, option.location)
    return prepared.start if node == problem.start else prepared.end


def _plan_b(
    catalog: Catalog,
    prepared: Prepared,
    visits: Sequence[PlannedVisit],
    times: DayTimes | None,
) -> PlanB | None:
    if catalog.bus is None or times is None or prepared.problem is None:
        return None
    # The rest of a day begins later than the day that the party asked for.
    since = visits[-1].leave_minute if visits else prepared.problem.start_minute
    here = visits[-1].location if visits else prepared.start.location
    return plan_b(catalog.bus, times.legs[-1], since, here, prepared.end.location)


def _no_bus(prepared: Prepared, outcome: Outcome | None) -> list[Conflict]:
    """Conflicts that only the search of a day by bus knows."""
    if outcome is None:
        return []
    if outcome.times is None:
        return [Conflict(ConflictKind.NO_BUS)]
    return [
        Conflict(
            ConflictKind.MUST_VISIT_IMPOSSIBLE, (prepared.options[node].poi.poi_id,),
            _why_no_way(prepared, node),
        )
        for node in sorted(outcome.unreachable)
        if prepared.options[node].candidate.must
    ]  # fmt: skip


def _why_no_way(prepared: Prepared, node: int) -> WhyOut:
    return WhyOut.TOO_MUCH_WALKING if node in prepared.cut_off else WhyOut.NO_BUS


def _clashes(prepared: Prepared, outcome: Outcome | None) -> list[Conflict]:
    if outcome is None:
        return []
    return [
        Conflict(
            clash.kind,
            tuple(prepared.options[node].poi.poi_id for node in clash.candidates),
            missing_minutes=clash.missing_minutes,
            missing_yen=clash.missing_yen,
        )
        for clash in outcome.clashes
    ]


def _left_out(
    catalog: Catalog,
    prepared: Prepared,
    outcome: Outcome | None,
    order: Order,
    fares_yen: int,
    ways_yen: Mapping[int, int],
    tiring: frozenset[int],
) -> tuple[LeftOut, ...]:
    rejections = list(prepared.rejections)
    chosen = [prepared.options[node] for node in order]
    budget = prepared.problem.budget_yen if prepared.problem else None
    spent = fares_yen + sum(option.candidate.fee_yen for option in chosen)
    groups = {option.poi.group: option.poi.poi_id for option in chosen if option.poi.group}
    for node, option in enumerate(prepared.options):
        if node in order:
            continue
        if node in tiring:
            rejections.append(Rejection(option.poi, WhyOut.TOO_MUCH_WALKING))
            continue
        if outcome and node in outcome.unreachable:
            rejections.append(Rejection(option.poi, _why_no_way(prepared, node)))
            continue
        missing = outcome.missing.get(node) if outcome else None
        if option.poi.group in groups:
            same = groups[option.poi.group]
            rejections.append(Rejection(option.poi, WhyOut.SAME_AS_CHOSEN, same_as_poi_id=same))
        elif outcome and node in outcome.crowded:
            rejections.append(Rejection(option.poi, WhyOut.CROWDED))
        elif (
            budget is not None and spent + option.candidate.fee_yen + ways_yen.get(node, 0) > budget
        ):
            rejections.append(Rejection(option.poi, WhyOut.OVER_BUDGET))
        elif missing == 0:
            rejections.append(Rejection(option.poi, WhyOut.NOT_WORTH_THE_WAY))
        else:
            rejections.append(
                Rejection(option.poi, WhyOut.NOT_ENOUGH_TIME, missing_minutes=missing or 0)
            )
    told = [_told(catalog, prepared, rejection) for rejection in rejections]
    return tuple(sorted(told, key=lambda out: (not out.must_visit, -out.score, out.poi_id)))


def _told(catalog: Catalog, prepared: Prepared, rejection: Rejection) -> LeftOut:
    poi, why = rejection.poi, rejection.why
    place = catalog.places.get(poi.place_id)
    return LeftOut(
        poi_id=poi.poi_id,
        names=place.names if place else {},
        why=why,
        score=catalog.score(poi, prepared.trip),
        missing_minutes=rejection.missing_minutes,
        same_as_poi_id=rejection.same_as_poi_id,
        closure_reason=rejection.closure_reason,
        closed_note=poi.texts.closed_note if why in NOT_THAT_DAY else None,
        must_visit=poi.poi_id in prepared.trip.must_ids,
        other_date=catalog.away.get(poi.poi_id, "") if why is WhyOut.ANOTHER_DAY else "",
    )
