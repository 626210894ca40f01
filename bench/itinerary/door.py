"""The service as its callers know it: an area is made, and plans are asked for."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest
from grpc_health.v1.health_pb2_grpc import HealthStub

from bench import platform
from bench.itinerary.areas import MadeArea, wishes
from infra.local.home import DEFAULT_DATA
from kit import tls
from kit.auth import Caller, Minter, Role
from kit.client import sync_channel
from kit.ids import new_id
from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.directory.v1 import directory_service_pb2_grpc as directory_grpc
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import itinerary_service_pb2_grpc as pb_grpc
from meguri.itinerary.v1.sojourn_service_pb2_grpc import SojournServiceStub
from meguri.itinerary.v1.spot_service_pb2_grpc import SpotServiceStub
from meguri.itinerary.v1.timetable_service_pb2_grpc import TimetableServiceStub

DEADLINE_S = 20.0
HEARD_S = 120.0  # until the service has heard of thousands of places
COMPILED_S = 400.0  # until a busy machine has compiled the search
BATCH = 2_000


@contextmanager
def running() -> Iterator["Doors"]:
    """Runs directory and itinerary on a folder of their own; compiled code of earlier runs is
    taken."""
    shared = {"NUMBA_CACHE_DIR": str(DEFAULT_DATA / "cache" / "machine_code")}
    with platform.running("directory", "itinerary", settings=shared) as bench:
        yield Doors(bench)


class Doors:
    """Both services, as the operator of any area."""

    def __init__(self, bench: platform.Bench) -> None:
        self.bench = bench
        self._minter = Minter(bench.token_key.read_bytes())

    @contextmanager
    def area(self, made: MadeArea, closures: tuple[directory.ClosePlaceRequest, ...] = ()) -> Any:
        """Makes an area and yields the stub of itinerary in it, once all is heard.

        Errors: RuntimeError when a row is refused; TimeoutError.
        """
        caller = Caller(made.name, "bench", frozenset(Role))
        addresses = self.bench.state["grpc"]
        tls, token = self.bench.tls_dir, self._minter.tokens_of(caller)
        with sync_channel(addresses["directory"], tls, token) as channel:
            _fill(directory_grpc.DirectoryServiceStub(channel), made, closures)
        with sync_channel(addresses["itinerary"], tls, token) as channel:
            stub = pb_grpc.ItineraryServiceStub(channel)
            _load(stub, made)
            yield stub

    @contextmanager
    def spots(self, made: MadeArea) -> Iterator[SpotServiceStub]:
        """Yields the stub of an area's spots."""
        caller = Caller(made.name, "bench", frozenset(Role))
        address = self.bench.state["grpc"]["itinerary"]
        with sync_channel(address, self.bench.tls_dir, self._minter.tokens_of(caller)) as channel:
            yield SpotServiceStub(channel)

    @contextmanager
    def sojourns(self, made: MadeArea) -> Iterator[SojournServiceStub]:
        """Yields the stub of days planned together in an area."""
        caller = Caller(made.name, "bench", frozenset(Role))
        address = self.bench.state["grpc"]["itinerary"]
        with sync_channel(address, self.bench.tls_dir, self._minter.tokens_of(caller)) as channel:
            yield SojournServiceStub(channel)

    @contextmanager
    def health(self) -> Iterator[Callable[[int], Any]]:
        """Yields a call that asks the service whether it is there: the least that a call can be."""
        credentials = tls.channel_credentials(self.bench.tls_dir)
        with grpc.secure_channel(self.bench.state["grpc"]["itinerary"], credentials) as channel:
            check: Any = getattr(HealthStub(channel), "Check")  # noqa: B009 - its types know none
            yield lambda _number: check(HealthCheckRequest(), timeout=DEADLINE_S)

    @contextmanager
    def timetables(self, made: MadeArea) -> Iterator[TimetableServiceStub]:
        """Yields the stub of an area's timetables."""
        caller = Caller(made.name, "bench", frozenset(Role))
        address = self.bench.state["grpc"]["itinerary"]
        with sync_channel(address, self.bench.tls_dir, self._minter.tokens_of(caller)) as channel:
            yield TimetableServiceStub(channel)


def _fill(
    stub: directory_grpc.DirectoryServiceStub,
    made: MadeArea,
    closures: tuple[directory.ClosePlaceRequest, ...],
) -> None:
    area = directory.Area(
        area=made.name, names={"ja": made.name}, time_zone="Asia/Tokyo", locales=["ja"], demo=True
    )
    stub.ConfigureArea(
        directory.ConfigureAreaRequest(request_id=new_id(), area=area), timeout=DEADLINE_S
    )
    *others, last = made.places

    def record(places: Sequence[directory.Place]) -> None:
        request = directory.RecordPlacesRequest(request_id=new_id(), places=places)
        stub.RecordPlaces(request, timeout=DEADLINE_S)

    for at in range(0, len(others), BATCH):
        record(others[at : at + BATCH])
    for closure in closures:
        closure.request_id = new_id()
        stub.ClosePlace(closure, timeout=DEADLINE_S)
    record([last])  # who has heard of it has heard of all before


def _load(stub: Any, made: MadeArea) -> None:
    for at in range(0, len(made.pois), BATCH):
        request = pb.ImportPoisRequest(request_id=new_id(), records=made.pois[at : at + BATCH])
        report = stub.ImportPois(request, timeout=DEADLINE_S)
        if report.rejected:
            raise RuntimeError(f"a made-up row was refused: {report.rejected[0].text}")
    last = made.places[-1].place_id
    ends = time.monotonic() + HEARD_S
    while not _located(stub, [poi.poi_id for poi in made.pois if poi.place_id == last]):
        if time.monotonic() > ends:
            raise TimeoutError("the places were not heard of in time")
        time.sleep(0.2)


def _located(stub: Any, poi_ids: list[str]) -> bool:
    """Says whether POIs are where their places are, as far as the service has heard."""
    found: set[str] = set()
    request = pb.ListPoisRequest(page_size=1000)
    while True:
        answer = stub.ListPois(request, timeout=DEADLINE_S)
        found |= {poi.record.poi_id for poi in answer.pois if poi.location.HasField("point")}
        request.page_token = answer.next_page_token
        if not request.page_token:
            return found >= set(poi_ids)


def plan(stub: Any, trip: pb.TripRequest, timeout_s: float = DEADLINE_S) -> pb.Itinerary:
    """Returns a plan. Errors: RpcError."""
    request = pb.PlanItineraryRequest(request_id=new_id(), trip=trip)
    answer: pb.Itinerary = stub.PlanItinerary(request, timeout=timeout_s).itinerary
    return answer


def await_compiled(stub: Any) -> None:
    """Waits until plans are searched to their end, as compiled code does. Errors: TimeoutError."""
    ends = time.monotonic() + COMPILED_S
    while plan(stub, wishes(10**6)).search_stopped_early:
        if time.monotonic() > ends:
            raise TimeoutError("the compiled search was not ready in time")
        time.sleep(1)


def processes(root: int) -> list[int]:
    """Returns a process and all below it. Linux only; elsewhere the process alone."""
    found: list[int] = [root]
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue  # it has ended meanwhile
        children.setdefault(parent, []).append(int(stat.parent.name))
    for process in found:
        found += children.get(process, [])
    return found
