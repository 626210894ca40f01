"""Who of a shop's people stands at the till: a name and a PIN on a device that is signed in.

A shop that never had clerks works as before. With clerks the counter opens after a PIN and
locks itself when nobody touched it for a while; once the last of them left it stays closed until
somebody who may gives a PIN again. Each sale carries a mark that says whose PIN was right; a sale
that waited without a signal keeps the mark of its tap.
"""

import hashlib
import hmac
import re
import time
from dataclasses import dataclass

import grpc
from flask import Blueprint, Response, g, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from kit.client import problem_of
from kit.roles import SELLERS
from meguri.payments.v1 import office_service_pb2 as office_pb
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1.office_service_pb2_grpc import OfficeServiceStub
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.edge import cookies
from services.edge.chosen import no_shop
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, wants_json
from services.edge.language import own_path
from services.edge.login import requires
from services.edge.parts import parts
from services.edge.till import at_shop

# When the till was locked by hand. Apart from the opening: a page still being answered would
# write an opening that was taken away, and the till would be open again.
PAGES = ("/till/payments/", "/till/splits/", "/till/tickets")  # where a PIN may lead back to
MOST_BACK = 600  # characters: a party of six prices
IDLE_S = 600  # the life of its cookie, too
UNDER_WAY_S = 900
MARK_S = 8 * 24 * 3600  # a sale waits for a week at most
CLOCK_S = 60  # several machines may answer
CHECK_DEADLINE_S = 5.0  # checking a PIN takes a good part of a second on purpose (argon2)
# What a sale that was under way keeps while the PIN is asked.
KEPT = ("request_id", "item", "amount_yen", "tax_rate_percent")

blueprint = Blueprint("clerks", __name__)


def of_shop(shop_place_id: str) -> list[office_pb.Clerk]:
    """Returns all who ever were clerks of a shop, by name."""
    wanted = office_pb.ListClerksRequest(shop_place_id=shop_place_id)
    return list(stub(OfficeServiceStub).ListClerks(wanted).clerks)


def at_till(shop: pb.Shop) -> office_pb.Clerk | None:
    """Returns the clerk whose PIN opened the till, None where the shop never had clerks.

    Errors: Locked. A person taken off the list is out at once.
    """
    people = of_shop(shop.shop_place_id)
    if not people:
        return None
    opening = _read_cookie()
    for each in people:
        if not each.disabled and opening.is_of(shop.shop_place_id, each.clerk_id):
            g.till_opening = opening
            return each
    raise Locked(shop, people)


def behind(payment: pb.Payment) -> str:
    """Returns the clerk behind whose PIN money of a payment goes back, "" where the shop has none.

    Errors: Locked; Problem clerk_pin_missing or no_clerk_works for a program. After the PIN the
    page that was asked for is shown, or the payment where a form had been sent.
    """
    return behind_page(payment.shop_place_id, f"/till/payments/{payment.payment_id}")


def behind_page(shop_place_id: str, own: str) -> str:
    """Returns the same for what has another page than a payment. own: its address."""
    try:
        clerk = at_till(pb.Shop(shop_place_id=shop_place_id))
    except Locked as locked:
        if wants_json():
            reason = "clerk_pin_missing" if locked.somebody_works else "no_clerk_works"
            raise Problem(403, reason) from locked
        known = stub(PaymentsServiceStub).ListShops(pb.ListShopsRequest()).shops
        shop = next((s for s in known if s.shop_place_id == shop_place_id), locked.shop)
        asked = request.path if request.method == "GET" and request.path.startswith(own) else own
        raise Locked(shop, locked.people, asked) from locked
    return clerk.clerk_id if clerk else ""


class Locked(Exception):
    """Nobody's PIN has opened the till of this shop, or not lately.

    people: all who ever were its clerks. back: the page to go on with after the PIN, "" for the
    counter with the sale that was begun.
    """

    def __init__(self, shop: pb.Shop, people: list[office_pb.Clerk], back: str = "") -> None:
        self.shop, self.people, self.back = shop, people, back
        super().__init__(shop.shop_place_id)

    @property
    def somebody_works(self) -> bool:
        """Tells whether anybody's PIN could open it."""
        return any(not each.disabled for each in self.people)


