"""Mistakes in how far a party is led around crowds, and in what is told of few plans."""

from tests.mutants.mutant import Mutant, pytest

LEANING = pytest("tests/unit/itinerary/test_leaning.py")
CROWD = pytest("tests/unit/itinerary/test_crowd.py")
SPOTS = pytest("tests/unit/itinerary/test_spots.py")
SERVICE = pytest("tests/service/itinerary/test_spots.py")

MUTANTS = {
    "a party loses more than the bound": Mutant(
        "services/itinerary/domain/leaned_search.py",
        "if 100 * value < least or ",
        "if ",
        LEANING,
    ),
    "a day leans although it is in nobody's way": Mutant(
        "services/itinerary/domain/leaned_search.py",
        "if plain.value <= 0 or not "
        "(leaning.always or _in_the_way(problem, leaning, plain.order)):",
        "if plain.value <= 0:",
        LEANING,
    ),
    "what was given up comes back by an offer": Mutant(
        "services/itinerary/domain/leaned_search.py",
        "left = (within(offer, candidate.windows) for offer in offers)",
        "left = iter(offers)",
        LEANING,
    ),
    "a place counts as full one person too late": Mutant(
        "services/itinerary/domain/crowd.py",
        "-(-100 * most // capacity)",
        "100 * most // capacity",
        CROWD,
    ),
    "a sensor's level holds for the whole day": Mutant(
        "services/itinerary/domain/crowd.py",
        "begin < self.now_minute + LIVE_FOR_MINUTES and self.now_minute < end",
        "self.now_minute < end",
        CROWD,
    ),
    "figures of few plans are told": Mutant(
        "services/itinerary/domain/spot_figures.py",
        "line = release_line(there, order=_missed_least).cells",
        "line = dict(there)",
        SPOTS,
    ),
    "a changed plan counts twice": Mutant(
        "services/itinerary/app/counting.py",
        "people.subtract(_people(before, marks.touched_date))",
        "pass",
        SERVICE,
    ),
    "days planned together are as many plans": Mutant(
        "services/itinerary/app/counting.py",
        "alone or await sojourns.is_first(tx, itinerary_id)",
        "True",
        SERVICE,
    ),
    "plans that were given up still count": Mutant(
        "services/itinerary/store/spots.py",
        " where area = %s and visit_date = %s and touched_date >= %s and poi_id = any(%s)",
        " where area = %s and visit_date = %s and %s::date is not null and poi_id = any(%s)",
        SERVICE,
    ),
}
