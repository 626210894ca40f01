"""The public benchmark files of team orienteering with time windows.

By Righini and Salani (2009), Montemanni and Gambardella (2009).
Lines: numbers of the instance; a line not relevant; the depot (number, x, y, service, score, ...,
opens, closes); then each vertex the same way. Distances are Euclidean, rounded down to one decimal
(names c, r, rc) or two (names pr). Times become whole tenths or hundredths.
"""

import math

import numpy as np

from services.itinerary.domain.orienteering.problem import Day, Matrix, Stop, TourProblem

MOST_VERTICES = 1_000
LARGEST = 500_000  # of any number: in hundredths, the longest way is still one that ends


def parse(text: str, name: str, tours: int) -> TourProblem:
    """Returns an instance for so many tours; vertex v is stop v - 1. Errors: ValueError."""
    rows = [line.split() for line in text.splitlines() if line.strip()]
    try:
        count = int(float(rows[0][2]))
        if not 0 < count <= MOST_VERTICES:
            raise ValueError(f"it says {count} vertices; 1 to {MOST_VERTICES} can be taken")
        vertices = [[_number(cell) for cell in row] for row in rows[2 : count + 3]]
        scale = 100 if name.startswith("pr") else 10
        days = _days(vertices[0], scale, count, tours)
        stops = tuple(_stop(vertex, scale, tours) for vertex in vertices[1:])
    except (IndexError, OverflowError) as error:
        raise ValueError("a line or a cell of it is missing") from error
    if len(stops) != count or tours < 1:
        raise ValueError(f"it has {len(stops)} vertices for {tours} tours and says {count}")
    order = [*vertices[1:], vertices[0]]
    return TourProblem(stops, days, _way([(v[1], v[2]) for v in order], scale))


def _number(cell: str) -> float:
    number = float(cell)
    if not abs(number) <= LARGEST:  # nor is "nan"
        raise ValueError(f"{cell} is no number from -{LARGEST} to {LARGEST}")
    return number


def _days(depot: list[float], scale: int, count: int, tours: int) -> tuple[Day, ...]:
    return (Day(count, count, round(depot[-2] * scale), round(depot[-1] * scale)),) * tours


def _stop(vertex: list[float], scale: int, tours: int) -> Stop:
    window = (round(vertex[-2] * scale), round(vertex[-1] * scale))
    if vertex[4] != int(vertex[4]):
        raise ValueError("scores are whole numbers")
    return Stop(int(vertex[4]), round(vertex[3] * scale), ((window,),) * tours)


def _way(points: list[tuple[float, float]], scale: int) -> Matrix:
    # A billionth more, so that 3.2 is not rounded down to 3.1 by its binary form.
    found = [
        [math.floor(math.hypot(a[0] - b[0], a[1] - b[1]) * scale + 1e-9) for b in points]
        for a in points
    ]
    return np.array(found, np.int32)
