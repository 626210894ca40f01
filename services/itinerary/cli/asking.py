"""How the commands of itinerary reach their services, as the owner of the machine."""

import os

from kit import config
from kit.auth import Caller, Minter
from kit.client import Peers
from kit.roles import ADMINS
from meguri.itinerary.v1 import timetable_service_pb2_grpc as timetable_grpc

DEADLINE_S = 20.0


def peers(area: str) -> Peers:
    """Returns channels to the services of one area, the usual one for "". Errors: ConfigError."""
    settings = config.load("itinerary-cli")
    if settings.token_private_key is None:
        raise config.ConfigError("MEGURI_TOKEN_PRIVATE_KEY is not set")
    minter = Minter(settings.token_private_key.read_bytes())
    known = area or os.environ.get("MEGURI_AREA") or "mine"
    caller = Caller(known, "operator", ADMINS)
    return Peers(settings, minter.tokens_of(caller))


def timetables(area: str) -> timetable_grpc.TimetableServiceStub:
    """Returns the service of timetables."""
    return timetable_grpc.TimetableServiceStub(peers(area).channel("itinerary"))
