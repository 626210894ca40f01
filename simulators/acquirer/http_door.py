"""The acquirer's HTTP API. Every answer says that it comes from a simulator.

POST /v1/charges/{key}                 {amount_yen, tender, capture}
POST /v1/charges/{charge}/captures/{key}   {amount_yen}
POST /v1/charges/{charge}/voids/{key}      {amount_yen}
POST /v1/charges/{charge}/refunds/{key}    {amount_yen}
GET  /v1/operations/{key}              what became of a key; 404 where it is not known
POST /v1/operations/{key}/fence        the same, and an unknown key is refused from now on
POST /admin/scenario                   {scenario, count}: of the next requests; count 0 forgets
GET  /admin/charges                    everything that was charged
GET  /healthz
A key is taken once: the same request again gets the first answer, another body 409 key_reused.
"""

import json
import re
import threading
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from simulators.acquirer.books import Books, KeyReused, Operation
from simulators.acquirer.scenarios import (
    DECLINE_REASONS,
    DONE_BUT_UNHEARD,
    NOT_DONE,
    Orders,
    Scenario,
)

NOTICE = "SIMULATOR: no money moves. 練習・入金されません"
KEY = r"([A-Za-z0-9-]{8,64})"
CHARGE = re.compile(rf"/v1/charges/{KEY}")
STEP = re.compile(rf"/v1/charges/{KEY}/(captures|voids|refunds)/{KEY}")
LOOK_UP = re.compile(rf"/v1/operations/{KEY}(/fence)?")
STEPS = {"captures": "capture", "voids": "void", "refunds": "refund"}
BODY_LIMIT_BYTES = 64 * 1024
IDLE_S = 75.0
LATE_S = 3.0
PIECE_S = 0.1  # between the two halves of an answer
HUGE_BYTES = 1024 * 1024
DRIP_S = 0.4  # a byte; every single one keeps a read going, all of them outlast a deadline
SILENCE_S = 60.0  # a time-out outlasts every sensible deadline


