"""How long a publication takes until every worker of the edge shows it, with NATS and without."""

import http.client
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from bench import platform
from kit.auth import Caller, Minter, Role
from kit.client import sync_channel
from kit.ids import new_id
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1 import multilingual_service_pb2_grpc as pb_grpc

WORKERS = 4
# The system gives each connection to a worker: of 32 none misses one worker but once in 2,500 runs.
CONNECTIONS = 32
LOCALE = "en"
PATIENCE_S = 30.0
DEADLINE_S = 10.0


@dataclass
class Editor:
    """Publishes again and again; mark: what the page says since then."""

    stub: Any
    stop_code: str
    published: int

    def publish(self, mark: str) -> None:
        """Publishes a text with a mark in it; it is published when this returns."""
        at = self.stub.ReadNarration(
            pb.ReadNarrationRequest(stop_code=self.stop_code, locale=LOCALE), timeout=DEADLINE_S
        )
        text = pb.NarrationText()
        text.CopyFrom(at.latest.text)
        text.paragraphs[0].text = f"Water stood here {mark}."
        saved = self.stub.SaveDraft(
            pb.SaveDraftRequest(
                request_id=new_id(), stop_code=self.stop_code, locale=LOCALE, text=text,
                base_revision=at.latest.revision, source_revision=at.source.revision,
            ),
            timeout=DEADLINE_S,
        )  # fmt: skip
        self.stub.PublishNarration(
            pb.PublishNarrationRequest(
                request_id=new_id(), stop_code=self.stop_code, locale=LOCALE, reviewed=True,
                revision=saved.revision.revision, replaced_revision=at.published.revision,
            ),
            timeout=DEADLINE_S,
        )  # fmt: skip


@contextmanager
def editing(bench: platform.Bench, area: str, stop_code: str) -> Iterator[Editor]:
    """Gives an editor of one stop."""
    minter = Minter(bench.token_key.read_bytes())
    caller = Caller(area, "bench", frozenset({Role.EDITOR}))
    with sync_channel(
        bench.state["grpc"]["multilingual"], bench.tls_dir, minter.tokens_of(caller)
    ) as channel:
        yield Editor(pb_grpc.GuideServiceStub(channel), stop_code, 0)


class Readers:
    """Phones that keep their connections, spread over the workers."""

    def __init__(self, port: int, path: str, stack: ExitStack) -> None:
        self._path, self._open = path, []
        for _ in range(CONNECTIONS):
            self._open.append(http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S))
            stack.callback(self._open[-1].close)

    def seen_after(self, mark: str, since: float) -> float:
        """Returns the seconds since a moment until all have seen a mark. Errors: RuntimeError for a
        page that is not served, or that keeps its old words too long."""
        waiting = list(self._open)
        while waiting:
            waiting = [each for each in waiting if mark not in self._page(each)]
            if time.monotonic() - since > PATIENCE_S:
                raise RuntimeError(f"{len(waiting)} connections still show the old page")
        return time.monotonic() - since

    def all_serve(self) -> None:
        """Reads the page once over each. Errors: RuntimeError."""
        for each in self._open:
            self._page(each)

    def _page(self, connection: http.client.HTTPConnection) -> str:
        try:
            answer = self._ask(connection)
        except (http.client.RemoteDisconnected, ConnectionError):
            # A server may close what was idle for a while; phones then open it again.
            connection.close()
            answer = self._ask(connection)
        text = answer.read().decode()
        if answer.status != 200:
            raise RuntimeError(f"a page was answered with {answer.status}")
        return text

    def _ask(self, connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
        connection.request("GET", self._path, headers={"Accept-Language": LOCALE})
        return connection.getresponse()


def seconds_until_seen(editor: Editor, readers: Readers, times: int) -> list[float]:
    """Publishes some times and returns how long each took until every connection showed it."""
    found = []
    for number in range(times):
        mark = f"no{number}x{new_id()[-6:]}"
        editor.publish(mark)
        found.append(readers.seen_after(mark, time.monotonic()))
    return found


def seconds_without_nats(editor: Editor, readers: Readers, nats: int) -> float:
    """Freezes NATS, publishes, and returns how long the old page stayed. Every page is served."""
    os.kill(nats, signal.SIGSTOP)
    try:
        readers.all_serve()
        mark = f"still{new_id()[-6:]}"
        editor.publish(mark)
        return readers.seen_after(mark, time.monotonic())
    finally:
        os.kill(nats, signal.SIGCONT)
