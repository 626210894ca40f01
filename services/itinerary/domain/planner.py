"""From a searched day back to words: visits, legs, what is left out, what contradicts what."""

from collections.abc import Sequence
from itertools import pairwise

from services.itinerary.domain.job import Job, Outcome
from services.itinerary.domain.place import KnownPoint
from services.itinerary.domain.plan import (
    Conflict,
    DayPlan,
    EndPoint,
    InReason,
    LeftOut,
    Leg,
    PlannedVisit,
    PlanStatus,
)
from services.itinerary.domain.poi import Poi
from services.itinerary.domain.prepare import Catalog, Option, Prepared, Rejection
from services.itinerary.domain.problem import Order, Problem, latest_starts, schedule
from services.itinerary.domain.score import (
    HIGHLIGHT_SCORE,
    SPARE_MINUTES,
    matching_interests,
    score_for,
)
from services.itinerary.domain.travel import way_m
from services.itinerary.domain.why import WhyIn, WhyOut

ON_THE_WAY_MINUTES = 10  # a detour up to this is "on the way"


def job_of(prepared: Prepared, *, keep: Sequence[str] = ()) -> Job | None:
    """Returns the search to be done; None when there is nothing to search.

    keep: POI ids in an order to keep as far as they are still options.
    """
    if prepared.problem is None:
        return None
    index = {option.poi.poi_id: n for n, option in enumerate(prepared.options)}
    order = tuple(index[poi_id] for poi_id in keep if poi_id in index)
    trip = prepared.trip
    return Job(prepared.problem, trip.seed, keep=order, spare_minutes=SPARE_MINUTES[trip.pace])


def build_plan(catalog: Catalog, prepared: Prepared, outcome: Outcome | None) -> DayPlan:
    """Returns the plan for people. outcome None: nothing was searched."""
    order: Order = outcome.solution.order if outcome else ()
    visits = _visits(prepared, order)
    legs = _legs(prepared, visits)
    conflicts = [*prepared.conflicts, *_clashes(prepared, outcome)]
    left_out = _left_out(catalog, prepared, outcome, order)
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
        proven_best=bool(outcome and outcome.solution.proven_best),
        stopped_early=bool(outcome and outcome.solution.stopped_early),
    )


def _visits(prepared: Prepared, order: Order) -> tuple[PlannedVisit, ...]:
    problem = prepared.problem
    if problem is None or not order:
        return ()
    planned, latest = schedule(problem, order), latest_starts(problem, order)
    if planned is None or latest is None:
        raise RuntimeError("the search returned a day that is not feasible")
    visits = []
    here, clock = problem.start, problem.start_minute
    for position, (node, begin) in enumerate(zip(order, planned[0], strict=True)):
        # The first departure is put off rather than waiting at a closed door.
        arrive = begin if position == 0 else clock + problem.travel[here][node]
        after = order[position + 1] if position + 1 < len(order) else problem.end
        detour = (
            problem.travel[here][node] + problem.travel[node][after] - problem.travel[here][after]
        )
        visits.append(
            _visit(prepared, prepared.options[node], arrive, begin, latest[position], detour)
        )
        here, clock = node, begin + prepared.options[node].candidate.stay
    return tuple(visits)


def _visit(
    prepared: Prepared, option: Option, arrive: int, begin: int, latest: int, detour: int
) -> PlannedVisit:
    poi = option.poi
    return PlannedVisit(
        poi_id=poi.poi_id,
        place_id=poi.place_id,
        names=option.place.names,
        location=option.location,
        category=poi.category,
        status=poi.status,
        arrive_minute=arrive,
        start_minute=begin,
        end_minute=begin + option.candidate.stay,
        slack_minutes=latest - arrive,
        fee_yen=option.candidate.fee_yen,
        fee_unknown=option.fee_unknown,
        score=option.score,
        reasons=_reasons(prepared, poi, detour),
        spans=option.access.spans,
        texts=poi.texts,
        phone=poi.phone,
        estimated_fields=poi.estimated_fields,
    )


