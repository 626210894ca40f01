"""The HTTP door of a simulated provider. Every answer carries the header X-Simulator.

POST /admin/scenario   {scenario, count}: what happens to the next requests that take a step
POST /admin/customer   {pays, after_s}: what customers do at terminals and phones
POST /admin/webhooks   {habit, url}: how webhooks are sent
GET  /admin/charges    what was really charged
GET  /admin/webhooks   what was sent, and what the answer was
GET  /healthz
Everything else is the provider's own API.
"""

import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from simulators.acquirer.scenarios import (
    DECLINE_REASONS,
    DONE_BUT_UNHEARD,
    NOT_DONE,
    Orders,
    Scenario,
)
from simulators.stage.play import Play, Reply, Request
from simulators.stage.post import Habit, Post

NOTICE = "no money moves here"
BODY_LIMIT_BYTES = 64 * 1024
IDLE_S = 75.0
LATE_S = 2.0
PIECE_S = 0.1
SILENCE_S = 60.0
HUGE_BYTES = 1024 * 1024
DRIP_S = 0.4


class Provider(ThreadingHTTPServer):
    """The server. stopping: set to end silences early."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], play: Play, webhook_url: str) -> None:
        super().__init__(address, Door)
        self.play, self.orders, self.stopping = play, Orders(), threading.Event()
        self.post = Post(play, webhook_url, self.stopping)


class Door(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_S
    server: Provider

    def do_GET(self) -> None:
        """Admin, or the provider's own."""
        if self.path == "/healthz":
            self._answer(Reply(200, {"status": "ok", "simulator": True, "notice": NOTICE}))
        elif self.path == "/admin/charges":
            self._answer(Reply(200, {"charges": self.server.play.charges()}))
        elif self.path == "/admin/webhooks":
            self._answer(Reply(200, {"sent": self.server.post.sent}))
        else:
            self._serve()

    def do_POST(self) -> None:
        """Admin, or the provider's own."""
        if self.path.startswith("/admin/"):
            self._order(self._request().document or {})
        else:
            self._serve()

    do_PUT = do_DELETE = do_POST  # noqa: N815 - the base's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Stays quiet: what happened is in the books."""

    def _order(self, body: Mapping[str, Any]) -> None:
        try:
            if self.path == "/admin/scenario":
                scenario = Scenario(str(body.get("scenario")))
                self.server.orders.order(scenario, int(body.get("count", 1)))
            elif self.path == "/admin/customer":
                self.server.play.customer.pays = bool(body.get("pays", True))
                self.server.play.customer.after_s = float(body.get("after_s", 1.0))
            else:
                self.server.post.habit = Habit(str(body.get("habit", Habit.ONCE)))
                self.server.post.url = str(body.get("url", self.server.post.url))
        except (ValueError, TypeError) as error:
            self._answer(Reply(400, {"error": str(error)}))
        else:
            self._answer(Reply(200, {"ordered": dict(body)}))

    def _serve(self) -> None:
        request, play = self._request(), self.server.play
        amount_yen = play.amount_of(request)
        scenario = Scenario.APPROVE
        if amount_yen is not None:
            scenario = self.server.orders.choose(amount_yen)
        if scenario in NOT_DONE:
            self._fail(scenario)
            return
        reply = play.answer(request, DECLINE_REASONS.get(scenario, ""))
        if scenario in DONE_BUT_UNHEARD:
            self._fail(scenario)
            return
        if scenario is Scenario.LATE:
            self.server.stopping.wait(LATE_S)
        self._answer(reply, in_pieces=scenario is Scenario.IN_PIECES)
        if scenario is Scenario.TWICE:
            self._answer(reply)

    def _fail(self, scenario: Scenario) -> None:
        if scenario in (Scenario.TIME_OUT_AFTER, Scenario.TIME_OUT_BEFORE):
            self.server.stopping.wait(SILENCE_S)
            self.close_connection = True
        elif scenario is Scenario.HANG_UP_AFTER:
            self.close_connection = True
        elif scenario is Scenario.UNREADABLE_AFTER:
            self._send(200, "text/html", b"<html>maintenance")
        elif scenario is Scenario.HUGE_AFTER:
            self._send(200, "application/json", b" " * HUGE_BYTES + b"{}")
        elif scenario is Scenario.DRIP_AFTER:
            self._drip(b'{"status": "COMPLETED"}')
        else:
            self._send(500, "application/json", b"{}")

    def _request(self) -> Request:
        length = int(self.headers.get("Content-Length") or 0)
        if length > BODY_LIMIT_BYTES:
            self.close_connection, length = True, 0
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        document: Any = None
        with suppress(ValueError):
            document = json.loads(body or b"{}")
        if not isinstance(document, dict):
            document = None
        return Request(self.command, self.path, headers, body, document)

    def _answer(self, reply: Reply, *, in_pieces: bool = False) -> None:
        body = reply.text.encode() or json.dumps(reply.document, ensure_ascii=False).encode()
        content_type = "text/plain" if reply.text else "application/json"
        self._send(reply.status, content_type, body, in_pieces=in_pieces)

    def _head(self, status: int, content_type: str, length: int) -> None:
        self.send_response(HTTPStatus(status))
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(length))
        self.send_header("X-Simulator", NOTICE)
        self.end_headers()

    def _send(
        self, status: int, content_type: str, body: bytes, *, in_pieces: bool = False
    ) -> None:
        half = len(body) // 2 if in_pieces else 0
        with suppress(OSError):  # the caller has hung up
            self._head(status, content_type, len(body))
            self.wfile.write(body[:half])
            if half:
                self.server.stopping.wait(PIECE_S)
            self.wfile.write(body[half:])

    def _drip(self, body: bytes) -> None:
        self.close_connection = True
        with suppress(OSError):
            self._head(200, "application/json", len(body))
            for byte in body:
                self.wfile.write(bytes([byte]))
                if self.server.stopping.wait(DRIP_S):
                    return