@blueprint.app_errorhandler(Locked)
def ask_for_pin(locked: Locked) -> tuple[str, int]:
    """Asks who is there; what was under way is kept."""
    page = _page(locked.shop, locked.people, back=locked.back)
    return page, 200 if request.method == "GET" else 409


@blueprint.get("/till/clerk")
@requires(*SELLERS)
def choose() -> str:
    """Asks who is there: the second tap chooses, then comes the PIN."""
    shop = at_shop.chosen_shop()
    return _page(shop, of_shop(shop.shop_place_id))


@blueprint.post("/till/clerk")
@requires(*SELLERS)
def enter() -> BaseResponse | tuple[str, int]:
    """Opens the till to the clerk whose PIN it is."""
    shop = _shop()
    wanted = office_pb.CheckClerkRequest(
        request_id=new_request_id(), shop_place_id=shop.shop_place_id,
        clerk_id=request.form.get("clerk_id", "")[:80], pin=request.form.get("pin", "")[:20],
    )  # fmt: skip
    error = ""
    try:
        if not stub(OfficeServiceStub, deadline_s=CHECK_DEADLINE_S).CheckClerk(wanted).right:
            error = _("This PIN is not right.")
    except grpc.RpcError as failure:
        if problem_of(failure).reason != "CLERK_RESTING":
            raise
        error = _("Too many wrong PINs. Wait 15 minutes, or have a new PIN set in the back office.")
    if error:
        back = request.form.get("back", "")[:MOST_BACK]
        return _page(shop, of_shop(shop.shop_place_id), error, back), 422
    g.till_opening = Opening(_now_ms(), shop.shop_place_id, wanted.clerk_id)
    back = own_path(request.form.get("back", ""))
    if back.startswith(PAGES):
        return redirect(back, 303)
    if request.form.get("request_id"):
        # The sale goes on where it stopped: the counter takes it over from this form.
        return render_template("till/go_on.html", shop=shop, kept=_kept()), 200
    return redirect(f"/till?shop={shop.shop_place_id}", 303)


@blueprint.post("/till/lock")
@requires(*SELLERS)
def lock() -> BaseResponse:
    """Locks the till by hand."""
    g.till_locked = True
    return redirect(f"/till/clerk?shop={_shop().shop_place_id}", 303)


@blueprint.after_app_request
def keep_open(response: Response) -> Response:
    """Counts the idle time from the last touch."""
    if g.get("till_locked"):
        cookies.TILL_CLERK.drop(response)
        cookies.TILL_LOCKED.put(response, str(_now_ms()))
    elif "till_opening" in g:
        cookies.TILL_CLERK.put(response, _write_cookie(g.till_opening))
    return response


def check(shop: pb.Shop, mark: str) -> None:
    """Looks whether a sale may be asked for: the till is open, and who stands there began it.

    A sale that was under way when the clerks changed keeps its clerk for a quarter of an hour: sent
    again after a lost answer it is the same request. Errors: Locked; Problem clerk_pin_missing,
    clerk_changed, clerk_unknown.
    """
    clerk = at_till(shop)
    if clerk is None:
        return
    begun_by, made_s = _read_mark(shop.shop_place_id, mark)
    if not begun_by:
        raise Problem(403, "clerk_pin_missing")
    if begun_by != clerk.clerk_id and time.time() - made_s > UNDER_WAY_S:
        raise Problem(409, "clerk_changed")


def check_waited(shop_place_id: str, mark: str) -> None:
    """Looks whether a sale that waited was begun behind a PIN. Errors: Problem as check()."""
    if not _read_mark(shop_place_id, mark)[0] and of_shop(shop_place_id):
        raise Problem(403, "clerk_pin_missing")


