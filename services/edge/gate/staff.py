"""Pages beside the scanning: what does not fit, unused tickets, printed tickets."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import grpc
from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from flask_babel import gettext as _

from kit.client import problem_of
from kit.roles import DOOR_KEEPERS
from meguri.payments.v1 import office_service_pb2 as office_pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1 import tickets_service_pb2 as pb
from meguri.payments.v1.office_service_pb2_grpc import OfficeServiceStub
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from meguri.payments.v1.tickets_service_pb2_grpc import TicketsServiceStub
from services.edge import chosen
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, is_away
from services.edge.gate.gates import all_gates
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import area, parts
from services.edge.squares import squares

REFUND_DEADLINE_S = 12.0
PIN_DEADLINE_S = 5.0  # checking a PIN takes a good part of a second on purpose (argon2)
PRINTED_KINDS = (pb.PRICE_CLASS_KIND_USUAL, pb.PRICE_CLASS_KIND_PROOF)
ENTERED_AS = {
    "cash": (payments_pb.TENDER_CASH_RECORD, "cash_record"),
    "card": (payments_pb.TENDER_CARD, "other_device"),
    "code": (payments_pb.TENDER_CODE_PAYMENT, "other_device"),
}

blueprint = Blueprint("gate_staff", __name__)


@blueprint.get("/gate/problems")
@requires(*DOOR_KEEPERS)
def problems() -> str:
    """Admissions that staff should look at."""
    found = _tickets().ListAdmissionProblems(pb.ListAdmissionProblemsRequest()).problems
    names = {shop.shop_place_id: shop for shop in _shops()}
    return render_template(
        "gate/problems.html", problems=found, shops=names, here="problems", gate=_gate_said(),
        request_id=new_request_id(), local=_local,
    )  # fmt: skip


@blueprint.post("/gate/problems/<scan_id>/settle")
@requires(*DOOR_KEEPERS)
def settle(scan_id: str) -> Response:
    """Takes one off the list."""
    _tickets().SettleAdmissionProblem(
        pb.SettleAdmissionProblemRequest(request_id=_request_id(), scan_id=scan_id)
    )
    return make_response(redirect(f"/gate/problems?gate={_gate()}", 303))


@blueprint.get("/gate/unused")
@requires(*DOOR_KEEPERS)
def unused() -> str:
    """Tickets sold here for a day that let nobody in."""
    return _unused()


@blueprint.post("/gate/unused")
@requires(*DOOR_KEEPERS)
def give_back() -> Response | tuple[str, int]:
    """Gives all tickets that were shown back, in one action."""
    reason = request.form.get("reason", "").strip()
    if not reason:
        notify("bad", _("Write why the money goes back."))
        return _unused(), 422
    clerk_id, problem = _clerk_behind()
    if problem:
        notify("bad", problem)
        return _unused(), 403
    channels = {
        "cash": payments_pb.REFUND_CHANNEL_CASH,
        "manual": payments_pb.REFUND_CHANNEL_MANUAL,
    }
    wanted = pb.RefundTicketsRequest(
        request_id=_request_id(), ticket_ids=request.form.getlist("ticket_id"), reason=reason,
        clerk_id=clerk_id,
        channel=channels.get(
            request.form.get("channel", ""), payments_pb.REFUND_CHANNEL_PROVIDER
        ),
    )  # fmt: skip
    try:
        done = stub(TicketsServiceStub, deadline_s=REFUND_DEADLINE_S).RefundTickets(wanted).tickets
    except grpc.RpcError as error:
        if not is_away(error):
            raise
        notify("warn", _("No answer yet. Press the button again: money goes back only once."))
        return _unused(request_id=wanted.request_id), 503
    return make_response(render_template(
        "gate/given_back.html", done=done, gate=_gate(), here="unused",
        sum_yen=sum(each.amount_yen for each in done
                    if each.outcome == pb.TICKET_BACK_OUTCOME_DONE),
    ))  # fmt: skip


@blueprint.get("/gate/printed")
@requires(*DOOR_KEEPERS)
def printed() -> str:
    """Batches of printed tickets, and printing another one."""
    return _printed()


@blueprint.post("/gate/printed")
@requires(*DOOR_KEEPERS)
def print_batch() -> Response | tuple[str, int]:
    """Makes a batch and shows it for printing."""
    count = request.form.get("ticket_count", "")
    wanted = pb.PrintTicketsRequest(
        request_id=_request_id(), gate_place_id=_gate(), class_id=request.form.get("class_id", ""),
        ticket_count=int(count) if count.isascii() and count.isdigit() and len(count) < 5 else 0,
        last_date=request.form.get("last_date", ""),
    )  # fmt: skip
    try:
        done = stub(TicketsServiceStub, deadline_s=5.0).PrintTickets(wanted)
    except grpc.RpcError as error:
        if problem_of(error).code is not grpc.StatusCode.INVALID_ARGUMENT:
            raise
        notify("bad", _("Choose a price, 1 to 200 tickets, and a day within 400 days."))
        return _printed(), 422
    return make_response(redirect(f"/gate/printed/{done.batch_id}", 303))


@blueprint.get("/gate/printed/<batch_id>")
@requires(*DOOR_KEEPERS)
def batch(batch_id: str) -> str:
    """A batch: its tickets on paper, and what was sold of it."""
    return _batch(batch_id)


@blueprint.post("/gate/printed/<batch_id>/enter")
@requires(*DOOR_KEEPERS)
def enter(batch_id: str) -> Response | tuple[str, int]:
    """Enters a range of numbers that were sold by hand."""
    first, last = (request.form.get(name, "").strip() for name in ("first_number", "last_number"))
    if not all(text.isascii() and text.isdigit() and len(text) < 5 for text in (first, last)):
        notify("bad", _("Enter the first and the last number that were sold."))
        return _batch(batch_id), 422
    tender, gateway = ENTERED_AS.get(request.form.get("paid", ""), ENTERED_AS["cash"])
    wanted = pb.EnterPrintedTicketsRequest(
        request_id=_request_id(), batch_id=batch_id, first_number=int(first),
        last_number=int(last), tender=tender, gateway=gateway,
    )  # fmt: skip
    try:
        done = stub(TicketsServiceStub, deadline_s=REFUND_DEADLINE_S).EnterPrintedTickets(wanted)
    except grpc.RpcError as error:
        if problem_of(error).code is not grpc.StatusCode.INVALID_ARGUMENT:
            raise
        notify("bad", _("These numbers are not in this batch."))
        return _batch(batch_id), 422
    where = f"/gate/printed/{batch_id}?entered={done.entered_count}&yen={done.amount_yen}"
    refused = ",".join(str(number) for number in done.refused_numbers)
    return make_response(redirect(f"{where}&refused={refused}", 303))


@blueprint.post("/gate/printed/<batch_id>/withdraw")
@requires(*DOOR_KEEPERS)
def withdraw(batch_id: str) -> Response:
    """Withdraws what is left of a batch."""
    _tickets().WithdrawPrintedTickets(
        pb.WithdrawPrintedTicketsRequest(request_id=_request_id(), batch_id=batch_id)
    )
    return make_response(redirect(f"/gate/printed/{batch_id}", 303))


def _unused(request_id: str = "") -> str:
    found = _tickets().ListUnusedTickets(
        pb.ListUnusedTicketsRequest(
            gate_place_id=_gate(), valid_date=request.args.get("day", ""),
            page_token=request.args.get("page", ""),
        )
    )  # fmt: skip
    shut = parts().closures.in_force(area().area)
    return render_template(
        "gate/unused.html", found=found, gate=_gate(), shop=_shop(), here="unused", shut=shut,
        request_id=request_id or new_request_id(), classes=_classes(), clerks=_clerks(),
        sum_yen=sum(ticket.amount_yen for ticket in found.tickets),
        in_parts=any(ticket.split_sale_id for ticket in found.tickets),
    )  # fmt: skip


def _clerk_behind() -> tuple[str, str]:
    """Returns the clerk whose PIN was typed, and what is wrong; both "" where no clerk is known."""
    if not _clerks():
        return "", ""
    wanted = office_pb.CheckClerkRequest(
        request_id=new_request_id(), shop_place_id=_gate(),
        clerk_id=request.form.get("clerk_id", "")[:80], pin=request.form.get("pin", "")[:20],
    )  # fmt: skip
    if wanted.clerk_id and wanted.pin:
        try:
            if stub(OfficeServiceStub, deadline_s=PIN_DEADLINE_S).CheckClerk(wanted).right:
                return wanted.clerk_id, ""
        except grpc.RpcError as error:
            if problem_of(error).reason != "CLERK_RESTING":
                raise
            return "", _("Too many wrong PINs. Wait 15 minutes.")
    return "", _("Money goes back only behind a clerk's PIN. Choose a name and type the PIN.")


def _clerks() -> list[office_pb.Clerk]:
    wanted = office_pb.ListClerksRequest(shop_place_id=_gate())
    return [each for each in stub(OfficeServiceStub).ListClerks(wanted).clerks
            if not each.disabled]  # fmt: skip


def _printed() -> str:
    batches = (
        _tickets().ListTicketBatches(pb.ListTicketBatchesRequest(gate_place_id=_gate())).batches
    )
    sold = [
        each for each in _classes().values()
        if _gate() in each.gate_place_ids and each.kind in PRINTED_KINDS
        and each.unit_amount_yen and each.persons_min == 1
    ]  # fmt: skip
    today = datetime.now(UTC).astimezone(ZoneInfo(area().time_zone)).date()
    return render_template(
        "gate/printed.html", batches=batches, sold=sold, gate=_gate(), shop=_shop(),
        here="printed", request_id=new_request_id(), classes=_classes(),
        last_date=(today + timedelta(days=90)).isoformat(),
    )  # fmt: skip


def _batch(batch_id: str) -> str:
    found = stub(TicketsServiceStub, deadline_s=5.0).ListTicketBatches(
        pb.ListTicketBatchesRequest(batch_id=batch_id)
    )
    return render_template(
        "gate/batch.html", batch=found.batches[0], tickets=found.tickets, here="printed",
        gate=found.batches[0].gate_place_id, classes=_classes(), squares=squares,
        request_id=new_request_id(),
        shop=next(s for s in _shops() if s.shop_place_id == found.batches[0].gate_place_id),
    )  # fmt: skip


def _tickets() -> TicketsServiceStub:
    return stub(TicketsServiceStub)


def _shops() -> list[payments_pb.Shop]:
    return list(stub(PaymentsServiceStub).ListShops(payments_pb.ListShopsRequest()).shops)


def _shop() -> payments_pb.Shop:
    found = next((shop for shop in _shops() if shop.shop_place_id == _gate()), None)
    if found is None:
        raise Problem(404, "unknown_gate")
    return found


def _classes() -> dict[str, pb.PriceClass]:
    found = _tickets().ListPriceClasses(pb.ListPriceClassesRequest()).price_classes
    return {each.class_id: each for each in found}


def _gate() -> str:
    """Returns the gate of this page; where none is chosen the page that asks is answered."""
    if "gate_place_id" not in g:
        g.gate_place_id = (
            _gate_said() if request.method == "POST"
            else chosen.GATE.one_of(all_gates()).shop_place_id
        )  # fmt: skip
    return str(g.gate_place_id)


def _gate_said() -> str:
    return request.values.get("gate", "") or chosen.GATE.remembered()


def _request_id() -> str:
    request_id = request.form.get("request_id", "")
    if not request_id:
        raise Problem(400, "form_expired")
    return request_id


def _local(moment: datetime) -> str:
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(g.area.time_zone)).strftime("%m/%d %H:%M")
