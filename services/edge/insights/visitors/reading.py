"""What the pages of visitors ask of the services."""

from dataclasses import dataclass
from datetime import UTC, datetime

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from meguri.visitor_sense.v1.visitor_sense_service_pb2_grpc import VisitorSenseServiceStub
from services.edge.clients import stub
from services.edge.insights.present import place_name
from services.edge.insights.visitors.period import Period

PLACES_DEADLINE_S = 1.0  # without directory there is a list and no plan


@dataclass(frozen=True)
class Zones:
    """The zones of the area, with their levels, and their names in the reader's language."""

    found: list[wire.ZoneOccupancy]
    names: dict[str, str]

    def known(self, zone_id: str) -> str:
        """Returns a zone's id, empty (all zones) for one that there is not."""
        return zone_id if zone_id in self.names else ""


def read_zones() -> Zones:
    """Reads the zones. Errors: grpc.RpcError."""
    found = list(
        stub(VisitorSenseServiceStub).ReadOccupancy(wire.ReadOccupancyRequest()).zones
    )  # fmt: skip
    return Zones(found, {zone.zone_id: place_name(zone.names, zone.zone_id) for zone in found})


def read_hours(period: Period) -> wire.ReadVisitorsResponse:
    """Reads the hours of all zones, of a year part by part; what is still to come is not asked for.
    Errors: grpc.RpcError."""
    service, now = stub(VisitorSenseServiceStub), datetime.now(UTC)
    found: wire.ReadVisitorsResponse | None = None
    for part in period.parts():
        if found is not None and part.begin > now:
            break
        answer = service.ReadVisitors(
            wire.ReadVisitorsRequest(from_time=_stamp(part.begin), to_time=_stamp(part.end))
        )
        if found is None:
            found = answer
        else:
            found.hours.extend(answer.hours)
            found.totals.extend(answer.totals)
            found.flawed_hours.extend(answer.flawed_hours)
    assert found is not None  # noqa: S101 - a period has a day at least
    return found


def read_gadgets(period: Period) -> wire.ReadGadgetHoursResponse:
    """Reads the hours of gadgets that count themselves. Errors: grpc.RpcError."""
    return stub(VisitorSenseServiceStub).ReadGadgetHours(
        wire.ReadGadgetHoursRequest(from_time=_stamp(period.begin), to_time=_stamp(period.end))
    )


def read_forecast() -> wire.ReadForecastResponse:
    """Reads what is foretold of all zones. Errors: grpc.RpcError."""
    return stub(VisitorSenseServiceStub).ReadForecast(wire.ReadForecastRequest())


def read_days(period: Period) -> wire.ReadDaysResponse:
    """Reads finished days. Errors: grpc.RpcError."""
    return stub(VisitorSenseServiceStub).ReadDays(
        wire.ReadDaysRequest(
            from_date=period.first.isoformat(), to_date=period.last.isoformat()
        )
    )  # fmt: skip


def read_places() -> dict[str, directory_pb.Place]:
    """Reads the places by id; none while directory is away."""
    try:
        answer = stub(DirectoryServiceStub, deadline_s=PLACES_DEADLINE_S).ListPlaces(
            directory_pb.ListPlacesRequest()
        )
    except grpc.RpcError:
        return {}
    return {place.place_id: place for place in answer.places}


def _stamp(at: datetime) -> Timestamp:
    found = Timestamp()
    found.FromDatetime(at)
    return found
