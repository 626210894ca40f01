"""The plain truth about small problems, by trying everything."""

from collections.abc import Iterator, Sequence

from bench.itinerary.judge import faults, value_of
from services.itinerary.domain.orienteering.problem import TourProblem


def all_tours(problem: TourProblem) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Yields all feasible tours of a small problem."""
    yield from _more(problem, ((),) * len(problem.days), 0)


def _more(
    problem: TourProblem, tours: tuple[tuple[int, ...], ...], day: int
) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Yields tours that grow from these on a day or later ones."""
    if not faults(problem, tours):
        yield tours
    used = {node for tour in tours for node in tour}
    for later in range(day, len(problem.days)):
        for node in range(len(problem.stops)):
            if node in used or (later > day and tours[later]):
                continue
            grown = (*tours[:later], (*tours[later], node), *tours[later + 1 :])
            if not any("closed" in fault or "twice" in fault for fault in faults(problem, grown)):
                yield from _more(problem, grown, later)


def best_value(problem: TourProblem) -> tuple[int, int, int]:
    """Returns (musts visited, needs met, value) of the best tours by trying all."""
    return max(worth_of(problem, tours) for tours in all_tours(problem))


def worth_of(problem: TourProblem, tours: Sequence[Sequence[int]]) -> tuple[int, int, int]:
    """Returns (musts visited, needs met, value) of tours."""
    stops = [problem.stops[node] for tour in tours for node in tour]
    needs = sum(stop.need >= 0 for stop in stops)
    return sum(stop.must for stop in stops), needs, value_of(problem, tours)
