"""A day whose fees and fares stay within a budget, and whose walks within a limit.

What a way by bus costs is known once it is known when one travels: the search is asked, the fares
of the day it found are counted as fees of the visits they lead to, and it is asked again, until
the day is cheap enough. Where that does not help, the visit that costs most is given up. So is the
one that makes the party walk most, where it wants to walk less. Where neither is too much, the
first answer is the last.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.itinerary.domain.fares import fares_of
from services.itinerary.domain.job import Job, Outcome
from services.itinerary.domain.plan import Conflict, DayPlan, PlanStatus
from services.itinerary.domain.planner import build_plan, job_of
from services.itinerary.domain.prepare import Catalog, Prepared
from services.itinerary.domain.walking import most_walked, to_stops
from services.itinerary.domain.why import ConflictKind

ROUNDS = 4  # of counting fares as fees, before visits are given up
MOST_SEARCHES = 10
TOO_DEAR_YEN = 1_000_000_000

Searches = Generator[Job, Outcome, DayPlan]


@dataclass(frozen=True)
class Prices:
    """Fares of the whole party met so far. fares: by the candidate a way leads to. home: of the way
    to the end. dear: candidates given up."""

    fares: Mapping[int, int] = field(default_factory=dict)
    home: int = 0
    dear: frozenset[int] = frozenset()

    @property
    def ways(self) -> dict[int, int]:
        """What it costs to get to a candidate, as far as known."""
        return {**self.fares, **dict.fromkeys(self.dear, TOO_DEAR_YEN)}


def plans_of(
    catalog: Catalog,
    prepared: Prepared,
    keep: Sequence[str] = (),
    kept_lunch: str = "",
    not_before: Mapping[str, int] | None = None,
) -> Searches:
    """Gives jobs to search, takes what was found for each, and returns the plan.

    keep, kept_lunch, not_before: as of job_of.
    """
    job = job_of(prepared, keep=keep, kept_lunch=kept_lunch, not_before=not_before)
    if job is None:
        return build_plan(catalog, prepared, None)
    prices, tiring = Prices(), frozenset[int]()
    near = to_stops(job.bus.access, job.bus.nodes) if job.bus else []
    for number in range(MOST_SEARCHES):
        outcome = yield _without(_priced(job, prices), tiring)
        plan = build_plan(catalog, prepared, outcome, prices.ways, tiring)
        if (over := over_minutes(prepared, plan)) > 0:
            count = 1 + number // 3
            given_up = most_walked(job.problem, outcome.solution.order, plan.walked, count, near)
            if not given_up or number == MOST_SEARCHES - 1:
                plan = _too_dear(prepared, plan)
                return _told(plan, Conflict(ConflictKind.TOO_MUCH_WALKING, missing_minutes=over))
            tiring |= {*given_up}
            continue
        if over_yen(prepared, plan) <= 0:
            dropped = [c for c in plan.conflicts if c.kind is ConflictKind.BUDGET_TOO_SMALL]
            return (yield from _with_musts(catalog, prepared, job, plan)) if dropped else plan
        prices = _learned(prepared, plan, outcome, prices)
        if number >= ROUNDS:
            dear = _dearest(prepared, outcome, prices, last=number == MOST_SEARCHES - 2)
            if not dear:
                break
            prices = replace(prices, dear=prices.dear | dear)
    return _too_dear(prepared, plan)


def _too_dear(prepared: Prepared, plan: DayPlan) -> DayPlan:
    """Returns a plan that says by how much it goes over its budget, where it does."""
    missing = over_yen(prepared, plan)
    if missing <= 0:
        return plan
    return _told(plan, Conflict(ConflictKind.BUDGET_TOO_SMALL, missing_yen=missing))


def _told(plan: DayPlan, told: Conflict) -> DayPlan:
    conflicts = tuple(each for each in plan.conflicts if each.kind is not told.kind)
    return replace(plan, status=PlanStatus.CONFLICT, conflicts=(*conflicts, told))


def _without(job: Job, tiring: frozenset[int]) -> Job:
    """Returns the job without some candidates: they are open at no time."""
    if not tiring:
        return job
    candidates = tuple(
        replace(candidate, windows=()) if node in tiring else candidate
        for node, candidate in enumerate(job.problem.candidates)
    )
    return replace(
        job,
        problem=replace(job.problem, candidates=candidates),
        keep=tuple(node for node in job.keep if node not in tiring),
        meals=tuple(meal for meal in job.meals if meal.node not in tiring),
    )


def _with_musts(catalog: Catalog, prepared: Prepared, job: Job, plan: DayPlan) -> Searches:
    """Returns the day of nothing but the must-visits where that is cheap enough after all; else the
    plan, and how many yen that day would need more."""
    if prepared.question is None or job.problem.budget_yen is None:
        return plan
    alone = Prices(dear=frozenset(
        node for node, option in enumerate(prepared.options) if not option.candidate.must
    ))  # fmt: skip
    rich = replace(job, problem=replace(job.problem, budget_yen=TOO_DEAR_YEN - 1))
    outcome = yield _priced(rich, alone)
    musts = build_plan(catalog, prepared, outcome, alone.ways)
    missing = over_yen(prepared, musts)
    if missing <= 0 and over_minutes(prepared, musts) <= 0:
        return musts
    conflicts = tuple(
        replace(told, missing_yen=missing)
        if told.kind is ConflictKind.BUDGET_TOO_SMALL else told for told in plan.conflicts
    )  # fmt: skip
    return replace(plan, conflicts=conflicts)


def over_yen(prepared: Prepared, plan: DayPlan) -> int:
    """Returns by how many yen the fees and known fares of a plan go over what is left."""
    left = prepared.problem.budget_yen if prepared.problem else None
    if left is None or prepared.question is None:
        return 0
    return plan.total_fee_yen + plan.total_fare_yen - left


def over_minutes(prepared: Prepared, plan: DayPlan) -> int:
    """Returns by how many minutes a plan walks more than is left of what the party wants."""
    most = prepared.trip.walking.day_minutes
    return 0 if most is None else sum(plan.walked) + prepared.walked_minutes - most


def _priced(job: Job, prices: Prices) -> Job:
    budget = job.problem.budget_yen
    if budget is None or not (prices.fares or prices.home or prices.dear):
        return job
    candidates = tuple(
        replace(
            candidate,
            fee_yen=TOO_DEAR_YEN
            if node in prices.dear
            else candidate.fee_yen + prices.fares.get(node, 0),
        )
        for node, candidate in enumerate(job.problem.candidates)
    )
    left = max(0, budget - prices.home)
    return replace(job, problem=replace(job.problem, candidates=candidates, budget_yen=left))


def _learned(prepared: Prepared, plan: DayPlan, outcome: Outcome, prices: Prices) -> Prices:
    """Returns the prices with what the ways of a plan cost; what was dearer once stays so."""
    paid = [fares_of(leg.rides, prepared.trip.party).yen for leg in plan.legs]
    fares = dict(prices.fares)
    for node, yen in zip(outcome.solution.order, paid, strict=False):
        fares[node] = max(fares.get(node, 0), yen)
    return replace(prices, fares=fares, home=max([prices.home, *paid[-1:]]))


def _dearest(prepared: Prepared, outcome: Outcome, prices: Prices, *, last: bool) -> frozenset[int]:
    """Returns the visit that costs most with the way to it; the last time all that need not be."""
    free = [node for node in outcome.solution.order if not prepared.options[node].candidate.must]

    def costs(node: int) -> int:
        return prepared.options[node].candidate.fee_yen + prices.fares.get(node, 0)

    return frozenset(free if last else sorted(free, key=costs)[-1:])
