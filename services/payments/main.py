"""The payments process: wiring only."""

from functools import partial
from pathlib import Path

from kit.own_key import own_key
from kit.rpc import GrpcPart
from kit.runtime import Background, Parts, Runtime, main
from meguri.payments.v1 import display_service_pb2_grpc as display_grpc
from meguri.payments.v1 import office_service_pb2_grpc as office_grpc
from meguri.payments.v1 import payments_service_pb2_grpc as pb_grpc
from meguri.payments.v1 import register_service_pb2_grpc as register_grpc
from meguri.payments.v1 import split_sales_service_pb2_grpc as split_grpc
from meguri.payments.v1 import tickets_service_pb2_grpc as tickets_grpc
from services.payments import api, events
from services.payments.api import displays, office, register, split_sales, tickets
from services.payments.app import notice_worker, resolve, split_sale, steps, ticket_gate
from services.payments.app.commit import make_deps
from services.payments.app.deps import Deps, Tools
from services.payments.app.notices import Sending
from services.payments.app.office import seal
from services.payments.gateways import registry
from services.payments.gateways.notice_sender import HttpSender
from services.payments.gateways.signer import Signer


def build(runtime: Runtime) -> Parts:
    """Puts the rooms together. A provider is there only where its address is given."""
    settings = runtime.settings
    signer = Signer.from_file(Path(settings.required("MEGURI_AUDIT_PRIVATE_KEY")))
    deps = _use_cases(runtime, signer)
    sending = Sending(deps, HttpSender.from_environment(settings.environment), signer)
    return Parts(
        grpc=_doors(deps, signer, sending),
        hearings=events.HEARINGS,
        background=_workers(deps, signer, sending),
        keep_requests_days=None,  # a request id of money is never forgotten
        closing=[
            partial(steps.drain, deps),
            sending.sender.close,
            *(gateway.close for gateway in deps.gateways.values()),
        ],
    )


def _use_cases(runtime: Runtime, signer: Signer) -> Deps:
    environment = runtime.settings.environment
    # Lost, the next sale makes a new key; older tickets hold: public keys are kept.
    default_master = runtime.settings.data_dir / "secrets" / "ticket_master"
    master = own_key(Path(environment.get("MEGURI_TICKET_MASTER") or default_master))
    return make_deps(
        Tools(
            db=runtime.database,
            outbox=runtime.outbox,
            clock=runtime.clock,
            gateways=registry.from_environment(environment),
            ticket_master=master,
            link_key=signer.derive("receipt link"),
        )
    )


def _doors(deps: Deps, signer: Signer, sending: Sending) -> list[GrpcPart]:
    return [
        GrpcPart(
            pb_grpc.add_PaymentsServiceServicer_to_server, api.PaymentsApi(deps),
            api.NAME, api.ALLOWED, api.ERRORS,
        ),
        GrpcPart(
            display_grpc.add_DisplayServiceServicer_to_server, displays.DisplayApi(deps),
            displays.NAME, displays.ALLOWED, displays.ERRORS,
        ),
        GrpcPart(
            office_grpc.add_OfficeServiceServicer_to_server, office.OfficeApi(deps, signer),
            office.NAME, office.ALLOWED, office.ERRORS,
        ),
        GrpcPart(
            tickets_grpc.add_TicketsServiceServicer_to_server, tickets.TicketsApi(deps),
            tickets.NAME, tickets.ALLOWED, tickets.ERRORS,
        ),
        GrpcPart(
            split_grpc.add_SplitSalesServiceServicer_to_server, split_sales.SplitSalesApi(deps),
            split_sales.NAME, split_sales.ALLOWED, split_sales.ERRORS,
        ),
        GrpcPart(
            register_grpc.add_RegisterServiceServicer_to_server,
            register.RegisterApi(deps, sending), register.NAME, register.ALLOWED, register.ERRORS,
        ),
    ]  # fmt: skip


def _workers(deps: Deps, signer: Signer, sending: Sending) -> list[Background]:
    return [
        partial(resolve.run, deps),
        partial(split_sale.run, deps),
        partial(seal.run, deps, signer),
        partial(ticket_gate.run_telling, deps),
        partial(notice_worker.run, sending),
    ]


if __name__ == "__main__":
    main("payments", events.ENCODERS, build)
