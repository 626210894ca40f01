"""Mistakes in days by cycle and in ways that lead uphill."""

from tests.mutants.mutant import Mutant, pytest

WAYS = pytest("tests/unit/itinerary/test_ways.py")
DAYS = pytest("tests/unit/itinerary/test_cycles.py")
SERVICE = pytest("tests/service/itinerary/test_cycles.py")
BOOK = pytest("tests/service/itinerary/test_road_book.py")
PAGES = pytest("tests/pages/plan/test_cycle_pages.py")

MUTANTS = {
    "downhill gains what uphill costs": Mutant(
        "services/itinerary/domain/travel.py",
        "return max(0, high - low) if low", "return high - low if low", WAYS,
    ),
    "a climb counts there and back": Mutant(
        "services/itinerary/domain/travel.py",
        "there if climb == back else _minutes(straight, allowed + more, back, mode)", "there", WAYS,
    ),
    "a cycle is unlocked for fifty meters": Mutant(
        "services/itinerary/domain/travel.py",
        "return min(minutes + PARKING_MINUTES[mode], walked)",
        "return minutes + PARKING_MINUTES[mode]", WAYS,
    ),
    "a rental place hands out cycles when it is about to close": Mutant(
        "services/itinerary/domain/rental.py",
        "for span in access.spans if begin <= span.last_entry_minute",
        "for span in access.spans if begin <= span.close_minute", DAYS,
    ),
    "a cycle is brought back after closing": Mutant(
        "services/itinerary/domain/rental.py",
        "return CycleDay(min(fetched), back, _rental", "return CycleDay(min(fetched), end, _rental",
        DAYS,
    ),
    "under way another place is nearer": Mutant(
        "services/itinerary/domain/prepare.py",
        "kept=done.rental if done.left else None,", "kept=None,", DAYS,
    ),
    "a repair without another visit is not kept": Mutant(
        "services/itinerary/app/changing.py", "changes = (rides or before.plan.rental) and",
        "changes = bool(rides) and", SERVICE,
    ),
    "what nobody can repair is repaired for ever": Mutant(
        "services/itinerary/domain/repair.py", "if rental is None or told:", "if rental is None:",
        SERVICE,
    ),
    "nobody asks an engine for the ways to the rental place": Mutant(
        "services/itinerary/app/roads.py",
        "wished += [poi for poi, _ in rental_places", "[poi for poi, _ in rental_places", BOOK,
    ),
    "a choice of cycles counts by car": Mutant(
        "services/edge/plan/wishes.py", 'form.get("mode") == "cycle" and form.get("own_cycle")',
        'form.get("own_cycle")', PAGES,
    ),
}  # fmt: skip
