"""What kept plans did with each spot: shown, asked for, left out and why. Only sums are kept.

Days planned together are one plan: else one party would be four, and small figures would be told of
three parties.
"""

from collections import Counter

from services.itinerary.domain.plan import DayPlan
from services.itinerary.domain.why import WhyOut

SHOWN, ASKED, NEVER, PLANS = "shown", "asked", "never", "plans"
LEFT_OUT = "out:"  # followed by the reason
NOT_COUNTED = frozenset({WhyOut.NOT_A_VISIT, WhyOut.ANOTHER_DAY})  # the latter is in a plan
COUNTED_LEFT_OUT = 300  # of a plan, those that it would have gained most by


def spots_of(plan: DayPlan, *, leads: bool = True) -> Counter[tuple[str, str]]:
    """Returns what a plan counts: POI ("" for the plan itself) and kind.

    leads: the one day of a sojourn that also counts what all of them share; a sight is shown or
    asked for on one of them.
    """
    trip = plan.trip
    own = Counter(
        [
            *((visit.poi_id, SHOWN) for visit in plan.visits),
            *((poi_id, ASKED) for poi_id in trip.must_ids),
        ]
    )
    if not leads:
        return own
    told = [left for left in plan.left_out if left.why not in NOT_COUNTED]
    return own + Counter(
        [
            ("", PLANS),
            *((poi_id, NEVER) for poi_id in dict.fromkeys(trip.never_poi_ids)),
            *((left.poi_id, LEFT_OUT + left.why.value) for left in told[:COUNTED_LEFT_OUT]),
        ]
    )
