"""The rides of kept days, found again in what runs now: timetables change after a plan was made."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.itinerary.domain.bus import BusDay
from services.itinerary.domain.plan import PlannedRide
from services.itinerary.domain.remembered import Remembered
from services.itinerary.domain.transit.day import TransitDay

INDEXES_KEPT = 8  # of days asked for lately
SAME_RIDE_MINUTES = 60  # whatever is called the same and leaves at quite another time is another


@dataclass(frozen=True)
class Going:
    """A ride as it goes. run: index in TransitDay.runs. canceled: it is in the timetable, but does
    not go, or does not stop where it should. live: it goes otherwise than the timetable says."""

    run: int
    depart_minute: int
    arrive_minute: int
    canceled: bool
    live: bool


class Timetabled:
    """What runs on a date, to look rides up."""

    def __init__(self, bus: BusDay) -> None:
        self._bus, day = bus, bus.planned
        self._stops: dict[str, list[int]] = {}
        self._by_name: dict[str, list[int]] = {}
        for index, stop in enumerate(day.stops):
            self._stops.setdefault(stop.stop_id, []).append(index)
            for name in bus.network.stop_names.get(stop.stop_id, {"": stop.name}).values():
                self._by_name.setdefault(name, []).append(index)
        self._runs: dict[str, list[int]] = {}
        self._leaving: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for index, run in enumerate(day.runs):
            self._runs.setdefault(run.run_id, []).append(index)
            offset = day.offsets[index]
            for number, call in enumerate(run.calls):
                at = call.stop, call.depart_minute + offset
                self._leaving.setdefault(at, []).append((index, number))

    def find(self, ride: PlannedRide) -> Going | None:
        """Returns a ride as it goes now; None where nothing of its timetable is like it.

        What leaves and arrives at the same minutes is the same ride, whatever it is called now.
        """
        ends = self._ends(ride)
        exact = self._exact(ride, *ends)
        named = (
            each for run in self._runs.get(ride.run_id, ()) for each in self._between(run, *ends)
        )
        by_shift = ((abs(self._at(*each[:2]) - ride.depart_minute), each) for each in named)
        near = (pair for pair in by_shift if pair[0] <= SAME_RIDE_MINUTES)
        found = exact or min(near, default=(0, None))[1]
        return None if found is None else self._told(*found)

    def _exact(
        self, ride: PlannedRide, ons: Sequence[int], offs: Sequence[int]
    ) -> tuple[int, int, int] | None:
        for on in ons:
            for run, call in self._leaving.get((on, ride.depart_minute), ()):
                if self._timetable_of(run) != ride.timetable_id:
                    continue
                for each in self._between(run, [on], offs):
                    offset = self._bus.planned.offsets[run]
                    arrive = self._bus.planned.runs[run].calls[each[2]].arrive_minute + offset
                    if each[1] == call and arrive == ride.arrive_minute:
                        return each
        return None

    def _between(
        self, run: int, ons: Sequence[int], offs: Sequence[int]
    ) -> Iterator[tuple[int, int, int]]:
        """Gives the calls of a run at which one can get on and off."""
        calls = self._bus.planned.runs[run].calls
        for on, call in enumerate(calls):
            if call.stop not in ons or not call.on.possible:
                continue
            for off in range(on + 1, len(calls)):
                if calls[off].stop in offs and calls[off].off.possible:
                    yield run, on, off
                    break

    def _ends(self, ride: PlannedRide) -> tuple[Sequence[int], Sequence[int]]:
        """Returns the transit stops of a ride, by id; of a day kept long ago, or where the operator
        has given its stops other ids, by name."""
        return (
            self._stops.get(ride.from_stop_id) or self._named(ride.from_names.values()),
            self._stops.get(ride.to_stop_id) or self._named(ride.to_names.values()),
        )

    def _named(self, names: Iterable[str]) -> Sequence[int]:
        return [index for name in names for index in self._by_name.get(name, ())]

    def _timetable_of(self, run: int) -> str:
        line_id = self._bus.planned.runs[run].line_id
        facts = self._bus.network.lines.get(line_id)
        return facts.timetable_id if facts else ""

    def _at(self, run: int, call: int) -> int:
        day = self._bus.planned
        return day.runs[run].calls[call].depart_minute + day.offsets[run]

    def _told(self, run: int, on: int, off: int) -> Going:
        now, planned = _calls(self._bus.day, run, on, off), _calls(self._bus.planned, run, on, off)
        return Going(run, now[0], now[1], canceled=not now[2], live=now != planned)


def timetabled(bus: BusDay) -> Timetabled:
    """Returns the index of a day; made once for the few asked for lately."""
    return _MADE.get(bus.key, lambda: Timetabled(bus))


_MADE: Remembered[Timetabled] = Remembered(INDEXES_KEPT)


def _calls(day: TransitDay, run: int, on: int, off: int) -> tuple[int, int, bool]:
    calls, offset = day.runs[run].calls, day.offsets[run]
    goes = calls[on].on.possible and calls[off].off.possible
    return calls[on].depart_minute + offset, calls[off].arrive_minute + offset, goes
