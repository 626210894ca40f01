"""Known walks and taxis of an area as its staff keeps them, with where each is known from."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.itinerary.domain.transit.faults import (
    MOST_YEN,
    Fault,
    bad_names,
    bad_phone,
    bad_place,
)
from services.itinerary.domain.transit.network import KnownWalk, Taxi

MOST_WALKS, MOST_TAXIS = 1_000, 20
MOST_WALK_MINUTES = 600
MOST_M = 100_000


@dataclass(frozen=True)
class KeptWalk:
    """A known walk. minutes: of somebody slow."""

    walk: KnownWalk
    source: str = ""


@dataclass(frozen=True)
class KeptTaxi:
    """A taxi company. source: where its fares are known from, and of when they are."""

    taxi: Taxi
    source: str = ""


@dataclass(frozen=True)
class Ways:
    """All known walks and taxis of an area; of the taxis the first is proposed first."""

    walks: tuple[KeptWalk, ...] = ()
    taxis: tuple[KeptTaxi, ...] = ()


def check_ways(ways: Ways) -> list[Fault]:
    """Returns all that is wrong with them, each with its path."""
    return [*_walks(ways), *_taxis(ways)]


def _walks(ways: Ways) -> Iterator[Fault]:
    if len(ways.walks) > MOST_WALKS:
        yield Fault("walks", "TOO_MANY_WALKS", f"give at most {MOST_WALKS}")
        return
    seen: set[frozenset[str]] = set()
    for index, kept in enumerate(ways.walks):
        path, walk = f"walks[{index}]", kept.walk
        yield from bad_place(f"{path}.from_place_id", walk.from_place_id)
        yield from bad_place(f"{path}.to_place_id", walk.to_place_id)
        ends = frozenset((walk.from_place_id, walk.to_place_id))
        if len(ends) < 2:
            yield Fault(path, "SAME_PLACE", "a walk is from one place to another")
        if ends in seen:
            yield Fault(path, "WALK_TWICE", "there is one already, either way")
        seen.add(ends)
        if not 1 <= walk.minutes <= MOST_WALK_MINUTES:
            yield Fault(f"{path}.minutes", "BAD_MINUTE", f"1 to {MOST_WALK_MINUTES}")


def _taxis(ways: Ways) -> Iterator[Fault]:
    if len(ways.taxis) > MOST_TAXIS:
        yield Fault("taxis", "TOO_MANY_TAXIS", f"give at most {MOST_TAXIS}")
        return
    for index, kept in enumerate(ways.taxis):
        path, taxi = f"taxis[{index}]", kept.taxi
        yield from bad_names(f"{path}.names", taxi.names)
        if taxi.phone:
            yield from bad_phone(f"{path}.phone", taxi.phone)
        else:
            yield Fault(f"{path}.phone", "NO_PHONE", "a taxi is called by telephone")
        for part in ("first", "step"):
            yen, meters = getattr(taxi, f"{part}_yen"), getattr(taxi, f"{part}_m")
            if not (0 <= yen <= MOST_YEN and 0 <= meters <= MOST_M and bool(yen) == bool(meters)):
                text = "give yen and meters, or 0 for both"
                yield Fault(f"{path}.{part}_amount_yen", "BAD_FARE", text)
        if taxi.step_yen and not taxi.first_yen:
            yield Fault(
                f"{path}.first_amount_yen", "BAD_FARE", "a step comes after the first meters"
            )
