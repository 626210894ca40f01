"""How commands reach the service, and how they answer."""

import argparse
import json
import os
from datetime import tzinfo
from pathlib import Path
from typing import Any

from kit import config
from kit.auth import Caller, Minter
from kit.client import Peers
from kit.pure import local_time
from kit.pure.errors import Refusal
from kit.roles import ADMINS
from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from meguri.visitor_sense.v1.visitor_sense_service_pb2_grpc import VisitorSenseServiceStub
from services.visitor_sense.sensor.calibrate import CountsUnreadable, read_hours

DEADLINE_S = 20.0


class SenseRefused(Refusal):
    """A command cannot do what was asked. reason: stable, for programs; the text says why."""

    def __init__(self, reason: str, text: str) -> None:
        self.reason = reason
        super().__init__(text)


def credential_file(data: str, area: str, sensor_id: str) -> Path:
    """Returns where the credential of a sensor of this machine is kept."""
    return Path(data) / "visitor_sense" / "sensors" / f"{area}.{sensor_id}.json"


def counted(path: Path) -> list[wire.CountedHour]:
    """Reads hours that somebody counted. Errors: SenseRefused."""
    try:
        counts = read_hours(path)
    except CountsUnreadable as error:
        raise SenseRefused("COUNTS_UNREADABLE", str(error)) from error
    found = [wire.CountedHour(persons=persons) for _, persons in counts]
    for one, (hour, _) in zip(found, counts, strict=True):
        one.hour_start_time.FromDatetime(hour)
    return found


def stub(peers: Peers) -> VisitorSenseServiceStub:
    """Returns a stub of the service."""
    return VisitorSenseServiceStub(peers.channel("visitor_sense"))


def zone(area: str) -> tzinfo:
    """Returns the time zone of an area."""
    directory = DirectoryServiceStub(peers(area).channel("directory"))
    found = directory.ReadArea(directory_pb.ReadAreaRequest(), timeout=DEADLINE_S).area
    return local_time.zone_of(found.time_zone)


def area() -> str:
    """Returns the area that commands are for."""
    return os.environ.get("MEGURI_AREA") or os.environ.get("MEGURI_DEFAULT_AREA") or "mine"


def peers(area: str) -> Peers:
    """Returns the ways to the services, as an administrator. Errors: ConfigError."""
    settings = config.load("cli")
    if settings.token_private_key is None:
        raise config.ConfigError("MEGURI_TOKEN_PRIVATE_KEY is not set")
    minter = Minter(settings.token_private_key.read_bytes())
    caller = Caller(area, "command-line", ADMINS)
    return Peers(settings, minter.tokens_of(caller))


def tell(arguments: argparse.Namespace, answer: dict[str, Any], text: str) -> int:
    """Prints an answer, for programs or for people. Returns the exit code."""
    print(json.dumps(answer, ensure_ascii=False) if arguments.json else text)  # noqa: T201 - the answer of a command
    return 0
