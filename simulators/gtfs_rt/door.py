"""The operator's addresses, and the door at which it is told what to say (see README.md)."""

import gzip
import json
import threading
from collections import Counter
from email.utils import formatdate
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from simulators.gtfs_rt.play import Play

NOTICE = "no bus is where this says"
BODY_LIMIT_BYTES = 1024 * 1024
HUGE_BYTES = 16 * 1024 * 1024
DRIP_S, SILENCE_S = 1.0, 60.0
MESSAGES = ("trip_updates", "alerts", "vehicles")
STATUS = {
    "error": HTTPStatus.INTERNAL_SERVER_ERROR, "gone": HTTPStatus.NOT_FOUND,
    "redirect": HTTPStatus.FOUND,
}  # fmt: skip


class Operator(ThreadingHTTPServer):
    """The server with what it says. stopping: set to end silences early."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], play: Play) -> None:
        super().__init__(address, Door)
        self.play, self.stopping = play, threading.Event()
        self.asked: Counter[str] = Counter()
        self.lock = threading.Lock()


class Door(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Operator

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base
        """Says nothing: tests ask often."""

    def do_GET(self) -> None:
        """Messages, runs, and how often was asked."""
        name = self.path.strip("/")
        if name in MESSAGES:
            self._message(name)
        elif name == "healthz":
            self._json({"ok": True})
        elif name == "asked":
            self._json(dict(self.server.asked))
        elif name == "runs":
            runs = self.server.play.runs.values()
            self._json({run.trip_id: run.calls[0][2] if run.calls else None for run in runs})
        else:
            self._send(HTTPStatus.NOT_FOUND, b"", {})

    def do_POST(self) -> None:
        """Orders."""
        size = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(min(size, BODY_LIMIT_BYTES))
        try:
            with self.server.lock:
                self.server.play.order(json.loads(body))
        except (KeyError, ValueError) as error:
            self._send(HTTPStatus.BAD_REQUEST, str(error).encode(), {})
            return
        self._json({"ok": True})

    def _message(self, name: str) -> None:
        play = self.server.play
        self.server.asked[name] += 1
        habit = play.habit
        if habit in STATUS:
            headers = {"Location": f"/{name}?moved"} if habit == "redirect" else {}
            self._send(STATUS[habit], b"", headers)
            return
        with self.server.lock:
            message = play.message(name)
        body = message.SerializeToString()
        message.header.ClearField("timestamp")
        etag = f'"{sha256(message.SerializeToString(deterministic=True)).hexdigest()[:16]}"'
        headers = {"ETag": etag, "Last-Modified": formatdate(usegmt=True)}
        if habit == "fine" and not play.age_s and self.headers.get("If-None-Match") == etag:
            self.server.asked[f"{name} 304"] += 1
            self._send(HTTPStatus.NOT_MODIFIED, b"", headers)
            return
        self._answer(habit, body, headers)

    def _answer(self, habit: str, body: bytes, headers: dict[str, str]) -> None:
        if habit == "silent":
            self.server.stopping.wait(SILENCE_S)
            self.close_connection = True
        elif habit == "truncated":
            self._send(HTTPStatus.OK, body[: len(body) // 2 + 3], headers)
        elif habit == "garbage":
            self._send(HTTPStatus.OK, bytes(range(256)) * 8, {})
        elif habit == "text":
            self._send(HTTPStatus.OK, b"<!doctype html><title>Maintenance</title>", {})
        elif habit == "empty":
            self._send(HTTPStatus.OK, b"", {})
        elif habit == "huge":
            self._send(HTTPStatus.OK, body + b"\0" * HUGE_BYTES, {})
        elif habit == "packed":
            self._send(HTTPStatus.OK, gzip.compress(body), {"Content-Encoding": "gzip"})
        elif habit == "slow":
            self._send(HTTPStatus.OK, body, headers, slowly=True)
        else:
            self._send(HTTPStatus.OK, body, headers)

    def _json(self, document: Any) -> None:
        self._send(HTTPStatus.OK, json.dumps(document).encode(), {})

    def _send(
        self, status: HTTPStatus, body: bytes, headers: dict[str, str], *, slowly: bool = False
    ) -> None:
        self.send_response(status)
        self.send_header("X-Simulator", NOTICE)
        if status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        pieces = [body[n : n + 1] for n in range(len(body))] if slowly else [body]
        try:
            for piece in pieces:
                self.wfile.write(piece)
                if slowly:
                    self.wfile.flush()
                    self.server.stopping.wait(DRIP_S)
        except OSError:
            self.close_connection = True  # whoever asked gave up
