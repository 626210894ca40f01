"""Times along a day: arrival by whatever is first, and the latest departure that still arrives."""

from services.itinerary.domain.orienteering.compiled import inlined
from services.itinerary.domain.orienteering.instance import (
    KIND,
    LAST,
    NEVER,
    TABLE_FROM,
    TABLE_SLOTS,
    TABLE_SPARE,
    TABLE_STEP,
    Instance,
)


@inlined
def arrival(of: Instance, day: int, here: int, there: int, leave: int) -> int:
    """Returns when one is there who leaves here at a time: on one's own, or by the timetable."""
    reached: int = leave + of.way[here, there]
    slots = of.rules[TABLE_SLOTS]
    if slots > 0:
        step = of.rules[TABLE_STEP]
        slot = max(0, (leave - of.rules[TABLE_FROM] + step - 1) // step)
        if there == of.days[day, LAST]:
            slot += of.rules[TABLE_SPARE]
        if slot < slots:
            reached = min(
                reached, of.table[of.days[day, KIND], of.place[here], of.place[there], slot]
            )
    return reached


@inlined
def departure(of: Instance, day: int, here: int, there: int, limit: int) -> int:
    """Returns the latest time to leave here and be there by limit; -NEVER when there is none."""
    latest: int = limit - of.way[here, there]
    slots = of.rules[TABLE_SLOTS]
    if slots > 0:
        row = of.table[of.days[day, KIND], of.place[here], of.place[there]]
        low, high = -1, slots  # row[low] <= limit < row[high], as far as there are such
        while high - low > 1:
            middle = (low + high) // 2
            if row[middle] <= limit:
                low = middle
            else:
                high = middle
        if there == of.days[day, LAST]:
            low -= of.rules[TABLE_SPARE]
        if low >= 0:
            latest = max(latest, of.rules[TABLE_FROM] + low * of.rules[TABLE_STEP])
    return latest


@inlined
def begin_at(of: Instance, day: int, node: int, arrive: int) -> int:
    """Returns the earliest begin of a visit at or after an arrival; NEVER when there is none."""
    begin = NEVER
    for window in range(of.windows[day, node, 0]):
        if arrive <= of.windows[day, node, 2 * window + 2]:
            begin = max(arrive, of.windows[day, node, 2 * window + 1])
            break
    return begin


@inlined
def begin_by(of: Instance, day: int, node: int, limit: int) -> int:
    """Returns the latest begin of a visit at or before a limit; -NEVER when there is none."""
    begin = -NEVER
    for window in range(of.windows[day, node, 0] - 1, -1, -1):
        if of.windows[day, node, 2 * window + 1] <= limit:
            begin = min(limit, of.windows[day, node, 2 * window + 2])
            break
    return begin
