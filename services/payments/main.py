"""The payments process: wiring only."""

import os
import secrets
from functools import partial
from pathlib import Path

from kit.rpc import GrpcPart
from kit.runtime import Parts, Runtime, main
from meguri.payments.v1 import payments_service_pb2_grpc as pb_grpc
from meguri.payments.v1 import tickets_service_pb2_grpc as tickets_grpc
from services.payments import api, events, tickets_api
from services.payments.app import resolve, steps, ticket_gate
from services.payments.app.commit import make_deps
from services.payments.app.deps import Tools
from services.payments.gateways.acquirer_simulator import DEADLINE_S, AcquirerSimulator
from services.payments.gateways.cash_record import CashRecord
from services.payments.gateways.contract import Gateway
from services.payments.gateways.other_device import OtherDevice


def build(runtime: Runtime) -> Parts:
    """Puts the rooms together. The simulator is there only where its address is given."""
    gateways: dict[str, Gateway] = {"cash_record": CashRecord(), "other_device": OtherDevice()}
    environment = runtime.settings.environment
    url = environment.get("MEGURI_ACQUIRER_SIMULATOR_URL", "")
    if url:
        deadline_s = float(environment.get("MEGURI_ACQUIRER_DEADLINE_S") or DEADLINE_S)
        gateways["acquirer_simulator"] = AcquirerSimulator(url, deadline_s)
    default_master = runtime.settings.data_dir / "secrets" / "ticket_master"
    deps = make_deps(
        Tools(
            db=runtime.database, outbox=runtime.outbox, clock=runtime.clock, gateways=gateways,
            ticket_master=ticket_master(
                Path(environment.get("MEGURI_TICKET_MASTER") or default_master)
            ),
        )
    )  # fmt: skip
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
                add=tickets_grpc.add_TicketsServiceServicer_to_server,
                servicer=tickets_api.TicketsApi(deps),
                name="meguri.payments.v1.TicketsService",
                allowed=tickets_api.ALLOWED,
                errors=tickets_api.ERRORS,
            ),
        ],
        hearings=events.HEARINGS,
        background=[partial(resolve.run, deps), partial(ticket_gate.run_telling, deps)],
        keep_requests_days=None,  # a request id of money is never forgotten
        closing=[partial(steps.drain, deps), *(gateway.close for gateway in gateways.values())],
    )


def ticket_master(path: Path) -> bytes:
    """Returns the secret that tickets' signing keys are derived from; makes it where it is absent.

    Where it is lost, the next sale makes a new key: older tickets go on holding, because their
    public keys are in the database.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        if not path.exists():
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
                f.write(secrets.token_bytes(32))
            os.link(fresh, path)  # whole or not at all, and never over another process's
    except FileExistsError:
        pass
    finally:
        fresh.unlink(missing_ok=True)
    return path.read_bytes()


if __name__ == "__main__":
    main("payments", events.ENCODERS, build)
