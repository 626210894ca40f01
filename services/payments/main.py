"""The payments process: wiring only."""

from functools import partial
from pathlib import Path

from kit.own_key import own_key
from kit.rpc import GrpcPart
from kit.runtime import Parts, Runtime, main
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
from services.payments.app.deps import Tools
from services.payments.app.notices import Sending
from services.payments.app.office import seal
from services.payments.gateways import registry
from services.payments.gateways.notice_sender import HttpSender
from services.payments.gateways.signer import Signer


def build(runtime: Runtime) -> Parts:
    """Puts the rooms together. A provider is there only where its address is given."""
    environment = runtime.settings.environment
    gateways = registry.from_environment(environment)
    signer = Signer.from_file(Path(runtime.settings.required("MEGURI_AUDIT_PRIVATE_KEY")))
    default_master = runtime.settings.data_dir / "secrets" / "ticket_master"
    deps = make_deps(
        Tools(
            db=runtime.database, outbox=runtime.outbox, clock=runtime.clock, gateways=gateways,
            # Lost, the next sale makes a new key; older tickets hold: public keys are kept.
            ticket_master=own_key(
                Path(environment.get("MEGURI_TICKET_MASTER") or default_master)
            ),
            link_key=signer.derive("receipt link"),
        )
    )  # fmt: skip
    sending = Sending(deps, HttpSender.from_environment(runtime.settings.environment), signer)
    return Parts(
        grpc=[
            GrpcPart(
                add=pb_grpc.add_PaymentsServiceServicer_to_server,
                servicer=api.PaymentsApi(deps),
                name="meguri.payments.v1.PaymentsService",
                allowed=api.ALLOWED,
                errors=api.ERRORS,
            ),
            GrpcPart(
                add=display_grpc.add_DisplayServiceServicer_to_server,
                servicer=displays.DisplayApi(deps),
                name=displays.NAME,
                allowed=displays.ALLOWED,
                errors=displays.ERRORS,
            ),
            GrpcPart(
                add=office_grpc.add_OfficeServiceServicer_to_server,
                servicer=office.OfficeApi(deps, signer),
                name=office.NAME,
                allowed=office.ALLOWED,
                errors=office.ERRORS,
            ),
            GrpcPart(
                add=tickets_grpc.add_TicketsServiceServicer_to_server,
                servicer=tickets.TicketsApi(deps),
                name="meguri.payments.v1.TicketsService",
                allowed=tickets.ALLOWED,
                errors=tickets.ERRORS,
            ),
            GrpcPart(
                add=split_grpc.add_SplitSalesServiceServicer_to_server,
                servicer=split_sales.SplitSalesApi(deps),
                name=split_sales.NAME,
                allowed=split_sales.ALLOWED,
                errors=split_sales.ERRORS,
            ),
            GrpcPart(
                add=register_grpc.add_RegisterServiceServicer_to_server,
                servicer=register.RegisterApi(deps, sending),
                name=register.NAME,
                allowed=register.ALLOWED,
                errors=register.ERRORS,
            ),
        ],
        hearings=events.HEARINGS,
        background=[
            partial(resolve.run, deps),
            partial(split_sale.run, deps),
            partial(seal.run, deps, signer),
            partial(ticket_gate.run_telling, deps),
            partial(notice_worker.run, sending),
        ],
        keep_requests_days=None,  # a request id of money is never forgotten
        closing=[
            partial(steps.drain, deps),
            sending.sender.close,
            *(gateway.close for gateway in gateways.values()),
        ],
    )


if __name__ == "__main__":
    main("payments", events.ENCODERS, build)
