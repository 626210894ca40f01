"""The way from one place to another as a person takes it: which bus, from where, when.

Rounds as in RAPTOR (Delling, Pajor, Werneck 2015), each a scan of the day's hops: after round k it
is known how soon each transit stop is reached with k rides. Of the earliest arrivals the one with
the fewest rides is taken.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from services.itinerary.domain.transit.access import NEVER, Access
from services.itinerary.domain.transit.day import CHANGE_MINUTES, Hop, TransitDay
from services.itinerary.domain.transit.timetable import Boarding

MAX_RIDES = 6


@dataclass(frozen=True, slots=True)
class Ride:
    """One ride. run: index in TransitDay.runs; stops: indexes of transit stops. calls: indexes of
    the calls where one gets on and off. on, off: what one has to do there."""

    run: int
    from_stop: int
    depart_minute: int
    to_stop: int
    arrive_minute: int
    calls: tuple[int, int]
    on: Boarding
    off: Boarding


@dataclass(frozen=True)
class Journey:
    """A way from place to place. rides may be empty: then it is walked.

    walks: minutes before the first ride, between rides and after the last; one more than rides.
    """

    leave_minute: int
    arrive_minute: int
    rides: tuple[Ride, ...]
    walks: tuple[int, ...]


def journey(
    day: TransitDay, access: Access, one: int, other: int, minute: int, known: int = NEVER
) -> Journey | None:
    """Returns the way that is there first, leaving at a minute or later; None where there is none.

    known: when one is there at the latest, by Profiles: what goes after that is not looked at. To
    leave as late as the same arrival allows, ask Profiles.last_departure for the minute.
    """
    walk = access.walks[one][other]
    best = Journey(minute, minute + walk, (), (walk,)) if walk < NEVER else None
    rounds = [_Round({stop: minute + away for stop, away in access.stops[one]}, {}, {})]
    out = dict(access.stops[other])
    for _ in range(MAX_RIDES):
        limit = known + 1 if best is None else min(known + 1, best.arrive_minute)
        found = _ride(day, rounds[-1], rounds, limit)
        ends = [(minute_ + out[stop], stop) for stop, minute_ in found.reached.items()
                if stop in out]  # fmt: skip
        rounds.append(found)
        if ends and min(ends)[0] < limit:
            best = _told(day, access.stops[one], rounds, min(ends))
        if not found.ready:
            break
    return best


@dataclass
class _Round:
    """After some rides. ready: from when one can get on at a transit stop. came_from: where one
    walked there from. reached: when one gets off at a transit stop, and how: hops of getting on
    and off."""

    ready: dict[int, int]
    came_from: dict[int, tuple[int, int]]
    how: dict[int, tuple[Hop, Hop]]
    reached: dict[int, int] = field(default_factory=dict)


def _ride(day: TransitDay, before: _Round, all_before: Sequence[_Round], limit: int) -> _Round:
    """Returns where one more ride leads, as far as that is sooner than anything before."""
    found = _Round({}, {}, {})
    for got_on, hop in _taken(day, before, limit):
        known = (each.reached.get(hop.to_stop, NEVER) for each in (*all_before, found))
        if hop.alights and hop.arrive_minute < min(limit, *known):
            found.reached[hop.to_stop] = hop.arrive_minute
            found.how[hop.to_stop] = (got_on, hop)
    for stop, minute in found.reached.items():
        for other, walk in day.changes[stop]:
            ready = minute + walk + CHANGE_MINUTES
            if ready < found.ready.get(other, NEVER):
                found.ready[other], found.came_from[other] = ready, (stop, walk)
    return found


def _taken(day: TransitDay, before: _Round, limit: int) -> Iterator[tuple[Hop, Hop]]:
    """Gives every hop that can be ridden, with the one where one got on, before a minute."""
    if not before.ready:
        return
    first = bisect_left(day.hops, min(before.ready.values()), key=lambda hop: hop.depart_minute)
    aboard: dict[int, Hop] = {}
    for hop in islice(day.hops, first, None):
        if hop.depart_minute >= limit:
            return
        got_on = aboard.get(hop.run)
        if got_on is None:
            if not hop.boards or before.ready.get(hop.from_stop, NEVER) > hop.depart_minute:
                continue
            got_on = aboard[hop.run] = hop
        yield got_on, hop


def _told(
    day: TransitDay,
    access: Sequence[tuple[int, int]],
    rounds: Sequence[_Round],
    end: tuple[int, int],
) -> Journey:
    arrive, stop = end
    rides: list[Ride] = []
    walks = [arrive - rounds[-1].reached[stop]]
    for number in range(len(rounds) - 1, 0, -1):
        got_on, got_off = rounds[number].how[stop]
        calls = day.runs[got_on.run].calls
        rides.append(
            Ride(
                got_on.run, got_on.from_stop, got_on.depart_minute, got_off.to_stop,
                got_off.arrive_minute, (got_on.call, got_off.call + 1),
                calls[got_on.call].on, calls[got_off.call + 1].off,
            )
        )  # fmt: skip
        if number > 1:
            stop, walk = rounds[number - 1].came_from[got_on.from_stop]
            walks.append(walk)
    first = rides[-1]
    walks.append(min(walk for stop, walk in access if stop == first.from_stop))
    return Journey(
        first.depart_minute - walks[-1], arrive, tuple(reversed(rides)), tuple(reversed(walks))
    )
