"""A translating machine for tests, behind real HTTP, in the shapes of LibreTranslate and DeepL.

It marks each text with the language it was asked for, and fails in the ways the real ones do.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "a-key:fx"
LANGUAGES = [
    {"code": "ja", "name": "Japanese", "targets": ["en", "fr", "zt"]},
    {"code": "en", "name": "English", "targets": ["ja"]},
    {"code": "zt", "name": "Chinese (traditional)", "targets": ["en"]},
]


class Machine:
    """asked: (path, body, headers) of each request. failing: statuses of the next answers.

    say: what a text becomes; body: sent instead of a right answer; drip: how slowly.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.failing: list[int] = []
        self.headers: dict[str, str] = {}
        self.say: Callable[[str, str], str] = lambda text, target: f"[{target}] {text}"
        self.body: bytes | None = None
        self.drip = ""  # "head" or "body": sent letter by letter
        self.url = ""

    def answer(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> tuple[int, Any]:
        self.asked.append((path, body, headers))
        if self.failing:
            return self.failing.pop(0), {"error": "on purpose", "message": "on purpose"}
        if path == "/languages":
            return 200, LANGUAGES
        if path == "/translate":
            if body.get("api_key") not in (None, KEY):
                return 403, {"error": "Invalid API key"}
            return 200, {"translatedText": [self.say(each, body["target"]) for each in body["q"]]}
        if headers.get("Authorization") != f"DeepL-Auth-Key {KEY}":
            return 403, {"message": "Forbidden"}
        target = body["target_lang"]
        return 200, {
            "translations": [
                {
                    "detected_source_language": "JA",
                    "text": self.say(each, target),
                    "billed_characters": len(each),
                }
                for each in body["text"]
            ]
        }


def drip(write: Callable[[bytes], object], head: bytes, *, whole: bool) -> None:
    """Sends a letter again and again, behind a whole head or within it, until nobody listens or
    five seconds are over."""
    with suppress(OSError):
        write(head + (b"y\r\n\r\n" if whole else b""))
        for _ in range(100):
            write(b" ")
            time.sleep(0.05)


@contextmanager
def running() -> Iterator[Machine]:
    """Runs one for as long as the block."""
    machine = Machine()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _answer(self, body: dict[str, Any]) -> None:
            status, told = machine.answer(self.path, body, dict(self.headers))
            content = json.dumps(told).encode()
            if machine.body is not None and status == 200:
                content = machine.body
            if machine.drip:
                drip(self.wfile.write, b"HTTP/1.0 200 OK\r\nX: ", whole=machine.drip == "body")
                return
            self.send_response(status)
            for name, value in machine.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        machine.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield machine
        finally:
            server.shutdown()
