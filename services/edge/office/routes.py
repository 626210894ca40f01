"""Closing a day. Every page works as plain forms, without JavaScript."""

import grpc
from flask import redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.roles import OFFICE, SELLERS
from meguri.payments.v1 import office_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from services.edge.clients import new_request_id
from services.edge.login import requires
from services.edge.office import (
    books,
    consent,
    journals,
    matching,
    mine,
    month,
    registers,
    setup,
    tax_free,
)
from services.edge.office.desk import blueprint, chosen, form_request_id, office, shops
from services.edge.office.forms import Unreadable, read_yen
from services.edge.pages import notify
from services.edge.parts import may

__all__ = [
    "blueprint", "books", "consent", "journals", "matching", "mine", "month", "registers", "setup",
    "tax_free",
]  # fmt: skip


@blueprint.get("/till/office")
@requires(*OFFICE)
def overview() -> Response | str:
    """Shows what waits at each shop; with one shop only, its close at once."""
    found = shops()
    if len(found) == 1:
        return redirect(f"/till/office/close?shop={next(iter(found))}", 303)
    listed = office().ListCloses(pb.ListClosesRequest())
    waiting: dict[str, list[pb.WaitingDay]] = {}
    for day in listed.waiting:
        waiting.setdefault(day.shop_place_id, []).append(day)
    last: dict[str, pb.Close] = {}
    for close in listed.closes:
        last.setdefault(close.shop_place_id, close)
    order = sorted(found.values(), key=lambda each: each.shop_place_id not in waiting)
    return render_template(
        "office/overview.html", here="close", shops=order, waiting=waiting, last=last
    )


@blueprint.get("/till/office/close")
@requires(*OFFICE)
def day() -> Response | str:
    """Shows what a close of now would hold, and asks for the count."""
    shop = chosen(shops(), request.args.get("shop", ""))
    if shop is None:
        return redirect("/till/office", 303)
    return _day(shop, request.args.get("day", ""))


@blueprint.post("/till/office/close")
@requires(*OFFICE)
def close() -> Response | tuple[str, int]:
    """Closes the day. The request id was made with the page: a double tap is one close."""
    shop = chosen(shops(), request.form.get("shop", ""))
    if shop is None:
        return redirect("/till/office", 303)
    errors: dict[str, str] = {}
    yen = {}
    for name in ("float_yen", "counted_yen"):
        try:
            yen[name] = read_yen(request.form.get(name, ""))
        except Unreadable:
            errors[name] = _("Enter the amount in whole yen, 0 for none.")
    chosen_day = request.form.get("day", "")
    if errors:
        return _day(shop, chosen_day, errors), 422
    wanted = pb.CloseDayRequest(
        request_id=form_request_id(), shop_place_id=shop.shop_place_id, business_date=chosen_day,
        counted=True, reason=request.form.get("reason", "").strip()[:200], **yen,
    )  # fmt: skip
    try:
        made = office().CloseDay(wanted).close
    except grpc.RpcError as error:
        fields = dict(problem_of(error).fields)
        if "reason" not in fields:
            raise
        errors["reason"] = _("The count differs from what is expected. Write why.")
        return _day(shop, chosen_day, errors), 422
    return redirect(f"/till/office/closes/{made.close_id}?done=1", 303)


@blueprint.get("/till/office/closes")
@requires(*OFFICE)
def closes() -> str:
    """Shows the closes so far."""
    found = shops()
    shop = chosen(found, request.args.get("shop", ""))
    listed = office().ListCloses(
        pb.ListClosesRequest(shop_place_id=shop.shop_place_id if shop else "")
    )
    return render_template(
        "office/closes.html", here="close", shop=shop, shops=found, closes=listed.closes
    )


@blueprint.get("/till/office/closes/<close_id>")
@requires(*OFFICE)
def show(close_id: str) -> str:
    """Shows a close, to print and to keep."""
    answer = office().ReadClose(pb.ReadCloseRequest(close_id=close_id))
    found = answer.close
    shop = shops().get(found.shop_place_id) or payments_pb.Shop(shop_place_id=found.shop_place_id)
    if "done" in request.args:
        notify("ok", _("The day is closed. What comes now gets into the next close."))
    return render_template(
        "office/closed.html", here="close", shop=shop, close=found,
        totals=words_of_tenders(found.figures), practice=answer.practice_sales,
    )  # fmt: skip


def words_of_tenders(figures: pb.CloseFigures) -> list[tuple[int, int, int]]:
    """Returns tender, count and net of each way to pay over all rates."""
    sums: dict[int, tuple[int, int]] = {}
    for line in figures.lines:
        count, net = sums.get(line.tender, (0, 0))
        sums[line.tender] = count + line.captured_count, net + line.net_yen
    return [(tender, count, net) for tender, (count, net) in sums.items()]


def _day(shop: payments_pb.Shop, chosen_day: str, errors: dict[str, str] | None = None) -> str:
    report = office().ReadDay(
        pb.ReadDayRequest(shop_place_id=shop.shop_place_id, business_date=chosen_day)
    )
    try:
        float_yen = read_yen(request.form.get("float_yen", ""))
    except Unreadable:
        float_yen = report.float_yen
    return render_template(
        "office/day.html", here="close", shop=shop, report=report, errors=errors or {},
        totals=words_of_tenders(report.figures), form=request.form, float_yen=float_yen,
        request_id=request.form.get("request_id") or new_request_id(), may_sell=may(*SELLERS),
    )  # fmt: skip
