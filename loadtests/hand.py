"""The hand of one visitor: asks, tries again where the day allows it, notes how long it took."""

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import gevent

from loadtests.ground import Ground
from loadtests.samples import Sample

LANGUAGES = (
    "ja", "ja,en-US;q=0.8", "zh-TW,zh;q=0.9,en;q=0.8", "ko-KR,ko;q=0.9", "en-US,en;q=0.9",
    "zh-CN,zh;q=0.9", "th-TH,th;q=0.9",
)  # fmt: skip
# What a phone or a till does when a part is away: at most two more tries, all within five seconds.
PAUSES_S = (1.0, 2.0)
PATIENCE_S = 5.0
AGAIN = frozenset({0, 429, 500, 502, 503, 504})


class Refused(Exception):
    """What came back is no answer to what was asked; told in the samples, never raised further."""


@dataclass
class Notes:
    """What is written down in a run. began: monotonic time of its first moment. tries: at most."""

    began: float
    tries: int = 1
    samples: list[Sample] = field(default_factory=list)


@dataclass(frozen=True)
class Reply:
    """What came back. status: 0 for no answer. location: where it leads to. closed: the connection
    was ended before any of an answer came."""

    status: int
    body: bytes = b""
    location: str = ""
    error: str = ""
    closed: bool = False

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Returns the body as JSON. Errors: ValueError."""
        return json.loads(self.body)


Send = Callable[[str, str, dict[str, str], bytes | None, float], Reply]
Expected = Callable[[Reply], str]  # "" where it is as it should be, else what is wrong


def is_ok(reply: Reply) -> str:
    """Expects an answer."""
    return "" if reply.status == 200 else reply.error or f"status {reply.status}"


def is_page(reply: Reply) -> str:
    """Expects a page with its end: a quick 200 that breaks off or says nothing is no answer."""
    return is_ok(reply) or ("" if b"</html>" in reply.body else "half a page")


class Hand:
    """One visitor, clerk or person of the office on one ground. send: asks once over HTTP.

    due: monotonic time at which the first request should be sent, 0 for whenever it is. That one is
    timed from then on: a generator that falls behind must not make waiting look shorter.
    """

    def __init__(
        self, send: Send, ground: Ground, notes: Notes, chance: random.Random, cookie: str = "",
        due: float = 0.0,
    ) -> None:  # fmt: skip
        self._send, self.ground, self._notes, self.chance = send, ground, notes, chance
        self._due = due
        self._headers = {
            "Host": ground.host, "Accept-Encoding": "gzip",
            "Accept-Language": chance.choice(LANGUAGES),
        }  # fmt: skip
        if cookie:
            self._headers |= {"Cookie": cookie, "Accept-Language": "ja"}

    def get(self, path: str, name: str, expected: Expected = is_ok, **headers: str) -> Reply:
        """Opens a page."""
        return self._ask("GET", path, name, None, headers, expected)

    def post_json(
        self, path: str, name: str, body: object, expected: Expected = is_ok, **headers: str
    ) -> Reply:
        """Sends JSON; the body carries an id of its own, so that a second try does it once."""
        kind = {"Content-Type": "application/json", "Origin": f"http://{self.ground.host}"}
        return self._ask("POST", path, name, json.dumps(body).encode(), kind | headers, expected)

    def post_form(
        self, path: str, name: str, fields: dict[str, Any], expected: Expected = is_ok
    ) -> Reply:
        """Sends a form; its request_id lets a second try do it once."""
        kind = {"Content-Type": "application/x-www-form-urlencoded",
                "Origin": f"http://{self.ground.host}"}  # fmt: skip
        return self._ask("POST", path, name, urlencode(fields, doseq=True).encode(), kind, expected)

    def _ask(
        self, method: str, path: str, name: str, body: bytes | None, more: dict[str, str],
        expected: Expected,
    ) -> Reply:  # fmt: skip
        notes, begins, tries, renewed = self._notes, time.monotonic(), 0, False
        first, self._due = self._due or begins, 0.0
        ends = begins + PATIENCE_S
        while True:
            tries += 1
            left_s = ends - time.monotonic() if notes.tries > 1 else 2 * PATIENCE_S
            reply = self._send(method, path, {**self._headers, **more}, body, left_s)
            if reply.closed and not renewed and notes.tries == 1:
                # A connection that idled was ended while it was used again: browsers send the same
                # on a new one, whatever it is, and nobody sees it. Where parts are killed this is
                # one of the tries that are counted.
                renewed = True
                continue
            error = expected(reply)
            pause_s = PAUSES_S[min(tries, len(PAUSES_S)) - 1]
            over = tries >= notes.tries or time.monotonic() + pause_s >= ends
            if not error or reply.status not in AGAIN or over:
                break
            gevent.sleep(pause_s)
        now = time.monotonic()
        notes.samples.append(
            Sample(first - notes.began, (now - first) * 1000, name, tries, error[:160])
        )
        if error:
            raise Refused(error)
        return reply
