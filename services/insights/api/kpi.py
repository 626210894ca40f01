"""The gRPC door of the KPI book: decode, call the use case, encode."""

from typing import Any

import grpc

from kit.roles import ANALYSTS
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.insights.v1 import kpi_service_pb2 as pb
from meguri.insights.v1 import kpi_service_pb2_grpc as pb_grpc
from services.insights.app import kpi_books, kpis
from services.insights.app.deps import Deps
from services.insights.store.kpi_editions import EditionDamaged
from services.insights.wire import kpi as wire

NAME = "meguri.insights.v1.KpiService"

ALLOWED: Allowed = {
    "ReadKpiBook": ANALYSTS,
    "SaveKpi": ANALYSTS,
    "EnterKpiValue": ANALYSTS,
    "SaveKpiFrame": ANALYSTS,
    "FreezeKpiEdition": ANALYSTS,
    "ReadKpiEdition": ANALYSTS,
    "ReadKpiEntries": ANALYSTS,
}

ERRORS: Errors = {
    kpis.TooManyKpis: (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_KPIS"),
    kpis.KpiMeasured: (grpc.StatusCode.FAILED_PRECONDITION, "KPI_MEASURED"),
    kpi_books.NothingChanged: (grpc.StatusCode.FAILED_PRECONDITION, "NOTHING_CHANGED"),
    EditionDamaged: (grpc.StatusCode.FAILED_PRECONDITION, "EDITION_DAMAGED"),
}


class KpiApi(pb_grpc.KpiServiceServicer):
    """Answers meguri.insights.v1.KpiService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def ReadKpiBook(
        self, request: pb.ReadKpiBookRequest, context: Any
    ) -> pb.ReadKpiBookResponse:
        """A book as it stands."""
        found = await kpis.read_book(self._deps, caller().area, request.fiscal_year)
        return wire.standing_message(found)

    async def SaveKpi(self, request: pb.SaveKpiRequest, context: Any) -> pb.SaveKpiResponse:
        """Adds or changes a KPI."""
        version = await kpis.save_kpi(
            self._deps, request_key(request), caller().area, request.kpi_id,
            request.expected_version, wire.settings_of(request.settings),
        )  # fmt: skip
        return pb.SaveKpiResponse(version=version)

    async def EnterKpiValue(
        self, request: pb.EnterKpiValueRequest, context: Any
    ) -> pb.EnterKpiValueResponse:
        """Enters a figure."""
        await kpis.enter_value(
            self._deps, request_key(request), caller().area, request.kpi_id, request.period,
            request.value if request.HasField("value") else None,
            request.source_note, request.signed_as,
        )  # fmt: skip
        return pb.EnterKpiValueResponse()

    async def ReadKpiEntries(
        self, request: pb.ReadKpiEntriesRequest, context: Any
    ) -> pb.ReadKpiEntriesResponse:
        """All that was entered for a KPI."""
        return wire.entries_message(
            await kpis.read_entries(self._deps, caller().area, request.kpi_id)
        )

    async def SaveKpiFrame(
        self, request: pb.SaveKpiFrameRequest, context: Any
    ) -> pb.SaveKpiFrameResponse:
        """Keeps shops and costs."""
        await kpis.save_frame(
            self._deps, request_key(request), caller().area, request.fiscal_year,
            wire.frame_of(request.frame),
        )  # fmt: skip
        return pb.SaveKpiFrameResponse()

    async def FreezeKpiEdition(
        self, request: pb.FreezeKpiEditionRequest, context: Any
    ) -> pb.FreezeKpiEditionResponse:
        """Freezes a book."""
        number = await kpi_books.freeze(
            self._deps, request_key(request), caller().area, request.fiscal_year, request.note,
            request.signed_as,
        )  # fmt: skip
        return pb.FreezeKpiEditionResponse(number=number)

    async def ReadKpiEdition(
        self, request: pb.ReadKpiEditionRequest, context: Any
    ) -> pb.ReadKpiEditionResponse:
        """A frozen book."""
        found = await kpi_books.read_edition(
            self._deps, caller().area, request.fiscal_year, request.number
        )
        return wire.edition_message(found)