def mark_of(shop_place_id: str, clerk_id: str, key: bytes = b"", made_s: int = 0) -> str:
    """Returns what a form says of its clerk, which only a page behind that clerk's PIN holds.

    It is of use for as long as a sale may wait on a device. made_s: seconds since 1970, 0 for now.
    """
    words = (clerk_id, str(made_s or int(time.time())))
    return ".".join((*words, _mac("clerk mark", shop_place_id, *words, key=key)))


def read_mark(shop_place_id: str, mark: str) -> str:
    """Returns the clerk of a mark, "" for none. Errors: Problem clerk_unknown.

    A mark made with an earlier secret counts: it came with a sale that waited on a device.
    """
    return _read_mark(shop_place_id, mark)[0]


def _read_mark(shop_place_id: str, mark: str) -> tuple[str, int]:
    """Returns the clerk and when the mark was made. Errors: Problem clerk_unknown."""
    if not mark:
        return "", 0
    clerk_id, made, _mac_given = [*mark.split("."), "", ""][:3]
    made_s = int(made) if re.fullmatch("[0-9]{1,12}", made) else 0
    if not 0 <= time.time() + CLOCK_S - made_s <= MARK_S or not any(
        hmac.compare_digest(mark.encode(), mark_of(shop_place_id, clerk_id, key, made_s).encode())
        for key in (parts().secret, *parts().old_secrets)
    ):
        raise Problem(403, "clerk_unknown")
    return clerk_id, made_s


@dataclass(frozen=True)
class Opening:
    """A till that a PIN opened. opened_ms: when, in milliseconds since 1970."""

    opened_ms: int
    shop_place_id: str
    clerk_id: str

    def is_of(self, shop_place_id: str, clerk_id: str) -> bool:
        """Tells whether it is this person's at this shop."""
        return (self.shop_place_id, self.clerk_id) == (shop_place_id, clerk_id)


CLOSED = Opening(0, "", "")


def _write_cookie(opening: Opening) -> str:
    words = (str(int(time.time())), str(opening.opened_ms), opening.clerk_id)
    return ".".join((*words, _cookie_mac(*words, opening.shop_place_id), opening.shop_place_id))


def _read_cookie() -> Opening:
    """Returns the opening whose idle time is not over and which nobody has locked since."""
    *words, mac, shop_id = (cookies.TILL_CLERK.read() + "....").split(".", 4)
    shop_id = shop_id.removesuffix("....")
    if not hmac.compare_digest(mac.encode(), _cookie_mac(*words, shop_id).encode()):
        return CLOSED
    seen, opened_ms, clerk_id = int(words[0]), int(words[1]), words[2]
    locked = cookies.TILL_LOCKED.read()
    if locked and not (locked.isascii() and locked.isdigit() and int(locked[:15]) < opened_ms):
        return CLOSED
    is_lately = 0 <= time.time() - seen < IDLE_S
    return Opening(opened_ms, shop_id, clerk_id) if is_lately else CLOSED


def _cookie_mac(*words: str) -> str:
    return _mac("clerk", cookies.SESSION.read(), *words)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _mac(*texts: str, key: bytes = b"") -> str:
    body = "\0".join((g.area.area, *texts)).encode()
    return hmac.new(key or parts().secret, body, hashlib.sha256).hexdigest()[:32]


def _shop() -> pb.Shop:
    wanted = request.values.get("shop", "")
    for shop in stub(PaymentsServiceStub).ListShops(pb.ListShopsRequest()).shops:
        if shop.shop_place_id == wanted:
            return shop
    raise no_shop(wanted)


def _kept() -> list[tuple[str, str]]:
    return [(name, value) for name in KEPT for value in request.form.getlist(name)]


def _page(shop: pb.Shop, known: list[office_pb.Clerk], error: str = "", back: str = "") -> str:
    chosen = request.values.get("clerk_id", "")
    people = [each for each in known if not each.disabled]
    return render_template(
        "till/clerk.html", shop=shop, people=people, error=error, back=back,
        closed=bool(known) and not people,
        kept=[] if back else _kept(),
        chosen=next((each for each in people if each.clerk_id == chosen), None),
    )  # fmt: skip
