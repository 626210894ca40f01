"""What to ask of the search: stops, days, travel; checked and turned into arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.itinerary.domain.orienteering.instance import NEVER, Instance

Matrix = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.int64]
Windows = tuple[tuple[int, int], ...]

MUST_WORTH = 10_000_000  # above any sum of other worths
NEED_WORTH = 1_000_000  # above any sum of plain worths, where there is a need
MAX_NEEDS = 8  # so that all of them together are below a must
MAX_TIME = 100_000_000
MAX_NUMBER = 1_000_000_000  # of fees, ranks and the budget: their sums stay far from overflowing
MAX_PRICE = 1_000_000  # of a unit of travel
NEAR = 40  # neighbors a ruin looks at


@dataclass(frozen=True)
class Stop:
    """Something that may be visited once.

    windows: per day, earliest and latest begin, in order, disjoint; none: closed that day. group:
    at most one of a group unless both are musts, -1 for no bound. rank: stops with a rank come in
    order of rank over all days, -1 for no order. pinned: day and begin, which must be in a window.
    need: of the stops of one need exactly one is visited where musts allow it, -1 for no need.
    """

    worth: int
    stay: int
    windows: tuple[Windows, ...]
    fee: int = 0
    group: int = -1
    must: bool = False
    never: bool = False
    rank: int = -1
    pinned: tuple[int, int] | None = None
    need: int = -1


@dataclass(frozen=True)
class Day:
    """first, last: nodes where it starts and ends. kind: which table of the timetable holds."""

    first: int
    last: int
    begins: int
    ends: int
    kind: int = 0


@dataclass(frozen=True)
class Timetable:
    """arrivals[kind, from, to, slot]: arrival of who leaves at begins + slot * step, NEVER for
    none.

    A departure between two slots waits for the next; after the last slot nothing goes any more.
    least[from, to]: what no way takes less than at any time, where the caller knows it. Where many
    problems share a table: rows[node], which row and column of it a node has (None: its own), and
    how many slots count. spare: slots before a ride to the end of a day at which one is there.
    in_order: nobody arrives before leaving, nor earlier by leaving later; it was looked at before.
    """

    arrivals: Matrix
    begins: int = 0
    step: int = 1
    least: Matrix | None = None
    rows: Sequence[int] | None = None
    slots: int | None = None
    spare: int = 0
    in_order: bool = False


@dataclass(frozen=True)
class TourProblem:
    """Maximize the worth of visits - travel_price * cost of travel.

    Nodes: stop n is node n; nodes from len(stops) on are starts and ends. way[N, N]: travel on
    one's own at any time. timetable: what is there besides. cost[N, N]: as way unless given.
    """

    stops: tuple[Stop, ...]
    days: tuple[Day, ...]
    way: Matrix
    timetable: Timetable | None = None
    cost: Matrix | None = None
    budget: int | None = None
    travel_price: int = 0


def instance_of(problem: TourProblem) -> Instance:
    """Returns the arrays of a problem. Errors: ValueError for what no search could be asked."""
    _check(problem)
    stops, days = problem.stops, problem.days
    count = len(stops)
    windows = _windows(stops, len(days))
    # Groups are counted in an array: their numbers are names, however large.
    groups = {name: index for index, name in enumerate(sorted({stop.group for stop in stops}))}
    needs = {name: index for index, name in enumerate(_needs(stops), start=len(groups))}
    way = np.ascontiguousarray(problem.way, np.int32)
    cost = np.ascontiguousarray(way if problem.cost is None else problem.cost, np.int32)
    rows = [
        (
            stop.worth + MUST_WORTH * stop.must + NEED_WORTH * (stop.need >= 0),
            stop.stay,
            stop.fee,
            groups[stop.group] if stop.group >= 0 else -1,
            stop.must,
            stop.rank,
            needs.get(stop.need, -1),
        )
        for stop in stops
    ]
    table = _table(problem.timetable, len(way))
    least = _least(problem.timetable, table, way)
    step = problem.timetable.step if problem.timetable else 1
    begins = problem.timetable.begins if problem.timetable else 0
    slots, spare = table.shape[3], 0
    if problem.timetable:
        if problem.timetable.slots is not None:
            slots = min(slots, problem.timetable.slots)
        spare = problem.timetable.spare
    budget = NEVER if problem.budget is None else problem.budget
    ranked = any(stop.rank >= 0 for stop in stops)
    return Instance(
        stops=np.hstack([np.array(rows, np.int64).reshape(count, 7), _shortest_ways(least, count)]),
        windows=windows,
        way=way,
        cost=cost,
        table=table,
        place=_places(problem.timetable, len(way)),
        least=least,
        days=np.array([(d.first, d.last, d.begins, d.ends, d.kind) for d in days], np.int64),
        near=_neighbors(cost, count),
        orders=_orders(problem, windows, cost),
        rules=np.array(
            [budget, ranked, problem.travel_price, begins, step, slots, spare], np.int64
        ),
    )


def _needs(stops: Sequence[Stop]) -> list[int]:
    return sorted({stop.need for stop in stops if stop.need >= 0})


def _check(problem: TourProblem) -> None:
    if not problem.days:
        raise ValueError("a problem needs a day")
    nodes = len(problem.way) if problem.way.ndim else 0
    least = problem.timetable.least if problem.timetable else None
    for matrix in (problem.way, problem.cost, least):
        if matrix is not None and not _is_travel(matrix, nodes):
            raise ValueError("travel is a square of numbers from 0 on")
    for day in problem.days:
        _check_day(day, len(problem.stops), nodes)
    _check_numbers(problem)
    if problem.timetable is not None:
        _check_timetable(problem.timetable, problem.days, nodes)


def _check_numbers(problem: TourProblem) -> None:
    if any(stop.worth < 0 or stop.stay < 0 or stop.fee < 0 for stop in problem.stops):
        raise ValueError("worth, stay and fee of a stop are numbers from 0 on")
    if any(
        stop.stay > MAX_TIME or stop.fee > MAX_NUMBER or abs(stop.rank) > MAX_NUMBER
        for stop in problem.stops
    ):
        raise ValueError("a stay, a fee or a rank is larger than any that can be searched")
    if not (
        0 <= problem.travel_price <= MAX_PRICE
        and (problem.budget is None or 0 <= problem.budget <= MAX_NUMBER)
    ):
        raise ValueError("budget and price of travel are numbers from 0 on, up to a bound")
    needs = len(_needs(problem.stops))
    if sum(stop.worth for stop in problem.stops) >= (NEED_WORTH if needs else MUST_WORTH):
        raise ValueError("the worth of all stops together is below that of a must or a need")
    if needs > MAX_NEEDS:
        raise ValueError("there are few needs")
    if any(len(stop.windows) != len(problem.days) for stop in problem.stops):
        raise ValueError("a stop has windows for each day")


def _is_travel(matrix: Matrix, nodes: int) -> bool:
    # Fractions would be cut off, and a way be shorter than it is.
    square = matrix.shape == (nodes, nodes) and matrix.size and matrix.dtype.kind in "iu"
    return bool(square and matrix.min() >= 0 and matrix.max() <= NEVER)


def _check_day(day: Day, stops: int, nodes: int) -> None:
    if not (0 <= day.first < nodes and 0 <= day.last < nodes):
        raise ValueError("a day starts and ends at a node")
    if not (0 <= day.begins <= MAX_TIME and 0 <= day.ends <= MAX_TIME):
        raise ValueError("a day has times from 0 on")
    if day.first < stops or day.last < stops:
        raise ValueError("a stop is not the start or end of a day")


def _check_timetable(table: Timetable, days: Sequence[Day], nodes: int) -> None:
    rows = _places(table, nodes)
    places = table.arrivals.shape[1] if table.arrivals.ndim == 4 else 0
    square = places and table.arrivals.shape[2] == places
    if (
        table.step < 1 or not square or len(rows) != nodes or (rows < 0).any()
        or (rows >= places).any() or (table.rows is None and places != nodes)
    ):  # fmt: skip
        raise ValueError("a timetable is [kind, from, to, slot] with steps from 1 on")
    if not all(0 <= day.kind < len(table.arrivals) for day in days):
        raise ValueError("a day is of a kind that the timetable has")
    if (
        table.step > MAX_TIME
        or abs(table.begins) > MAX_TIME
        or table.arrivals.dtype.kind not in "iu"
    ):
        raise ValueError("a timetable has whole numbers, and times from 0 on")
    if (table.slots is not None and table.slots < 0) or not 0 <= table.spare <= MAX_TIME:
        raise ValueError("slots and time to spare are numbers from 0 on")
    if table.rows is not None and table.least is None:
        raise ValueError("who shares a table says what no way takes less than")
    if table.in_order:
        return
    slots = table.arrivals.shape[3]
    departures = np.minimum(table.begins + table.step * np.arange(slots, dtype=np.int64), NEVER)
    earliest = table.arrivals.min(axis=(0, 1, 2), initial=NEVER)
    if (earliest < departures).any():
        raise ValueError("nobody arrives before leaving")


def _windows(stops: Sequence[Stop], days: int) -> Numbers:
    found = [[_of_day(stop, day) for stop in stops] for day in range(days)]
    most = max((len(windows) for row in found for windows in row), default=0)
    table = np.zeros((days, len(stops), 1 + 2 * max(1, most)), np.int64)
    for day, row in enumerate(found):
        for node, windows in enumerate(row):
            table[day, node, 0] = len(windows)
            edges = [edge for window in windows for edge in window]
            table[day, node, 1 : 1 + len(edges)] = edges
    return table


def _of_day(stop: Stop, day: int) -> Windows:
    windows = stop.windows[day]
    edges = [edge for window in windows for edge in window]
    if edges != sorted(edges) or any(not -MAX_TIME <= edge <= MAX_TIME for edge in edges):
        raise ValueError("windows are in order and do not overlap")
    if stop.never:
        return ()
    if stop.pinned is None:
        return windows
    pinned_day, begin = stop.pinned
    fits = pinned_day == day and any(opens <= begin <= closes for opens, closes in windows)
    return ((begin, begin),) if fits else ()


def _table(timetable: Timetable | None, nodes: int) -> Matrix:
    if timetable is None:
        return np.zeros((1, nodes, nodes, 0), np.int32)
    # Who is there can wait: an earlier departure never arrives later than a later one.
    arrivals = timetable.arrivals
    if timetable.in_order:
        return np.ascontiguousarray(arrivals, np.int32)
    if arrivals.dtype.itemsize > 4:  # else what is beyond NEVER fits too
        arrivals = np.minimum(arrivals, NEVER)
    if (arrivals[..., 1:] < arrivals[..., :-1]).any():
        arrivals = np.minimum.accumulate(arrivals[..., ::-1], axis=3)[..., ::-1]
    return np.ascontiguousarray(arrivals, np.int32)


def _places(timetable: Timetable | None, nodes: int) -> Numbers:
    if timetable is None or timetable.rows is None:
        return np.arange(nodes, dtype=np.int64)
    return np.array(timetable.rows, np.int64)


def _least(timetable: Timetable | None, table: Matrix, way: Matrix) -> Matrix:
    if timetable is None or not table.shape[3]:
        return way
    least = timetable.least
    if least is None:
        slots = timetable.begins + timetable.step * np.arange(table.shape[3], dtype=np.int64)
        # Who leaves between two slots waits, and takes the longer for it.
        least = (table - slots).min(axis=(0, 3))
    return np.ascontiguousarray(np.minimum(least, way), np.int32)


def _shortest_ways(least: Matrix, count: int) -> Numbers:
    """Returns, by stop, what the shortest way to it takes, and the shortest from it."""
    ways = least.astype(np.int64)
    np.fill_diagonal(ways, NEVER)
    # A start or an end that nothing leads to is no reason to take a stop for out of reach.
    return np.stack([ways[:, :count].min(axis=0), ways[:count].min(axis=1)], axis=1)


def _neighbors(cost: Matrix, count: int) -> Numbers:
    both = cost[:count, :count].astype(np.int64)
    both = both + both.T
    np.fill_diagonal(both, -1)
    order = np.argsort(both, axis=1, kind="stable")
    return np.ascontiguousarray(order[:, 1 : NEAR + 1], np.int64)


def _orders(problem: TourProblem, windows: Numbers, cost: Matrix) -> Numbers:
    """Returns candidates by worth, by worth for time, by closing, by the length of opening."""
    count = len(problem.stops)
    worth = np.array([stop.worth for stop in problem.stops], np.float64)
    stay = np.array([stop.stay for stop in problem.stops], np.float64)
    must = np.array([stop.must or stop.need >= 0 for stop in problem.stops], np.bool_)
    nearby = np.sort(cost[:count, :count], axis=1)[:, 1:6]
    around = nearby.mean(axis=1) if nearby.size else np.zeros(count)
    closing = windows[..., 2::2].max(axis=(0, 2), initial=0)
    length = (windows[..., 2::2] - windows[..., 1::2]).sum(axis=(0, 2))
    keys = (-worth, -worth / np.maximum(1, stay + around), closing, length)
    found = [np.lexsort((key, ~must)) for key in keys]
    return np.ascontiguousarray(np.stack(found), np.int64)
