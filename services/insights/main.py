"""The process of insights: wiring only."""

from functools import partial

from kit.forever import forever
from kit.rpc import GrpcPart
from kit.runtime import Background, Parts, Runtime, main
from meguri.insights.v1 import insights_service_pb2_grpc as pb_grpc
from meguri.insights.v1 import kpi_service_pb2_grpc as kpi_grpc
from meguri.insights.v1 import letter_service_pb2_grpc as letters_grpc
from meguri.insights.v1 import open_data_service_pb2_grpc as open_data_grpc
from services.insights import api, events
from services.insights.api import kpi, open_data
from services.insights.api import letters as letters_api
from services.insights.app import letter_mail, letter_writing
from services.insights.app.deps import Deps
from services.insights.gateways import estimator, mailer

LETTERS_S, MAILS_S = 600.0, 20.0


def build(runtime: Runtime) -> Parts:
    """Puts the rooms together."""
    deps = Deps(db=runtime.database, clock=runtime.clock)
    server = mailer.server_of(runtime.settings.environment)
    background: list[Background] = [
        lambda: forever("letters", lambda: letter_writing.refresh(deps, estimator.ask), LETTERS_S)
    ]
    if server is not None:
        send = partial(mailer.send, server)
        background.append(
            lambda: forever("mails", lambda: letter_mail.send_due(deps, send), MAILS_S)
        )
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
                add=letters_grpc.add_LetterServiceServicer_to_server,
                servicer=letters_api.LettersApi(deps, estimator.ask, mails=server is not None),
                name=letters_api.NAME,
                allowed=letters_api.ALLOWED,
                errors=letters_api.ERRORS,
            ),
        ],
        hearings=events.hearings(deps),
        background=background,
    )


if __name__ == "__main__":
    main("insights", events.ENCODERS, build)
