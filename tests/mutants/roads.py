"""Mistakes with ways that a routing engine tells."""

from tests.mutants.mutant import Mutant, pytest

RULES = pytest("tests/unit/itinerary/test_roads.py")
SERVICE = pytest("tests/service/itinerary/test_roads.py")
BOOK = pytest("tests/service/itinerary/test_road_book.py")

MUTANTS = {
    "a way that nobody can go is taken": Mutant(
        "services/itinerary/domain/roads.py",
        "0 <= seconds <= LONGEST_S and 0 <= meters <= LONGEST_M", "0 <= seconds", RULES,
    ),
    "a car is as fast as an engine says": Mutant(
        "services/itinerary/domain/roads.py",
        "if meters > FASTEST_M_PER_S[mode] * (seconds + 60):", "if False:", RULES,
    ),
    "a party's point without a road is remembered": Mutant(
        "services/itinerary/gateways/roads.py", "apart.difference(private)", "apart", SERVICE,
    ),
    "who hangs up leaves questions behind": Mutant(
        "services/itinerary/app/roads.py", "if keys[key] and not task.done():", "if False:",
        BOOK,
    ),
    "an engine may join the questions of a party": Mutant(
        "services/itinerary/gateways/roads.py", "aiohttp.DummyCookieJar()",
        "aiohttp.CookieJar()", SERVICE,
    ),
}  # fmt: skip
