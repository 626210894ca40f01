"""Mistakes in days that are planned together."""

from tests.mutants.mutant import Mutant, pytest

RULES = pytest("tests/unit/itinerary/test_sojourns.py")
DEAL = pytest("tests/unit/itinerary/test_deal_search.py")
SERVICE = pytest("tests/service/itinerary/test_sojourns.py")
PAGES = pytest("tests/pages/plan/test_sojourns.py")
EVEN = pytest("tests/unit/itinerary/test_evened.py")
TOLD = pytest("tests/unit/itinerary/test_told_plans.py")
BACK = pytest("tests/pages/plan/test_days_changing.py")

MUTANTS = {
    "a day that could have something stays empty": Mutant(
        "services/itinerary/domain/evened.py", "<= UNEVEN:", "<= 9:", EVEN,
    ),
    "even days cost whatever they cost": Mutant(
        "services/itinerary/domain/evened.py", "had_value - MOST_LOSS * abs(had_value)", "-9999",
        EVEN,
    ),
    "a day overlaps the next morning": Mutant(
        "services/itinerary/domain/away.py", "if begins < trip.end_minute and", "if False and",
        RULES,
    ),
    "the staff is told of one party's plan": Mutant(
        "services/itinerary/domain/told_plans.py",
        'ToldPlans(rounded(plans if plans >= K else None), rounded(line.cells["today"]))',
        "ToldPlans(plans, today)", TOLD,
    ),
    "a tap on the page of all days leads away from it": Mutant(
        "services/edge/plan/changing.py", "if not ID.fullmatch(sojourn_id):", "if True:", BACK,
    ),
    "a day takes what the next one was dealt": Mutant(
        "services/itinerary/domain/sojourn.py", "(*musts[n], *shares[n])", "()", RULES,
    ),
    "a sight that an earlier day has comes again": Mutant(
        "services/itinerary/domain/sojourn.py", "[*days_beside(plans, -1), *later]", "later", RULES,
    ),
    "two ways into one cave are for two days": Mutant(
        "services/itinerary/domain/away.py", "if (poi := pois.get(poi_id)) and poi.group:",
        "if False and (poi := pois.get(poi_id)):", RULES,
    ),
    "a must-visit is asked of every day": Mutant(
        "services/itinerary/domain/sojourn.py",
        "must_poi_ids=tuple(poi_id for poi_id in trip.must_poi_ids if poi_id in musts)",
        "must_poi_ids=trip.must_poi_ids", RULES,
    ),
    "a day keeps saying what another one gave up": Mutant(
        "services/itinerary/domain/away.py", "replace(left, other_date=other)",
        "left", RULES,
    ),
    "every day of the deal has the first day's timetable": Mutant(
        "services/itinerary/domain/deal_search.py", "part.problem.end_minute, day)",
        "part.problem.end_minute, 0)", DEAL,
    ),
    "a coarse timetable loses a day's way home": Mutant(
        "services/itinerary/domain/deal_search.py",
        "        way[all_days[-2], all_days[-1]] = _straight(part.problem)\n", "", DEAL,
    ),
    "a changed day forgets its others": Mutant(
        "services/itinerary/app/itineraries.py", "await away_from(tx, own, pois, trip)", "{}",
        SERVICE,
    ),
    "two phones bring one sight to two days": Mutant(
        "services/itinerary/app/beside.py", "return apart and not new & taken.keys() and",
        "return apart and", SERVICE,
    ),
    "two phones bring two ways into one cave": Mutant(
        "services/itinerary/app/beside.py", "taken = away_of(pois, beside, plan.trip.must_ids)",
        "taken = away_of({}, beside)", SERVICE,
    ),
    "a party loses by planning days together": Mutant(
        "services/itinerary/domain/sojourn.py", "return max(dealt, turn, key=gain)",
        "return dealt", RULES,
    ),
    "a day begins before the one before it has ended": Mutant(
        "services/itinerary/domain/sojourn.py", "* nights.days > trip.start_minute",
        "* nights.days > 9999", RULES,
    ),
    "days that were dealt out in haste say nothing of it": Mutant(
        "services/itinerary/app/sojourns.py", "if early or dealt.stopped_early or", "if", SERVICE,
    ),
    "taking a change back brings what another day has by now": Mutant(
        "services/itinerary/app/changing.py", "if given_up or (same_day", "if (same_day", SERVICE,
    ),
    "nights are not where the party sleeps": Mutant(
        "services/edge/plan/days.py", "    trip.end.CopyFrom(nights)\n", "", PAGES,
    ),
}  # fmt: skip
