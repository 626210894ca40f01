"""What the operator says: messages made from a GTFS archive and orders."""

import csv
import io
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from google.transit import gtfs_realtime_pb2 as rt

VERSION = "2.0"


@dataclass
class Run:
    """A trip of the archive. calls: stop_id, stop_sequence and departure as seconds of its day."""

    trip_id: str
    route_id: str
    calls: list[tuple[str, int, int]] = field(default_factory=list)


def read(archive: Path) -> dict[str, Run]:
    """Returns the trips of a GTFS archive."""
    with zipfile.ZipFile(archive) as packed:
        runs = {row["trip_id"]: Run(row["trip_id"], row["route_id"])
                for row in _rows(packed, "trips.txt")}  # fmt: skip
        for row in _rows(packed, "stop_times.txt"):
            told = row.get("departure_time") or row.get("arrival_time") or ""
            if row["trip_id"] in runs and told:
                hours, minutes, seconds = map(int, told.strip().split(":"))
                at = hours * 3600 + minutes * 60 + seconds
                call = row["stop_id"], int(row["stop_sequence"]), at
                runs[row["trip_id"]].calls.append(call)
    for run in runs.values():
        run.calls.sort(key=lambda call: call[1])
    return runs


def _rows(packed: zipfile.ZipFile, name: str) -> Iterator[Mapping[str, str]]:
    with packed.open(name) as table:
        yield from csv.DictReader(io.TextIOWrapper(table, "utf-8-sig"))


@dataclass
class Play:
    """What was ordered so far."""

    runs: Mapping[str, Run] = field(default_factory=dict)
    trips: dict[str, dict[str, Any]] = field(default_factory=dict)
    alerts: list[dict[str, Any]] = field(default_factory=list)
    added: int = 0
    vehicles: int = 0
    age_s: int = 0
    habit: str = "fine"

    def order(self, orders: Mapping[str, Any]) -> None:
        """Takes orders; what is not named stays. Errors: KeyError for what there is not."""
        for name, value in orders.items():
            if name not in {"trips", "alerts", "added", "vehicles", "age_s", "habit"}:
                raise KeyError(name)
            setattr(self, name, value)

    def message(self, what: str) -> rt.FeedMessage:
        """Returns trip_updates, alerts or vehicles as a message."""
        made = rt.FeedMessage()
        made.header.gtfs_realtime_version = VERSION
        made.header.timestamp = int(time.time()) - self.age_s
        made.header.incrementality = (
            rt.FeedHeader.DIFFERENTIAL
            if self.habit == "differential"
            else rt.FeedHeader.FULL_DATASET
        )
        {"trip_updates": self._trips, "alerts": self._alerts, "vehicles": self._vehicles}[what](
            made
        )
        return made

    def _trips(self, made: rt.FeedMessage) -> None:
        for trip_id, told in self.trips.items():
            entity = made.entity.add(id=f"trip-{trip_id}")
            update = entity.trip_update
            update.trip.trip_id = trip_id
            update.trip.start_date = told.get("start_date", "")
            if told.get("canceled"):
                update.trip.schedule_relationship = rt.TripDescriptor.CANCELED
                continue
            self._calls(update, trip_id, told)
        for number in range(self.added):
            update = made.entity.add(id=f"added-{number}").trip_update
            update.trip.trip_id = f"added-{number}"
            update.trip.schedule_relationship = rt.TripDescriptor.ADDED
            update.stop_time_update.add(stop_id="somewhere").departure.delay = 0

    def _calls(self, update: rt.TripUpdate, trip_id: str, told: Mapping[str, Any]) -> None:
        run = self.runs.get(trip_id)
        calls = run.calls if run else []
        late = not told.get("from_stop")
        for stop_id, sequence, at in calls:
            late = late or stop_id == told.get("from_stop")
            call = update.stop_time_update.add(stop_id=stop_id, stop_sequence=sequence)
            if stop_id in told.get("skip", ()):
                call.schedule_relationship = rt.TripUpdate.StopTimeUpdate.SKIPPED
            elif told.get("no_data"):
                call.schedule_relationship = rt.TripUpdate.StopTimeUpdate.NO_DATA
            else:
                delay = told.get("delay_s", 0) if late else 0
                for event in (call.arrival, call.departure):
                    if told.get("absolute"):
                        event.time = int(told["midnight"]) + at + delay
                    else:
                        event.delay = delay
        if not calls:
            update.delay = told.get("delay_s", 0)

    def _alerts(self, made: rt.FeedMessage) -> None:
        for number, told in enumerate(self.alerts):
            alert = made.entity.add(id=f"alert-{number}").alert
            for name, into in (("header", alert.header_text), ("text", alert.description_text)):
                for language, text in told.get(name, {}).items():
                    into.translation.add(text=text, language=language)
            if "from_s" in told or "until_s" in told:
                alert.active_period.add(start=told.get("from_s", 0), end=told.get("until_s", 0))
            for route_id in told.get("routes", ()):
                alert.informed_entity.add(route_id=route_id)
            for stop_id in told.get("stops", ()):
                alert.informed_entity.add(stop_id=stop_id)
            for trip_id in told.get("trips", ()):
                alert.informed_entity.add().trip.trip_id = trip_id

    def _vehicles(self, made: rt.FeedMessage) -> None:
        for number in range(self.vehicles):
            position = made.entity.add(id=f"bus-{number}").vehicle.position
            position.latitude, position.longitude = 34.2, 131.3
