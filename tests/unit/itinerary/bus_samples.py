"""Made-up timetables for made-up areas: lines between the places of a catalog."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from random import Random

from services.itinerary.domain.bus import bus_day
from services.itinerary.domain.place import Place, Point
from services.itinerary.domain.prepare import Catalog
from services.itinerary.domain.transit.network import (
    KnownWalk,
    LineFacts,
    Network,
    RunFacts,
    Taxi,
    TimeBasis,
)
from services.itinerary.domain.transit.timetable import (
    Boarding,
    Call,
    Line,
    Run,
    Service,
    Timetable,
    TransitStop,
)

EVERY_DAY = Service("daily", frozenset(range(7)), date(2000, 1, 1), date(2098, 12, 31))
TAXI = Taxi({"ja": "秋吉タクシー", "en": "Akiyoshi Taxi"}, "0837-00-0000", 620, 1200, 80, 250)


def stop_at(place_id: str, point: Point | None = None) -> TransitStop:
    return TransitStop(f"stop-{place_id}", place_id, point)


def line_of(*runs: Sequence[int], line_id: str = "red", boarding: Boarding = Boarding.REGULAR,
            service: str = "daily") -> tuple[Run, ...]:  # fmt: skip
    """Runs that call at stop 0, 1, 2 ... at these minutes; -1 passes."""
    return tuple(
        Run(
            f"{line_id}-{number}", line_id, service, "終点",
            tuple(Call(stop, minute, minute, on=boarding)
                  for stop, minute in enumerate(minutes) if minute >= 0),
        )
        for number, minutes in enumerate(runs)
    )  # fmt: skip


def network(
    stops: Sequence[TransitStop],
    runs: Sequence[Run],
    *,
    services: Sequence[Service] = (EVERY_DAY,),
    at_places: Mapping[str, str] | None = None,
    walks: Sequence[KnownWalk] = (),
    facts: Mapping[str, RunFacts] | None = None,
    fares: Mapping[tuple[str, str, str], int] | None = None,
) -> Network:
    lines = sorted({run.line_id for run in runs})
    timetable = Timetable(
        stops, {line: Line(line, f"{line}線", "秋吉バス") for line in lines},
        {each.service_id: each for each in services}, runs,
    )  # fmt: skip
    places = {stop.stop_id: stop.stop_id.removeprefix("stop-") for stop in stops}
    # A version names its timetable: what scans a day remembers it by that.
    version = repr((stops, runs, services, at_places, walks, facts, fares))
    return Network(
        version, timetable,
        {line: _facts(line) for line in lines},
        facts or {}, places if at_places is None else at_places,
        {stop.stop_id: {"ja": stop.name, "en": stop.name} for stop in stops},
        fares or {}, tuple(walks), (TAXI,),
    )  # fmt: skip


def _facts(line: str) -> LineFacts:
    return LineFacts(line, {"ja": f"{line}線", "en": f"{line} line"}, "秋吉バス", "0837-00-0001",
                     {"en": "Akiyoshi Bus"})  # fmt: skip


def _two(random: Random, places: Mapping[str, Place]) -> tuple[str, str]:
    one, other = random.sample(sorted(places), 2)
    return one, other


def with_bus(known: Catalog, kept: Network, day: str, *, past_midnight: bool = False) -> Catalog:
    """Returns an area with what runs on a date."""
    return replace(
        known, bus=bus_day(kept, known.places, date.fromisoformat(day), past_midnight=past_midnight)
    )


def random_network(random: Random, places: Mapping[str, Place], runs: int | None = None) -> Network:
    """Lines between some places, a few runs a day each; some are only on Saturdays."""
    names = ["station", *random.sample(sorted({*places} - {"station"}), random.randrange(2, 9))]
    free = Point(34.23 + random.uniform(-0.1, 0.1), 131.3 + random.uniform(-0.1, 0.1))
    stops = [*(stop_at(name) for name in names), TransitStop("free", "free", free)]
    saturdays = replace(EVERY_DAY, service_id="sat", weekdays=frozenset({5}))
    count = random.choice([0, 5, 30, 60]) if runs is None else runs
    found = [_random_run(random, f"r{number}", len(stops)) for number in range(count)]
    walks = [
        KnownWalk(*_two(random, places), random.randrange(1, 30))
        for _ in range(random.randrange(3))
    ]
    facts = {
        run.run_id: RunFacts(random.choice(list(TimeBasis)[:2]), "2024-04",
                             random.choice([None, date(2026, 12, 1)]), "2026-11-01")
        for run in found
    }  # fmt: skip
    return network(
        stops, found, services=(EVERY_DAY, saturdays), walks=walks, facts=facts,
        at_places={f"stop-{name}": name for name in names},
    )  # fmt: skip


def _random_run(random: Random, run_id: str, stops: int) -> Run:
    minute, calls = random.randrange(300, 1380), []
    for stop in random.sample(range(stops), random.randrange(2, stops + 1)):
        leave = minute + random.randrange(3)
        on, off = (random.choice([*Boarding, Boarding.REGULAR, Boarding.REGULAR]) for _ in "12")
        calls.append(Call(stop, minute, leave, on, off))
        minute = leave + random.randrange(1, 40)
    line = f"line{random.randrange(3)}"
    return Run(run_id, line, random.choice(["daily", "daily", "sat"]), "終点", tuple(calls))
