"""What a visit is worth to a party, and what it costs. Open on purpose: a visitor may read it.

score = base × (100 % + 50 % for the first interest it offers + 25 % for a second)
             × 110 % for a hidden spot × 80 % where the data should be checked first
             × up to 120 % while the area recommends it (spot.py).
Hidden spots and recommendations are the area's only thumbs on the scale; both are bounded and told.
What crowds take off a visit is no part of its score (leaning.py).
Each stop also costs effort (EFFORT): a day of few good stops beats one of many small ones.
"""

from collections.abc import Iterable

from services.itinerary.domain.poi import Interest, Poi, PoiStatus
from services.itinerary.domain.trip import Pace, Party

FIRST_INTEREST_PERCENT = 50
SECOND_INTEREST_PERCENT = 25
HIDDEN_SPOT_PERCENT = 110
UNSURE_PERCENT = 80
HIGHLIGHT_SCORE = 75
STAY_STEP_MINUTES = 5
# Score a stop must bring before it is worth getting out; unhurried parties stop less often.
EFFORT = {Pace.QUICK: 6, Pace.NORMAL: 14, Pace.UNHURRIED: 20}
# Minutes left free at the end of a day where the must-visits allow it.
SPARE_MINUTES = {Pace.QUICK: 5, Pace.NORMAL: 15, Pace.UNHURRIED: 30}


def matching_interests(poi: Poi, interests: Iterable[Interest]) -> tuple[Interest, ...]:
    """Returns the interests of a party that a POI offers, in the POI's order."""
    wanted = frozenset(interests)
    return tuple(interest for interest in poi.interests if interest in wanted)


def score_for(poi: Poi, interests: Iterable[Interest], promoted_percent: int = 0) -> int:
    """Returns the score of a visit for a party with these interests; 0 is never planned.

    promoted_percent: how much more it is worth while the area recommends it.
    """
    matches = len(matching_interests(poi, interests))
    percent = 100
    if matches:
        percent += FIRST_INTEREST_PERCENT
    if matches > 1:
        percent += SECOND_INTEREST_PERCENT
    score = poi.score * percent
    score = score * HIDDEN_SPOT_PERCENT // 100 if poi.hidden_spot else score
    score = score * UNSURE_PERCENT // 100 if poi.status is PoiStatus.CHECK_BEFORE_USE else score
    return score * (100 + promoted_percent) // 10_000


def stay_for(poi: Poi, pace: Pace) -> int:
    """Returns the minutes a party stays, in steps of five between shortest and longest."""
    if pace is Pace.QUICK:
        return poi.stay_min_minutes
    if pace is Pace.UNHURRIED:
        return poi.stay_max_minutes
    middle = (poi.stay_min_minutes + poi.stay_max_minutes) / 2
    rounded = round(middle / STAY_STEP_MINUTES) * STAY_STEP_MINUTES
    return min(max(rounded, poi.stay_min_minutes), poi.stay_max_minutes)


def fee_for(poi: Poi, party: Party) -> tuple[int, bool]:
    """Returns the known fees of a party in yen, and whether a fee of somebody is not known.

    Children below school age are taken as free: fee notes say where they are not.
    """
    total, unknown = 0, False
    for count, fee in (
        (party.adults, poi.fees.adult_yen),
        (party.junior_high, poi.fees.junior_high_yen),
        (party.children, poi.fees.child_yen),
    ):
        total += count * (fee or 0)
        unknown = unknown or (count > 0 and fee is None)
    return total, unknown
