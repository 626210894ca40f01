"""A team orienteering problem as arrays: what the inner loops read and never write.

Nodes 0 ... n-1 may be visited; nodes from n on are starts and ends of days. Times are whole units
of the caller's choice (minutes in Meguri, tenths in benchmark files).
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]
Efforts = npt.NDArray[np.float64]
NEVER = 1_000_000_000  # a time no day reaches


# Columns of Instance.stops, of Instance.days, and places in Instance.rules.
WORTH, STAY, FEE, GROUP, MUST, RANK, NEED, LEAST_IN, LEAST_OUT = range(9)
FIRST, LAST, BEGINS, ENDS, KIND = range(5)
BUDGET, RANKED, TRAVEL_PRICE, TABLE_FROM, TABLE_STEP, TABLE_SLOTS, TABLE_SPARE = range(7)
# Rows of Tours.plan, and places in Tours.sums; from TAKEN on, how many of each group are visited.
NODE, ARRIVE, LEAVE, LATEST = range(4)
ALL_WORTH, ALL_COST, ALL_FEES, VISITS, TAKEN = range(5)


class Instance(NamedTuple):
    """Arrays of one problem: n candidates, d days, w windows a day at most, N nodes, k kinds of
    day.

    Few arrays, for each costs time at every call. stops[n, column]: worth (with the bonus of a
    must), stay, fee, group (-1: none), must, rank (-1: none), need (-1: none; numbered behind the
    groups), what no way to it takes less than, and no way from it. windows[d, n, 1 + 2w]: how many,
    then earliest and latest begin of each. way[N, N]: travel on one's own. cost[N, N]: what travel
    takes off the value. table[k, P, P, slots]: arrival when leaving at TABLE_FROM + slot *
    TABLE_STEP; no slots without timetables, TABLE_SLOTS of them count. place[N]: the row of it that
    a node has. TABLE_SPARE: how many slots before a ride to the end of a day one is there.
    least[N, N]: what no way takes less than, at any time.
    days[d, column]. near[n, j]: other candidates, the closest first. orders[o, n]: candidates in
    orders worth trying. rules: budget, whether there are ranks, price of travel, and of the table.
    """

    stops: Ints
    windows: Ints
    way: Shorts
    cost: Shorts
    table: Shorts
    place: Ints
    least: Shorts
    days: Ints
    near: Ints
    orders: Ints
    rules: Ints


class Tours(NamedTuple):
    """A solution under change. Position 0 of a day is its start, the last one its end.

    plan[d, row, position]: node, arrival, departure, and the latest arrival that leaves the rest
    possible. size[d]: positions in use. where[n]: day of a visit, -1 for none. sums: worth, cost,
    fees, number of visits, then visits of each group.
    """

    plan: Ints
    size: Ints
    where: Ints
    sums: Ints


def empty_tours(of: Instance, groups: int) -> Tours:
    """Returns arrays for a solution; tours.clear fills them."""
    days, count = len(of.days), len(of.stops)
    return Tours(
        plan=np.zeros((days, 4, count + 2), np.int64),
        size=np.full(days, 2, np.int64),
        where=np.full(count, -1, np.int64),
        sums=np.zeros(TAKEN + groups, np.int64),
    )
