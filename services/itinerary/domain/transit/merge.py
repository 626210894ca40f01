"""All timetables of an area merged into one network, which days are planned with.

Ids are prefixed so that nothing collides: a line by hand and its runs by its own id, everything of
a feed by the feed's. The stops of lines by hand keep their ids: one id on several lines is one
transit stop. Prefixes end with "/", which no id that people make up has in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from services.itinerary.domain.transit.kept import KeptFeed
from services.itinerary.domain.transit.line import PASSES, KeptLine, LineStop
from services.itinerary.domain.transit.network import (
    LineFacts,
    Network,
    RunFacts,
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
from services.itinerary.domain.transit.ways import Ways


def network_of(
    version: str, lines: Sequence[KeptLine], feeds: Sequence[KeptFeed], ways: Ways
) -> Network:
    """Returns one network of everything that is not suspended.

    lines: that were checked, and agree on the stops they share.
    """
    made = _Made()
    for line in lines:
        if not line.suspended:
            made.add_line(line)
    for feed in feeds:
        made.add_feed(feed)
    return Network(
        version, Timetable(made.stops, made.lines, made.services, made.runs), made.line_facts,
        made.run_facts, made.stop_places, made.stop_names, made.fares,
        tuple(kept.walk for kept in ways.walks), tuple(kept.taxi for kept in ways.taxis),
        made.child_fares,
        {line.timetable_id: line.suspended_note for line in lines if line.suspended},
    )  # fmt: skip


@dataclass
class _Made:
    """A network under way. indexes: of stops by id."""

    stops: list[TransitStop] = field(default_factory=list)
    indexes: dict[str, int] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    line_facts: dict[str, LineFacts] = field(default_factory=dict)
    run_facts: dict[str, RunFacts] = field(default_factory=dict)
    stop_places: dict[str, str] = field(default_factory=dict)
    stop_names: dict[str, Mapping[str, str]] = field(default_factory=dict)
    fares: dict[tuple[str, str, str], int] = field(default_factory=dict)
    child_fares: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def add_line(self, line: KeptLine) -> None:
        """Adds a line by hand."""
        line_id = line.timetable_id
        indexes = [self._stop_of(stop) for stop in line.stops]
        self.lines[line_id] = Line(line_id, one_name(line.names), line.operator)
        self.line_facts[line_id] = LineFacts(
            line_id, line.names, line.operator, line.phone, line.operator_names
        )  # fmt: skip
        services: dict[Any, str] = {}
        for run in line.runs:
            service_id = services.setdefault(run.days, f"{line_id}/{len(services) + 1}")
            if service_id not in self.services:
                self.services[service_id] = run.days.service(service_id)
            on = Boarding.CALL_AHEAD if run.call_ahead else Boarding.REGULAR
            calls = tuple(
                Call(index, minute, minute, on)
                for index, minute in zip(indexes, run.minutes, strict=True)
                if minute != PASSES
            )
            run_id = f"{line_id}/{run.run_id}"
            self.runs.append(Run(run_id, line_id, service_id, "", calls))
            self.run_facts[run_id] = run.facts
        for fare in line.fares:
            way = line_id, fare.from_stop_id, fare.to_stop_id
            self.fares[way] = fare.amount_yen
            if fare.child_amount_yen is not None:
                self.child_fares[way] = fare.child_amount_yen

    def _stop_of(self, stop: LineStop) -> int:
        names = {**self.stop_names.get(stop.stop_id, {}), **stop.names}
        self.stop_names[stop.stop_id] = names
        if stop.stop_id not in self.indexes:
            location = stop.location
            point = location.point if location and location.published else None
            self._new_stop(TransitStop(stop.stop_id, one_name(names), point))
            if stop.place_id:
                self.stop_places[stop.stop_id] = stop.place_id
        return self.indexes[stop.stop_id]

    def add_feed(self, feed: KeptFeed) -> None:
        """Adds all of a feed; its publisher vouches for it until its last date."""
        prefix, table = f"{feed.timetable_id}/", feed.timetable
        shift = len(self.stops)
        for stop in table.stops:
            station = f"{prefix}{stop.station_id}" if stop.station_id else ""
            ours = replace(stop, stop_id=f"{prefix}{stop.stop_id}", station_id=station)
            self._new_stop(ours)
            self.stop_names[ours.stop_id] = {feed.language: stop.name}
        for line in table.lines.values():
            line_id = f"{prefix}{line.line_id}"
            self.lines[line_id] = Line(line_id, line.name, line.operator)
            self.line_facts[line_id] = LineFacts(
                feed.timetable_id, {feed.language: line.name}, line.operator, feed.phone
            )
        for service in table.services.values():
            service_id = f"{prefix}{service.service_id}"
            self.services[service_id] = replace(service, service_id=service_id)
        facts = RunFacts(TimeBasis.RECORDED, confirmed_until=table.valid_until)
        for run in table.runs:
            self.runs.append(_shifted(run, prefix, shift))
            self.run_facts[f"{prefix}{run.run_id}"] = facts

    def _new_stop(self, stop: TransitStop) -> None:
        self.indexes[stop.stop_id] = len(self.stops)
        self.stops.append(stop)


def one_name(names: Mapping[str, str]) -> str:
    """Returns the name in Japanese, else in English, else any."""
    return names.get("ja") or names.get("en") or next(iter(names.values()), "")


def _shifted(run: Run, prefix: str, shift: int) -> Run:
    return Run(
        f"{prefix}{run.run_id}", f"{prefix}{run.line_id}", f"{prefix}{run.service_id}",
        run.headsign,
        tuple(
            Call(call.stop + shift, call.arrive_minute, call.depart_minute, call.on, call.off)
            for call in run.calls
        ),
        run.sequences,
    )  # fmt: skip
