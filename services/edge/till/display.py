"""The customer's display: a second window of the till's device, or a screen of its own.

A second window hears the till through the browser alone (display.js), so it follows without a
signal, too. A screen of its own was paired with one till (pairing.py) and hears it through here: as
server-sent events, by asking again and again where a stream is cut, and by loading the page anew
where there is no JavaScript. Its language is chosen on it and is the customer's.
"""

import hashlib
import threading
import time
from collections.abc import Iterator

import grpc
import msgspec
from flask import Blueprint, redirect, render_template, request
from flask_babel import force_locale
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.roles import SELLERS
from services.edge import cookies, leaving
from services.edge.board import BEGINNING, LONGEST_WAIT_S, BoardAway, News
from services.edge.errors import Problem, is_away
from services.edge.language import choose
from services.edge.login import signed_in
from services.edge.parts import area, locale, parts
from services.edge.streams import stream
from services.edge.till import display_view, news
from services.edge.till.display_view import View

PATH = "/till/display"
STREAMS = threading.BoundedSemaphore(48)  # each holds a thread of the server
STREAM_S = 300.0
AWAY_PAUSE_S = 2.0

blueprint = Blueprint("display", __name__)


@blueprint.get(PATH)
def show() -> Response | str:
    """Shows what the customer reads: the sum, how it went, thanks."""
    spoken = _spoken()
    if cookies.DISPLAY.read():
        try:
            shown, number = _now(spoken)
        except Problem as problem:
            if problem.status != 410:
                raise
            return _to_pairing()
    else:
        known = signed_in()
        if known is None or not known.roles & SELLERS:
            return redirect(f"{PATH}/pair", 303)
        shown, number = View(), ""
    with force_locale(spoken.replace("-", "_")):
        return render_template(
            "till/display.html", page_locale=spoken, spoken=spoken, shown=shown, number=number,
            paired=bool(number), locales=area().locales,
        )  # fmt: skip


@blueprint.get(f"{PATH}/now")
def now() -> Response:
    """What a display shows at the moment, for one whose stream is cut. Unchanged: 304."""
    shown, number = _now(_spoken())
    body = msgspec.json.encode({**shown.as_plain(), "number": number})
    answer = Response(body, mimetype="application/json")
    answer.set_etag(hashlib.sha256(body).hexdigest()[:20])
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer.make_conditional(request)


@blueprint.get(f"{PATH}/feed")
def feed() -> Response:
    """What a display shows, as it changes. Ends after five minutes: the browser asks again."""
    spoken, secret = _spoken(), cookies.DISPLAY.read()
    key = _key(secret)
    known = request.headers.get("Last-Event-ID", BEGINNING)
    if not _is_number(known):
        known = BEGINNING
    return stream(_events(secret, key, known, spoken), STREAMS)


def _events(secret: str, key: str, known: str, spoken: str) -> Iterator[str]:
    ends, said = time.monotonic() + STREAM_S, ""
    latest: News = {}
    while time.monotonic() < ends and not leaving.told():
        try:
            lost = not parts().board.is_alive(key)
            if said:
                found = _next(key, known)
                known, latest = found or (known, latest)
            else:
                known, latest = parts().board.latest(key)
            text = _text(secret, latest, spoken, lost=lost)
        except BoardAway:
            text = msgspec.json.encode(View(lost=True).as_plain()).decode()
            leaving.pause(AWAY_PAUSE_S)
        except grpc.RpcError as error:
            if is_away(error):
                yield "event: beat\ndata: {}\n\n"
                leaving.pause(AWAY_PAUSE_S)
                continue
            yield "event: ended\ndata: {}\n\n"
            return
        if text != said:
            said = text
            yield f"id: {known}\nevent: news\ndata: {text}\n\n"
        else:
            yield "event: beat\ndata: {}\n\n"


def _next(key: str, known: str) -> tuple[str, News] | None:
    """Waits for news, in short turns: who waits must not hold up a server that ends."""
    ends = time.monotonic() + LONGEST_WAIT_S
    while not leaving.told() and (left := ends - time.monotonic()) > 0:
        if found := parts().board.next(key, known, min(left, leaving.LOOK_EVERY_S)):
            return found
    return None


def _text(secret: str, latest: News, spoken: str, *, lost: bool) -> str:
    with force_locale(spoken.replace("-", "_")):
        shown = display_view.view(secret, latest, spoken, lost=lost)
    return msgspec.json.encode(shown.as_plain()).decode()


def _now(spoken: str) -> tuple[View, str]:
    """Returns the screen and the number of its news. Errors: Problem, 410 where it is not paired;
    grpc.RpcError."""
    secret = cookies.DISPLAY.read()
    key = _key(secret)
    try:
        number, latest = parts().board.latest(key)
        lost = not parts().board.is_alive(key)
    except BoardAway:
        return View(lost=True), BEGINNING
    with force_locale(spoken.replace("-", "_")):
        return display_view.view(secret, latest, spoken, lost=lost), number


def _key(secret: str) -> str:
    """Returns where the news of this display's till stands. Errors: Problem; grpc.RpcError."""
    try:
        display = display_view.read(secret).display
    except grpc.RpcError as error:
        if problem_of(error).reason != "DISPLAY_UNKNOWN":
            raise
        raise Problem(410, "display_unknown") from error
    return news.key_of(display.shop_place_id, display.counter_id)


def _spoken() -> str:
    return choose(request.args.get("customer"), locale(), area().locales)


def _is_number(text: str) -> bool:
    milliseconds, _, place = text.partition("-")
    return text.isascii() and milliseconds.isdigit() and place.isdigit() and len(text) < 40


def _to_pairing() -> Response:
    answer = redirect(f"{PATH}/pair", 303)
    cookies.DISPLAY.drop(answer)
    return answer
