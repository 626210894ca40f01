"""The process of insights: wiring only."""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from kit.forever import forever
from kit.rpc import Allowed, Errors, GrpcPart
from kit.runtime import Background, Parts, Runtime, main
from meguri.insights.v1 import import_service_pb2_grpc as import_grpc
from meguri.insights.v1 import insights_service_pb2_grpc as pb_grpc
from meguri.insights.v1 import keeping_service_pb2_grpc as keeping_grpc
from meguri.insights.v1 import kpi_service_pb2_grpc as kpi_grpc
from meguri.insights.v1 import letter_service_pb2_grpc as letters_grpc
from meguri.insights.v1 import open_data_service_pb2_grpc as open_data_grpc
from meguri.insights.v1 import query_service_pb2_grpc as query_grpc
from meguri.insights.v1 import shop_service_pb2_grpc as shop_grpc
from services.insights import api, events
from services.insights.api import imports, kpi, letters, open_data, query, shops
from services.insights.api import keeping as keeping_door
from services.insights.app import keeping, letter_mail, letter_writing
from services.insights.app.deps import Deps
from services.insights.app.imports import keep_forgetting
from services.insights.gateways import estimator, mailer

LETTERS_S, MAILS_S = 600.0, 20.0
HEAR_AT_ONCE = 2048  # sums are written once for a whole run: decision 0090


class _Door(Protocol):
    """A module of api/: the name of its service, who may call what, and its refusals."""

    NAME: str
    ALLOWED: Allowed
    ERRORS: Errors


def build(runtime: Runtime) -> Parts:
    """Puts the rooms together."""
    deps = Deps(db=runtime.database, clock=runtime.clock)
    server = mailer.server_of(runtime.settings.environment)
    letters_door = letters.LettersApi(deps, estimator.ask, mails=server is not None)
    open_door, files_door = open_data.OpenDataApi(deps), imports.ImportsApi(deps)
    return Parts(
        grpc=[
            _part(pb_grpc.add_InsightsServiceServicer_to_server, api.InsightsApi(deps), api),
            _part(import_grpc.add_ImportServiceServicer_to_server, files_door, imports),
            _part(
                keeping_grpc.add_KeepingServiceServicer_to_server,
                keeping_door.KeepingApi(deps), keeping_door,
            ),
            _part(kpi_grpc.add_KpiServiceServicer_to_server, kpi.KpiApi(deps), kpi),
            _part(letters_grpc.add_LetterServiceServicer_to_server, letters_door, letters),
            _part(open_data_grpc.add_OpenDataServiceServicer_to_server, open_door, open_data),
            _part(query_grpc.add_QueryServiceServicer_to_server, query.QueryApi(deps), query),
            _part(shop_grpc.add_ShopServiceServicer_to_server, shops.ShopApi(deps), shops),
        ],
        background=[
            lambda: forever("keeping", lambda: keeping.tidy(deps), keeping.EVERY_S),
            lambda: keep_forgetting(deps),
            *_letters(deps, server),
        ],
        hear_at_once=HEAR_AT_ONCE,
        hearings=events.hearings(deps),
    )  # fmt: skip


def _part(add: Callable[..., Any], servicer: object, door: _Door) -> GrpcPart:
    return GrpcPart(
        add=add, servicer=servicer, name=door.NAME, allowed=door.ALLOWED, errors=door.ERRORS
    )


def _letters(deps: Deps, server: mailer.Server | None) -> list[Background]:
    """Returns the writing of letters, and their mailing where there is a mail server."""
    found: list[Background] = [
        lambda: forever("letters", lambda: letter_writing.refresh(deps, estimator.ask), LETTERS_S)
    ]
    if server is not None:
        send = partial(mailer.send, server)
        found.append(lambda: forever("mails", lambda: letter_mail.send_due(deps, send), MAILS_S))
    return found


if __name__ == "__main__":
    main("insights", events.ENCODERS, build)
