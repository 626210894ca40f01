"""Tours under change: putting visits in and taking them out, with all times kept right."""

from services.itinerary.domain.orienteering.compiled import compiled, inlined
from services.itinerary.domain.orienteering.instance import (
    ALL_COST,
    ALL_FEES,
    ALL_WORTH,
    ARRIVE,
    BEGINS,
    ENDS,
    FEE,
    FIRST,
    GROUP,
    LAST,
    LATEST,
    LEAVE,
    NEED,
    NEVER,
    NODE,
    STAY,
    TAKEN,
    VISITS,
    WORTH,
    Instance,
    Tours,
)
from services.itinerary.domain.orienteering.times import arrival, begin_at, begin_by, departure


@compiled
def clear(of: Instance, tours: Tours) -> None:
    """Empties all days."""
    tours.where[:] = -1
    tours.sums[:] = 0
    for day in range(tours.size.shape[0]):
        tours.size[day] = 2
        tours.plan[day, NODE, 0], tours.plan[day, NODE, 1] = of.days[day, FIRST], of.days[day, LAST]
        tours.sums[ALL_COST] += of.cost[of.days[day, FIRST], of.days[day, LAST]]
        settle(of, tours, day, 1)


@inlined
def forward(of: Instance, tours: Tours, day: int, position: int) -> int:
    """Renews arrivals from a position on. Returns the first one reached too late, or 0."""
    end = tours.size[day] - 1
    for at in range(position, end):
        node = tours.plan[day, NODE, at]
        reached = arrival(
            of, day, tours.plan[day, NODE, at - 1], node, tours.plan[day, LEAVE, at - 1]
        )
        begin = begin_at(of, day, node, reached)
        if begin == NEVER:
            return at
        left = begin + of.stops[node, STAY]
        unchanged = at > position and left == tours.plan[day, LEAVE, at]
        tours.plan[day, ARRIVE, at], tours.plan[day, LEAVE, at] = reached, left
        if unchanged:
            return 0
    reached = arrival(
        of,
        day,
        tours.plan[day, NODE, end - 1],
        tours.plan[day, NODE, end],
        tours.plan[day, LEAVE, end - 1],
    )
    tours.plan[day, ARRIVE, end] = tours.plan[day, LEAVE, end] = reached
    return end if reached > of.days[day, ENDS] else 0


@inlined
def backward(of: Instance, tours: Tours, day: int, position: int) -> None:
    """Renews the latest arrivals from a position back to the start."""
    for at in range(position, 0, -1):
        node = tours.plan[day, NODE, at]
        limit = departure(
            of, day, node, tours.plan[day, NODE, at + 1], tours.plan[day, LATEST, at + 1]
        )
        latest = begin_by(of, day, node, limit - of.stops[node, STAY])
        unchanged = at < position and latest == tours.plan[day, LATEST, at]
        tours.plan[day, LATEST, at] = latest
        if unchanged:
            return


@compiled
def settle(of: Instance, tours: Tours, day: int, position: int) -> int:
    """Renews all times of a day whose visits from a position on are new; as forward."""
    end = tours.size[day] - 1
    tours.plan[day, ARRIVE, 0] = tours.plan[day, LEAVE, 0] = of.days[day, BEGINS]
    for at in range(max(1, position), end):
        tours.plan[day, LEAVE, at] = -NEVER  # no early end of forward
    late = forward(of, tours, day, max(1, position))
    tours.plan[day, LATEST, end] = of.days[day, ENDS]
    if late == 0:
        for at in range(1, end):
            tours.plan[day, LATEST, at] = -NEVER - 1
        backward(of, tours, day, end - 1)
    return late


@compiled
def put(of: Instance, tours: Tours, day: int, position: int, node: int) -> None:
    """Inserts a visit before a position where it fits."""
    size = tours.size[day]
    before, after = tours.plan[day, NODE, position - 1], tours.plan[day, NODE, position]
    for at in range(size, position, -1):
        tours.plan[day, NODE, at] = tours.plan[day, NODE, at - 1]
        tours.plan[day, ARRIVE, at] = tours.plan[day, ARRIVE, at - 1]
        tours.plan[day, LEAVE, at] = tours.plan[day, LEAVE, at - 1]
        tours.plan[day, LATEST, at] = tours.plan[day, LATEST, at - 1]
    tours.plan[day, NODE, position] = node
    tours.size[day] = size + 1
    _count(of, tours, node, 1)
    tours.where[node] = day
    tours.sums[ALL_COST] += of.cost[before, node] + of.cost[node, after] - of.cost[before, after]
    forward(of, tours, day, position)
    backward(of, tours, day, position)


@compiled
def take(of: Instance, tours: Tours, day: int, begin: int, end: int) -> None:
    """Removes the visits from position begin to end - 1. Times are wrong until settle is called."""
    size = tours.size[day]
    for at in range(begin - 1, end):
        tours.sums[ALL_COST] -= of.cost[tours.plan[day, NODE, at], tours.plan[day, NODE, at + 1]]
    tours.sums[ALL_COST] += of.cost[tours.plan[day, NODE, begin - 1], tours.plan[day, NODE, end]]
    for at in range(begin, end):
        node = tours.plan[day, NODE, at]
        _count(of, tours, node, -1)
        tours.where[node] = -1
    gone = end - begin
    for at in range(end, size):
        tours.plan[day, NODE, at - gone] = tours.plan[day, NODE, at]
    tours.size[day] = size - gone


@inlined
def _count(of: Instance, tours: Tours, node: int, by: int) -> None:
    tours.sums[ALL_WORTH] += by * of.stops[node, WORTH]
    tours.sums[ALL_FEES] += by * of.stops[node, FEE]
    tours.sums[VISITS] += by
    if of.stops[node, GROUP] >= 0:
        tours.sums[TAKEN + of.stops[node, GROUP]] += by
    if of.stops[node, NEED] >= 0:
        tours.sums[TAKEN + of.stops[node, NEED]] += by


@compiled
def mend(of: Instance, tours: Tours, day: int) -> None:
    """Settles a day after removals; where the way got longer, drops what is out of reach."""
    late = settle(of, tours, day, 1)
    while late:
        gone = min(late, tours.size[day] - 2)
        if gone < 1:
            return  # the empty day, which is possible or was never to be used
        take(of, tours, day, gone, gone + 1)
        late = settle(of, tours, day, 1)


@compiled
def copy_day(source: Tours, target: Tours, day: int) -> None:
    """Copies one day; where and sums are left to copy_rest."""
    size = source.size[day]
    target.size[day] = size
    for at in range(size):
        target.plan[day, NODE, at] = source.plan[day, NODE, at]
        target.plan[day, ARRIVE, at] = source.plan[day, ARRIVE, at]
        target.plan[day, LEAVE, at] = source.plan[day, LEAVE, at]
        target.plan[day, LATEST, at] = source.plan[day, LATEST, at]


@compiled
def copy_rest(source: Tours, target: Tours) -> None:
    """Copies what belongs to no single day."""
    for node in range(source.where.shape[0]):
        target.where[node] = source.where[node]
    for index in range(source.sums.shape[0]):
        target.sums[index] = source.sums[index]