class Acquirer(ThreadingHTTPServer):
    """The server with its books and orders. stopping: set to end silences early."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], books: Books) -> None:
        super().__init__(address, Door)
        self.books, self.orders, self.stopping = books, Orders(), threading.Event()


class Door(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_S
    server: Acquirer

    def do_GET(self) -> None:
        """Health, look-up, the list of charges."""
        if self.path == "/healthz":
            self._answer(HTTPStatus.OK, {"status": "ok"})
        elif self.path == "/admin/charges":
            self._answer(HTTPStatus.OK, {"charges": self.server.books.charges()})
        elif found := LOOK_UP.fullmatch(self.path):
            self._look_up(found[1], fence=False)
        else:
            self._answer(HTTPStatus.NOT_FOUND, {"error": "unknown_path"})

    def do_POST(self) -> None:
        """A charge, a step on one, a fence, or a scenario."""
        body = self._body()
        if charge := CHARGE.fullmatch(self.path):
            self._operate(charge[1], "take", charge[1], body)
        elif step := STEP.fullmatch(self.path):
            self._operate(step[3], STEPS[step[2]], step[1], body)
        elif (found := LOOK_UP.fullmatch(self.path)) and found[2]:
            self._look_up(found[1], fence=True)
        elif self.path == "/admin/scenario":
            self._order(body or {})
        else:
            self._answer(HTTPStatus.NOT_FOUND, {"error": "unknown_path"})

    def _order(self, body: Mapping[str, Any]) -> None:
        try:
            scenario = Scenario(str(body.get("scenario")))
            self.server.orders.order(scenario, int(body.get("count", 1)))
        except (ValueError, TypeError) as error:
            self._answer(HTTPStatus.BAD_REQUEST, {"error": str(error)})
        else:
            self._answer(HTTPStatus.OK, {"scenario": scenario})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Stays quiet: requests are in the books."""

    def _operate(
        self, key: str, step: str, charge_key: str, body: Mapping[str, Any] | None
    ) -> None:
        amount_yen = (body or {}).get("amount_yen")
        if body is None or isinstance(amount_yen, bool) or not isinstance(amount_yen, int):
            self._answer(HTTPStatus.BAD_REQUEST, {"error": "malformed_body"})
            return
        scenario = self.server.orders.choose(amount_yen)
        if scenario in NOT_DONE:
            self._fail(scenario)
            return
        try:
            operation = self.server.books.perform(
                key, step, charge_key, body, DECLINE_REASONS.get(scenario, "")
            )
        except KeyReused:
            self._answer(HTTPStatus.CONFLICT, {"error": "key_reused", "key": key})
            return
        if scenario in DONE_BUT_UNHEARD:
            self._fail(scenario)
            return
        if scenario is Scenario.LATE:
            self.server.stopping.wait(LATE_S)
        in_pieces = scenario is Scenario.IN_PIECES
        self._answer(HTTPStatus.OK, _document(operation), in_pieces=in_pieces)
        if scenario is Scenario.TWICE:
            self._answer(HTTPStatus.OK, _document(operation))

    def _look_up(self, key: str, *, fence: bool) -> None:
        operation = self.server.books.look_up(key, fence=fence)
        if operation is None:
            self._answer(HTTPStatus.NOT_FOUND, {"error": "unknown_key", "key": key})
        else:
            self._answer(HTTPStatus.OK, _document(operation))

    def _fail(self, scenario: Scenario) -> None:
        if scenario in (Scenario.TIME_OUT_AFTER, Scenario.TIME_OUT_BEFORE):
            self.server.stopping.wait(SILENCE_S)
            self.close_connection = True
        elif scenario is Scenario.HANG_UP_AFTER:
            self.close_connection = True
        elif scenario is Scenario.HUGE_AFTER:
            self._send(HTTPStatus.OK, "application/json", b" " * HUGE_BYTES + b"{}")
        elif scenario is Scenario.DRIP_AFTER:
            self._drip(b'{"status": "done"}')
        elif scenario is Scenario.UNREADABLE_AFTER:
            self._send(HTTPStatus.OK, "text/html", b"<html>maintenance")
        else:
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "internal"})

    def _drip(self, body: bytes) -> None:
        self.close_connection = True
        with suppress(OSError):  # the caller loses patience first
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for byte in body:
                self.wfile.write(bytes([byte]))
                if self.server.stopping.wait(DRIP_S):
                    return

    def _body(self) -> Mapping[str, Any] | None:
        """Returns the JSON object sent, or None where it is none."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > BODY_LIMIT_BYTES:
            self.close_connection = True
            return None
        try:
            body = json.loads(self.rfile.read(length) or b"{}")
        except ValueError:
            return None
        return body if isinstance(body, dict) else None

    def _answer(
        self, status: HTTPStatus, document: Mapping[str, Any], *, in_pieces: bool = False
    ) -> None:
        text = json.dumps({"simulator": True, "notice": NOTICE, **document}, ensure_ascii=False)
        content_type = "application/json; charset=utf-8"
        self._send(status, content_type, text.encode(), in_pieces=in_pieces)

    def _send(
        self, status: HTTPStatus, content_type: str, body: bytes, *, in_pieces: bool = False
    ) -> None:
        half = len(body) // 2 if in_pieces else 0
        try:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if half:
                self.wfile.write(body[:half])
                self.wfile.flush()
                self.server.stopping.wait(PIECE_S)
            self.wfile.write(body[half:])
            self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the caller gave up; the books keep what was done


def _document(operation: Operation) -> dict[str, Any]:
    return {
        "key": operation.key,
        "step": operation.step,
        "charge_key": operation.charge_key,
        "amount_yen": operation.amount_yen,
        "status": operation.status,
        "reason": operation.reason,
    }