def _reasons(prepared: Prepared, poi: Poi, detour: int) -> tuple[InReason, ...]:
    reasons = []
    if poi.poi_id in prepared.trip.must_poi_ids:
        reasons.append(InReason(WhyIn.MUST_VISIT))
    matches = matching_interests(poi, prepared.trip.interests)
    reasons += [InReason(WhyIn.INTEREST, interest) for interest in matches]
    if poi.score >= HIGHLIGHT_SCORE:
        reasons.append(InReason(WhyIn.HIGHLIGHT))
    if poi.hidden_spot:
        reasons.append(InReason(WhyIn.HIDDEN_SPOT))
    if poi.group and any(
        rejection.poi.group == poi.group and rejection.why is WhyOut.CLOSURE
        for rejection in prepared.rejections
    ):
        reasons.append(InReason(WhyIn.OTHER_WAY_IN))
    if detour <= ON_THE_WAY_MINUTES or not reasons:
        reasons.append(InReason(WhyIn.ON_THE_WAY))
    return tuple(reasons)


def _legs(prepared: Prepared, visits: Sequence[PlannedVisit]) -> tuple[Leg, ...]:
    problem = prepared.problem
    if problem is None:
        return ()
    index = {option.poi.poi_id: n for n, option in enumerate(prepared.options)}
    nodes = [problem.start, *(index[visit.poi_id] for visit in visits), problem.end]
    legs = []
    for position, (one, other) in enumerate(pairwise(nodes)):
        minutes = problem.travel[one][other]
        if position < len(visits):
            arrive = visits[position].arrive_minute
            depart = arrive - minutes
        else:
            depart = visits[-1].end_minute if visits else problem.start_minute
            arrive = depart + minutes
        legs.append(_leg(prepared, problem, one, other, depart, arrive))
    return tuple(legs)


def _leg(
    prepared: Prepared, problem: Problem, one: int, other: int, depart: int, arrive: int
) -> Leg:
    places, points = [], []
    for node in (one, other):
        place_id, point = _node(prepared, problem, node)
        places.append(place_id)
        points.append(point)
    return Leg(
        from_place_id=places[0],
        to_place_id=places[1],
        depart_minute=depart,
        arrive_minute=arrive,
        distance_m=way_m(points[0], points[1], prepared.trip.mode) if arrive > depart else 0,
        from_estimated_point=not all(point.published for point in points),
    )


def _node(prepared: Prepared, problem: Problem, node: int) -> tuple[str, KnownPoint]:
    if node < problem.start:
        option = prepared.options[node]
        return option.poi.place_id, option.location
    end: EndPoint = prepared.start if node == problem.start else prepared.end
    if end.location is None:
        raise RuntimeError("a day without a start or end point is never searched")
    return end.place_id, end.location


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
    catalog: Catalog, prepared: Prepared, outcome: Outcome | None, order: Order
) -> tuple[LeftOut, ...]:
    rejections = list(prepared.rejections)
    chosen = [prepared.options[node] for node in order]
    budget = prepared.problem.budget_yen if prepared.problem else None
    spent = sum(option.candidate.fee_yen for option in chosen)
    groups = {option.poi.group: option.poi.poi_id for option in chosen if option.poi.group}
    for node, option in enumerate(prepared.options):
        if node in order:
            continue
        missing = outcome.missing.get(node) if outcome else None
        if option.poi.group in groups:
            same = groups[option.poi.group]
            rejections.append(Rejection(option.poi, WhyOut.SAME_AS_CHOSEN, same_as_poi_id=same))
        elif budget is not None and spent + option.candidate.fee_yen > budget:
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
        score=score_for(poi, prepared.trip.interests),
        missing_minutes=rejection.missing_minutes,
        same_as_poi_id=rejection.same_as_poi_id,
        closure_reason=rejection.closure_reason,
        closed_note=poi.texts.closed_note if why is WhyOut.CLOSED_THAT_DAY else None,
        must_visit=poi.poi_id in prepared.trip.must_poi_ids,
    )
