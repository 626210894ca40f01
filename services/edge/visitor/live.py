"""How full it is right now, for the home page; nothing where nobody knows."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import grpc
from flask_babel import lazy_gettext as _l

from kit.config import ConfigError
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as pb
from meguri.visitor_sense.v1.visitor_sense_service_pb2_grpc import VisitorSenseServiceStub
from services.edge.clients import stub
from services.edge.parts import locale

DEADLINE_S = 0.4  # an ornament must not hold up the page
WORDS: dict[int, Any] = {
    pb.OCCUPANCY_LEVEL_QUIET: _l("Quiet"),
    pb.OCCUPANCY_LEVEL_NORMAL: _l("As usual"),
    pb.OCCUPANCY_LEVEL_BUSY: _l("Busy"),
    pb.OCCUPANCY_LEVEL_CROWDED: _l("Crowded"),
}


@dataclass(frozen=True)
class Level:
    """How full a zone is. bars: 1 to 4."""

    name: str
    word: str
    bars: int
    as_of: datetime


def levels() -> list[Level]:
    """Returns the open zones of which a level is known."""
    try:
        answer = stub(VisitorSenseServiceStub, deadline_s=DEADLINE_S).ReadOccupancy(
            pb.ReadOccupancyRequest()
        )
    except (grpc.RpcError, ConfigError):
        return []
    return [
        Level(
            zone.names.get(locale()) or zone.names.get("ja") or zone.zone_id,
            str(WORDS[zone.level]), zone.level - 1, zone.as_of_time.ToDatetime(tzinfo=UTC),
        )
        for zone in answer.zones
        if zone.level in WORDS and not zone.closed  # a shut gate would look quiet
    ]  # fmt: skip
