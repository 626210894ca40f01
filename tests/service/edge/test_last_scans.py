"""Page views that wait for the guide are handed over before the edge ends."""

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest

from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1.multilingual_service_pb2_grpc import (
    GuideServiceServicer,
    add_GuideServiceServicer_to_server,
)
from tests.service.edge.conftest import SERVICES, running_edge
from tests.unit.edge.fakes import content


class Guide(GuideServiceServicer):
    """A guide with one stop that takes scans only once it is told to."""

    def __init__(self) -> None:
        self.recorded: list[str] = []
        self.asked, self.open = threading.Event(), threading.Event()

    def ReadStop(self, request: pb.ReadStopRequest, context: Any) -> pb.ReadStopResponse:
        return pb.ReadStopResponse(stop=content(2, request.chosen_locale, "Basins."))

    def RecordScans(self, request: pb.RecordScansRequest, context: Any) -> pb.RecordScansResponse:
        if not self.open.is_set():
            self.asked.set()
            context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        self.recorded.extend(scan.stop_code for scan in request.scans)
        return pb.RecordScansResponse(recorded_count=len(request.scans))


@pytest.fixture
def guide() -> Iterator[tuple[Guide, str]]:
    server = grpc.server(ThreadPoolExecutor(4))
    made = Guide()  # type: ignore[abstract] # the other methods are not called
    add_GuideServiceServicer_to_server(made, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield made, f"127.0.0.1:{port}"
    server.stop(0)


def test_counted_page_views_are_sent_before_the_end(
    tmp_path: Path, silent_door: str, guide: tuple[Guide, str]
) -> None:
    made, address = guide
    addresses = {**dict.fromkeys(SERVICES, silent_door), "MULTILINGUAL": address}
    with running_edge(tmp_path, addresses) as edge:
        for _ in range(3):
            assert edge.get("/g/8WXC3")[0] == 200
        assert made.asked.wait(5)
        edge.process.send_signal(signal.SIGTERM)
        made.open.set()
        assert edge.process.wait(10) == 0
    assert made.recorded == ["8WXC3"] * 3
