"""Where registers hear of their shop's payments: addresses, how they fare, what was sent."""

import grpc
from flask import redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.roles import OFFICE, SHOP_OWNERS
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1 import register_service_pb2 as pb
from meguri.payments.v1.register_service_pb2_grpc import RegisterServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem
from services.edge.login import requires
from services.edge.office.desk import blueprint, chosen, form_request_id, shops
from services.edge.office.notice_words import TYPES
from services.edge.pages import notify

HOME = "/till/office/registers"
TEST_DEADLINE_S = 20.0  # a register has 15 s to answer


@blueprint.get(HOME)
@requires(*OFFICE)
def addresses() -> str:
    """Shows the addresses of the shops, and the form for another one."""
    if "removed" in request.args:
        notify("ok", _("The address is removed. Nothing is sent there any more."))
    return _list()


@blueprint.post(HOME)
@requires(*SHOP_OWNERS)
def make_address() -> str | tuple[str, int]:
    """Makes an address and shows its secret, here and nowhere else."""
    shop = chosen(shops(), request.form.get("shop", ""))
    if shop is None:
        return _list({"shop": _("Choose the shop.")}), 422
    wanted = pb.MakeNoticeAddressRequest(
        request_id=form_request_id(), shop_place_id=shop.shop_place_id,
        url=request.form.get("url", "").strip(), types=_types(),
    )  # fmt: skip
    try:
        made = registers().MakeNoticeAddress(wanted)
    except grpc.RpcError as error:
        fields = dict(problem_of(error).fields)
        if not fields:
            raise
        return _list({name: _sentence(name) for name in fields}), 422
    return _secret(made.address, made.secret, is_new=True)


@blueprint.get(f"{HOME}/<address_id>")
@requires(*OFFICE)
def address(address_id: str) -> str:
    """Shows an address and its last notices."""
    if request.args.get("again", "").isdecimal():
        notify("ok", _("%(count)s notices are sent again.", count=request.args["again"]))
    return _one(address_id)


@blueprint.post(f"{HOME}/<address_id>/test")
@requires(*SHOP_OWNERS)
def send_test(address_id: str) -> Response:
    """Sends a test and waits for its answer, which the list then shows."""
    asked = pb.TestNoticeAddressRequest(request_id=form_request_id(), address_id=address_id)
    done = registers(TEST_DEADLINE_S).TestNoticeAddress(asked).notice
    return redirect(f"{HOME}/{address_id}?test={done.notice_id}", 303)


@blueprint.post(f"{HOME}/<address_id>/secret")
@requires(*SHOP_OWNERS)
def turn_secret(address_id: str) -> str:
    """Gives an address its next secret, and shows it."""
    done = registers().TurnNoticeSecret(
        pb.TurnNoticeSecretRequest(
            request_id=form_request_id(), address_id=address_id,
            at_once="at_once" in request.form,
        )
    )  # fmt: skip
    return _secret(done.address, done.secret, is_new=False)


@blueprint.post(f"{HOME}/<address_id>/switch")
@requires(*SHOP_OWNERS)
def switch(address_id: str) -> Response:
    """Switches an address off or on."""
    registers().SwitchNoticeAddress(
        pb.SwitchNoticeAddressRequest(
            request_id=form_request_id(), address_id=address_id,
            off=request.form.get("off") == "1",
        )
    )  # fmt: skip
    return redirect(f"{HOME}/{address_id}", 303)


@blueprint.post(f"{HOME}/<address_id>/remove")
@requires(*SHOP_OWNERS)
def remove(address_id: str) -> Response:
    """Takes an address out of use."""
    registers().RemoveNoticeAddress(
        pb.RemoveNoticeAddressRequest(request_id=form_request_id(), address_id=address_id)
    )
    return redirect(f"{HOME}?removed=1", 303)


@blueprint.post(f"{HOME}/<address_id>/again")
@requires(*SHOP_OWNERS)
def send_again(address_id: str) -> Response:
    """Sends one notice again, or all that are dead."""
    only = request.form.get("notice_id", "")
    done = registers().ReplayNotices(
        pb.ReplayNoticesRequest(
            request_id=form_request_id(), address_id=address_id,
            notice_ids=[only] if only else [],
        )
    )  # fmt: skip
    return redirect(f"{HOME}/{address_id}?again={done.notice_count}", 303)


def registers(deadline_s: float = 3.0) -> RegisterServiceStub:
    """Returns the stub of the link to registers for this request."""
    return stub(RegisterServiceStub, deadline_s=deadline_s)


def _types() -> list["pb.NoticeType.ValueType"]:
    known = {str(number): number for number in TYPES}
    return [known[each] for each in request.form.getlist("types") if each in known]


def _list(errors: dict[str, str] | None = None) -> str:
    found = shops()
    listed = registers().ListNoticeAddresses(pb.ListNoticeAddressesRequest()).addresses
    return render_template(
        "office/registers.html", here="registers", shops=found, only_shop=chosen(found, ""),
        addresses=listed, errors=errors or {}, form=request.form, types=TYPES,
        wanted_types=request.form.getlist("types") or [str(number) for number in TYPES],
        request_id=request.form.get("request_id") or new_request_id(),
    )  # fmt: skip


def _one(address_id: str) -> str:
    listed = registers().ListNoticeAddresses(pb.ListNoticeAddressesRequest()).addresses
    known = next((each for each in listed if each.address_id == address_id), None)
    if known is None:
        raise Problem(404, "unknown_notice_address")
    wanted = pb.ListNoticesRequest(address_id=address_id)
    if request.args.get("only") == "dead":
        wanted.state = pb.NOTICE_STATE_DEAD
    notices = registers().ListNotices(wanted).notices
    tested = request.args.get("test", "")
    return render_template(
        "office/register.html", here="registers", shop=_shop_of(known), address=known,
        notices=notices, only=request.args.get("only", ""), new_request_id=new_request_id,
        tested=next((each for each in notices if each.notice_id == tested), None),
    )  # fmt: skip


def _secret(known: pb.NoticeAddress, secret: str, *, is_new: bool) -> str:
    return render_template(
        "office/register_secret.html", here="registers", shop=_shop_of(known), address=known,
        secret=secret, is_new=is_new,
    )  # fmt: skip


def _shop_of(known: pb.NoticeAddress) -> payments_pb.Shop:
    unnamed = payments_pb.Shop(shop_place_id=known.shop_place_id)
    return shops().get(known.shop_place_id) or unnamed


def _sentence(name: str) -> str:
    sentences: dict[str, str] = {
        "url": _(
            "Give the whole address, beginning with https://, without name, password or #."
            " A shop has at most 10 of them."
        ),
        "types": _("Choose at least one thing to tell."),
    }
    return sentences.get(name) or _("This cannot be used.")
