"""The gRPC door of published figures: decode, call the use case, encode."""

from typing import Any

from kit.roles import ANALYSTS, EVERYBODY
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.insights.v1 import open_data_service_pb2 as pb
from meguri.insights.v1 import open_data_service_pb2_grpc as pb_grpc
from services.insights.app import open_data
from services.insights.app.deps import Deps
from services.insights.wire import open_data as wire

NAME = "meguri.insights.v1.OpenDataService"

ALLOWED: Allowed = {
    "ReadOpenData": EVERYBODY,
    "ReadOpenDataSettings": ANALYSTS,
    "SaveOpenDataSettings": ANALYSTS,
}

ERRORS: Errors = {}


class OpenDataApi(pb_grpc.OpenDataServiceServicer):
    """Answers meguri.insights.v1.OpenDataService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def ReadOpenData(
        self, request: pb.ReadOpenDataRequest, context: Any
    ) -> pb.ReadOpenDataResponse:
        """What is published."""
        found = await open_data.read(
            self._deps, caller().area, request.from_date, request.until_date
        )
        return wire.published_message(found)

    async def ReadOpenDataSettings(
        self, request: pb.ReadOpenDataSettingsRequest, context: Any
    ) -> pb.ReadOpenDataSettingsResponse:
        """The choice."""
        return wire.choice_message(await open_data.read_choice(self._deps, caller().area))

    async def SaveOpenDataSettings(
        self, request: pb.SaveOpenDataSettingsRequest, context: Any
    ) -> pb.SaveOpenDataSettingsResponse:
        """Chooses."""
        version = await open_data.save(
            self._deps, request_key(request), caller().area, request.expected_version,
            wire.settings_of(request.settings),
        )  # fmt: skip
        return pb.SaveOpenDataSettingsResponse(version=version)
