"""The gRPC door of imports: decode, call the use case, encode."""

from typing import Any

import grpc

from kit.roles import ANALYSTS
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.insights.v1 import import_service_pb2 as pb
from meguri.insights.v1 import import_service_pb2_grpc as pb_grpc
from services.insights.app import imports
from services.insights.app.deps import Deps
from services.insights.gateways.imports import FileUnusable, ImportsBusy
from services.insights.wire import imports as wire

NAME = "meguri.insights.v1.ImportService"

ALLOWED: Allowed = {
    "StartImport": ANALYSTS,
    "ReadImportDraft": ANALYSTS,
    "KeepImport": ANALYSTS,
    "DropImportDraft": ANALYSTS,
    "ListImports": ANALYSTS,
    "UndoImport": ANALYSTS,
    "ReadWeather": ANALYSTS,
    "ReadMonths": ANALYSTS,
}

ERRORS: Errors = {
    FileUnusable: (grpc.StatusCode.INVALID_ARGUMENT, "FILE_UNUSABLE"),
    ImportsBusy: (grpc.StatusCode.UNAVAILABLE, "IMPORTS_BUSY"),
    imports.RowsRejected: (grpc.StatusCode.FAILED_PRECONDITION, "ROWS_REJECTED"),
    imports.NothingNew: (grpc.StatusCode.FAILED_PRECONDITION, "NOTHING_NEW"),
    imports.ImportsFull: (grpc.StatusCode.RESOURCE_EXHAUSTED, "IMPORTS_FULL"),
}


class ImportsApi(pb_grpc.ImportServiceServicer):
    """Answers meguri.insights.v1.ImportService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def StartImport(
        self, request: pb.StartImportRequest, context: Any
    ) -> pb.StartImportResponse:
        """Reads a file into a draft."""
        draft_id = await imports.start(
            self._deps, request_key(request), caller().area, request.file, request.file_name
        )
        return pb.StartImportResponse(draft_id=draft_id)

    async def ReadImportDraft(
        self, request: pb.ReadImportDraftRequest, context: Any
    ) -> pb.ReadImportDraftResponse:
        """What a draft would become."""
        mapping = wire.mapping_of(request.mapping) if request.HasField("mapping") else None
        view = await imports.look(
            self._deps, caller().area, request.draft_id, mapping, request.mapping_name
        )
        return wire.view_message(view)

    async def KeepImport(
        self, request: pb.KeepImportRequest, context: Any
    ) -> pb.KeepImportResponse:
        """Keeps a draft."""
        asked = imports.Keeping(
            request.draft_id, request.expected_version,
            wire.mapping_of(request.mapping) if request.HasField("mapping") else None,
            request.mapping_name, request.source_note, request.signed_as, request.leave_out,
        )  # fmt: skip
        kept = await imports.keep(self._deps, request_key(request), caller().area, asked)
        return pb.KeepImportResponse(number=kept.number, kept_count=kept.count)

    async def DropImportDraft(
        self, request: pb.DropImportDraftRequest, context: Any
    ) -> pb.DropImportDraftResponse:
        """Throws a draft away."""
        await imports.drop(self._deps, request_key(request), caller().area, request.draft_id)
        return pb.DropImportDraftResponse()

    async def ListImports(
        self, request: pb.ListImportsRequest, context: Any
    ) -> pb.ListImportsResponse:
        """What was imported."""
        return wire.listed_message(await imports.list_all(self._deps, caller().area))

    async def UndoImport(
        self, request: pb.UndoImportRequest, context: Any
    ) -> pb.UndoImportResponse:
        """Takes an import back."""
        await imports.undo(
            self._deps, request_key(request), caller().area, request.number, request.signed_as
        )
        return pb.UndoImportResponse()

    async def ReadWeather(
        self, request: pb.ReadWeatherRequest, context: Any
    ) -> pb.ReadWeatherResponse:
        """The weather of days."""
        station, stations, days = await imports.read_weather(
            self._deps, caller().area, request.from_date, request.until_date, request.station
        )
        return pb.ReadWeatherResponse(
            station=station, stations=[wire.station_message(each) for each in stations],
            days=[wire.day_message(each) for each in days],
        )  # fmt: skip

    async def ReadMonths(
        self, request: pb.ReadMonthsRequest, context: Any
    ) -> pb.ReadMonthsResponse:
        """Figures of months."""
        return wire.months_message(
            await imports.read_months(self._deps, caller().area), request.measure
        )
