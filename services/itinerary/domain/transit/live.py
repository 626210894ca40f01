"""What an operator tells of its runs as they go (GTFS-Realtime), laid over a date's timetable.

Source: GTFS Realtime reference (gtfs.org). A delay told of one call holds for those after it until
something else is told. Seconds are cut so that nobody is promised a bus that has left: departures
down, arrivals up.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from math import ceil

from services.itinerary.domain.calendar import instant
from services.itinerary.domain.transit.day import TransitDay
from services.itinerary.domain.transit.timetable import Boarding, Call, Run, TransitStop

MOST_S = 6 * 3600  # whoever is told to be later, or earlier, than this is told nonsense


@dataclass(frozen=True, slots=True)
class LiveTime:
    """A moment of a call. time: seconds since 1970 (POSIX), stronger than delay_s; both None for
    not told."""

    delay_s: int | None = None
    time: int | None = None

    @property
    def told(self) -> bool:
        """Whether anything is told."""
        return self.delay_s is not None or self.time is not None


@dataclass(frozen=True, slots=True)
class LiveCall:
    """What is told of one call. stop_id "", sequence -1: not given. no_data: nothing is known of it
    and of those after it."""

    stop_id: str = ""
    sequence: int = -1
    arrive: LiveTime = LiveTime()
    depart: LiveTime = LiveTime()
    skipped: bool = False
    no_data: bool = False


@dataclass(frozen=True, slots=True)
class LiveRun:
    """What is told of one run. start_date: YYYYMMDD of its service, "" for that of today."""

    run_id: str
    start_date: str = ""
    canceled: bool = False
    delay_s: int | None = None
    calls: tuple[LiveCall, ...] = ()


@dataclass(frozen=True)
class LiveView:
    """All that operators of an area tell just now. runs: by Run.run_id of its network, each with
    the prefix of its feed's ids. day: of the area when it was told. zone: IANA."""

    day: date
    zone: str
    runs: Mapping[str, Sequence[tuple[str, LiveRun]]] = field(default_factory=dict)

    def applied(self, planned: TransitDay) -> TransitDay:
        """Returns what runs on a date as it goes now; its runs are those planned, one by one. What
        is canceled stays, and nobody gets on or off."""
        if not self.runs:
            return planned
        today = {
            run.run_id for run, off in zip(planned.runs, planned.offsets, strict=True) if not off
        }
        runs = []
        for index, run in enumerate(planned.runs):
            day, before = planned.date_of(index), planned.offsets[index] < 0
            told = [
                each for each in self.runs.get(run.run_id, ())
                if self._is_of(each[1], day, overnight=before and run.run_id not in today)
            ]  # fmt: skip
            runs.append(as_it_goes(run, planned.stops, *told[-1], day, self.zone) if told else run)
        return replace(planned, runs=runs)

    def _is_of(self, told: LiveRun, day: date, *, overnight: bool) -> bool:
        if told.start_date:
            return told.start_date == f"{day:%Y%m%d}"
        # Without a date the run of today is meant; after midnight the one that is still on its way.
        return day == self.day or (overnight and day == self.day - timedelta(days=1))


def as_it_goes(
    run: Run, stops: Sequence[TransitStop], prefix: str, told: LiveRun, day: date, zone: str
) -> Run:
    """Returns a run as it goes now; as planned where what is told cannot be.

    day: of its service. prefix: of the ids of its feed.
    """
    if told.canceled:
        nobody = (replace(c, on=Boarding.NONE, off=Boarding.NONE) for c in run.calls)
        return replace(run, calls=tuple(nobody))
    at = _calls_told(run, stops, prefix, told)
    midnight = round(instant(day, 0, zone).timestamp())
    delay_s = told.delay_s or 0
    found: list[Call] = []
    clock = -MOST_S  # nobody drives back in time
    for number, call in enumerate(run.calls):
        said = at.get(number)
        on, off = call.on, call.off
        arrive_s = depart_s = delay_s
        if said is not None and said.skipped:
            on = off = Boarding.NONE
        elif said is not None and said.no_data:
            arrive_s = depart_s = 0
        elif said is not None:
            arrive_s = _late(said.arrive if said.arrive.told else said.depart,
                             call.arrive_minute if said.arrive.told else call.depart_minute,
                             midnight)  # fmt: skip
            depart_s = (
                _late(said.depart, call.depart_minute, midnight) if said.depart.told else arrive_s
            )
        if max(abs(arrive_s), abs(depart_s)) > MOST_S:
            return run
        delay_s = depart_s
        arrive = max(clock, call.arrive_minute + ceil(arrive_s / 60))
        depart = max(arrive if arrive_s > 0 else clock, call.depart_minute + depart_s // 60)
        clock = depart
        found.append(Call(call.stop, arrive, depart, on, off))
    return replace(run, calls=tuple(found))


def _late(told: LiveTime, minute: int, midnight: int) -> int:
    """Returns by how many seconds a call is late."""
    if told.time is not None:
        return told.time - midnight - minute * 60
    return told.delay_s or 0


def _calls_told(
    run: Run, stops: Sequence[TransitStop], prefix: str, told: LiveRun
) -> dict[int, LiveCall]:
    """Returns what is told of each call, by its number: by stop_sequence where both know it, else
    the next call at that transit stop. What fits nowhere is left aside."""
    places = _places(run, stops)
    found: dict[int, LiveCall] = {}
    following = 0
    for said in told.calls:
        stop_id = f"{prefix}{said.stop_id}" if said.stop_id else ""
        numbers = places.get((stop_id, said.sequence if run.sequences else -1), ())
        index = bisect_left(numbers, following)
        if index < len(numbers):
            found[numbers[index]] = said
            following = numbers[index] + 1
    return found


def _places(run: Run, stops: Sequence[TransitStop]) -> dict[tuple[str, int], list[int]]:
    """Returns the numbers of calls, rising, by all that can be told of them: transit stop and
    stop_sequence, "" and -1 for not told. A message may have many times the calls of a run, so
    nothing is looked for twice."""
    found: dict[tuple[str, int], list[int]] = {}
    for number, call in enumerate(run.calls):
        stop_id = stops[call.stop].stop_id
        sequence = run.sequences[number] if run.sequences else -1
        for key in {(stop_id, -1), ("", sequence), (stop_id, sequence)} - {("", -1)}:
            found.setdefault(key, []).append(number)
    return found


@dataclass(frozen=True)
class LiveAlert:
    """A message of an operator. texts: by BCP 47 locale. from_s, until_s: seconds since 1970, 0 for
    no bound. What it is about: everything of the feed, or lines, runs and stops by their ids."""

    titles: Mapping[str, str]
    texts: Mapping[str, str]
    from_s: int = 0
    until_s: int = 0
    everything: bool = False
    line_ids: tuple[str, ...] = ()
    run_ids: tuple[str, ...] = ()
    stop_ids: tuple[str, ...] = ()

    def holds_at(self, second: int) -> bool:
        """Tells whether it holds at a moment."""
        return self.from_s <= second and (self.until_s == 0 or second < self.until_s)
