"""The process of insights: wiring only."""

from kit.forever import forever
from kit.rpc import GrpcPart
from kit.runtime import Parts, Runtime, main
from meguri.insights.v1 import insights_service_pb2_grpc as pb_grpc
from meguri.insights.v1 import keeping_service_pb2_grpc as keeping_grpc
from meguri.insights.v1 import kpi_service_pb2_grpc as kpi_grpc
from meguri.insights.v1 import open_data_service_pb2_grpc as open_data_grpc
from services.insights import api, events
from services.insights.api import keeping as keeping_api
from services.insights.api import kpi, open_data
from services.insights.app import keeping
from services.insights.app.deps import Deps


def build(runtime: Runtime) -> Parts:
    """Puts the rooms together."""
    deps = Deps(db=runtime.database, clock=runtime.clock)
    return Parts(
        grpc=[
            GrpcPart(
                add=pb_grpc.add_InsightsServiceServicer_to_server,
                servicer=api.InsightsApi(deps),
                name="meguri.insights.v1.InsightsService",
                allowed=api.ALLOWED,
                errors=api.ERRORS,
            ),
            GrpcPart(
                add=kpi_grpc.add_KpiServiceServicer_to_server,
                servicer=kpi.KpiApi(deps),
                name=kpi.NAME,
                allowed=kpi.ALLOWED,
                errors=kpi.ERRORS,
            ),
            GrpcPart(
                add=open_data_grpc.add_OpenDataServiceServicer_to_server,
                servicer=open_data.OpenDataApi(deps),
                name=open_data.NAME,
                allowed=open_data.ALLOWED,
                errors=open_data.ERRORS,
            ),
            GrpcPart(
                add=keeping_grpc.add_KeepingServiceServicer_to_server,
                servicer=keeping_api.KeepingApi(deps),
                name=keeping_api.NAME,
                allowed=keeping_api.ALLOWED,
                errors=keeping_api.ERRORS,
            ),
        ],
        hearings=events.hearings(deps),
        background=[lambda: forever("keeping", lambda: keeping.tidy(deps), keeping.EVERY_S)],
        hear_at_once=512,  # sums are written once for a whole run: twice as fast as with 128
    )


if __name__ == "__main__":
    main("insights", events.ENCODERS, build)
