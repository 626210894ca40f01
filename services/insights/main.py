"""The process of insights: wiring only."""

from collections.abc import Callable
from typing import Any, Protocol

from kit.rpc import Allowed, Errors, GrpcPart
from kit.runtime import Parts, Runtime, main
from meguri.insights.v1 import import_service_pb2_grpc as import_grpc
from meguri.insights.v1 import insights_service_pb2_grpc as pb_grpc
from meguri.insights.v1 import kpi_service_pb2_grpc as kpi_grpc
from meguri.insights.v1 import open_data_service_pb2_grpc as open_data_grpc
from meguri.insights.v1 import query_service_pb2_grpc as query_grpc
from meguri.insights.v1 import shop_service_pb2_grpc as shop_grpc
from services.insights import api, events
from services.insights.api import imports, kpi, open_data, query, shops
from services.insights.app.deps import Deps
from services.insights.app.imports import keep_forgetting


class _Door(Protocol):
    """A module of api/: the name of its service, who may call what, and its refusals."""

    NAME: str
    ALLOWED: Allowed
    ERRORS: Errors


def build(runtime: Runtime) -> Parts:
    """Puts the rooms together."""
    deps = Deps(db=runtime.database, clock=runtime.clock)
    return Parts(
        grpc=[
            _part(pb_grpc.add_InsightsServiceServicer_to_server, api.InsightsApi(deps), api),
            _part(
                import_grpc.add_ImportServiceServicer_to_server, imports.ImportsApi(deps), imports
            ),
            _part(kpi_grpc.add_KpiServiceServicer_to_server, kpi.KpiApi(deps), kpi),
            _part(
                open_data_grpc.add_OpenDataServiceServicer_to_server,
                open_data.OpenDataApi(deps), open_data,
            ),
            _part(query_grpc.add_QueryServiceServicer_to_server, query.QueryApi(deps), query),
            _part(shop_grpc.add_ShopServiceServicer_to_server, shops.ShopApi(deps), shops),
        ],
        background=[lambda: keep_forgetting(deps)],
        hearings=events.hearings(deps),
    )  # fmt: skip


def _part(add: Callable[..., Any], servicer: object, door: _Door) -> GrpcPart:
    return GrpcPart(
        add=add, servicer=servicer, name=door.NAME, allowed=door.ALLOWED, errors=door.ERRORS
    )


if __name__ == "__main__":
    main("insights", events.ENCODERS, build)
