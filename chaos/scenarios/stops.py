"""Ends in the middle of sales: SIGTERM to payments or the edge, kill -9 to the supervisor."""

import os
import signal
import threading
import time

from chaos.client import Client, new_key
from chaos.crowd import SHOP, Crowd, register
from chaos.doors import Door, GrpcDoor, HttpDoor, Kind, Question
from chaos.peers import clerk_peers
from chaos.platform import alive, descendants, names
from chaos.sales import make_sales
from chaos.stage import Broken, Size, Stage, slack_now

QUICK_STOPS, FULL_STOPS = 4, 20
PROBES = 4
EXIT_WITHIN_S = 10.0
BACK_WITHIN_S = 30.0
ACCEPTED_BEFORE_S = 0.005  # sent so long before the signal: the server has it
ORPHANS_GONE_S = 2.0


def drain(stage: Stage, size: Size) -> None:
    """What payments had accepted when it was told to stop, it answers. Errors: Broken."""
    _drain(stage, size, "payments", _Probes(stage))


def drain_edge(stage: Stage, size: Size) -> None:
    """What the edge had accepted when it was told to stop, it answers. Errors: Broken."""
    _drain(stage, size, "edge", _Probes(stage, over_http=True))


def _drain(stage: Stage, size: Size, name: str, probes: "_Probes") -> None:
    longest_s = 0.0
    with Crowd(stage, size, make_sales(size.payments, size.seed)) as crowd, probes:
        crowd.start()
        stops = FULL_STOPS if size.full else QUICK_STOPS
        for number in range(1, stops + 1):
            crowd.allow((number + 1) / (stops + 1))
            if not crowd.wait_for_share(number / (stops + 1)):
                break
            process = stage.platform.process(name)
            stage.fault("SIGTERM")
            told = time.monotonic()
            os.kill(process, signal.SIGTERM)
            probes.stopped_at.append(told)
            while alive({process}):
                if time.monotonic() - told > EXIT_WITHIN_S * slack_now():
                    raise Broken(f"{name} still runs {time.monotonic() - told:.0f} s after SIGTERM")
                time.sleep(0.01)
            longest_s = max(longest_s, time.monotonic() - told)
            stage.platform.wait_healthy(name, after=process, timeout_s=BACK_WITHIN_S)
        crowd.allow(1)
        crowd.finish()
    in_flight, failed = probes.judged()
    stage.figures |= {
        "stops": len(probes.stopped_at), "in_flight": in_flight, "failed": failed,
        "longest_exit_s": round(longest_s, 2),
    }  # fmt: skip
    if failed:
        raise Broken(f"{failed} of {in_flight} sales under way at SIGTERM were not answered")
    if not in_flight:
        raise Broken("no sale was under way at any SIGTERM: nothing was tested")
    stage.wait_ready()


class _Probes:
    """Clients that send each sale once, to see what becomes of those under way; and then ask for
    its outcome like anybody else, so that the history stays whole."""

    def __init__(self, stage: Stage, *, over_http: bool = False) -> None:
        self._stage, self._over_http = stage, over_http
        self._over = threading.Event()
        self._seen: list[tuple[float, float, bool]] = []
        self._threads: list[threading.Thread] = []
        self.stopped_at: list[float] = []

    def __enter__(self) -> "_Probes":
        for number in range(PROBES):
            thread = threading.Thread(target=self._run, args=(number,), daemon=True)
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def judged(self) -> tuple[int, int]:
        """Returns how many sales were under way at a signal, and how many of them failed."""
        under_way = [
            heard for sent, at, heard in self._seen
            if any(sent + ACCEPTED_BEFORE_S < stop < at for stop in self.stopped_at)
        ]  # fmt: skip
        return len(under_way), under_way.count(False)

    def _run(self, number: int) -> None:
        stage = self._stage
        with (
            clerk_peers(stage.platform, f"fault-test-probe-{number}") as peers,
            stage.log("intents") as intents,
            stage.log("acks") as acks,
        ):
            door: Door = GrpcDoor(peers.channel("payments"), SHOP, f"probe {number}")
            if self._over_http:
                door = HttpDoor(register(stage))
            client = Client(door, intents, acks, stage.scenario)
            while not self._over.is_set():
                question = Question("take", new_key(), "card", 9_905)  # answered after 3 seconds
                sent = time.monotonic()
                answer = door.ask(question)
                self._seen.append((sent, time.monotonic(), answer.kind is Kind.SETTLED))
                client.settle(question)


def supervisor_killed(stage: Stage, size: Size) -> None:
    """Kills the supervisor while registers sell. Errors: Broken when anything stays behind."""
    edge_port = stage.platform.port("edge")
    with Crowd(stage, size, make_sales(size.payments, size.seed), doors=["http"]) as crowd:
        crowd.start()
        crowd.wait_for_share(0.4)
        family = descendants(stage.platform.supervisor)
        stage.fault("supervisor")
        killed = time.monotonic()
        os.kill(stage.platform.supervisor, signal.SIGKILL)
        while left := alive(family):
            gone_s = time.monotonic() - killed
            if gone_s > ORPHANS_GONE_S * slack_now():
                raise Broken(f"orphans {gone_s:.0f} s after the supervisor: {names(left)}")
            time.sleep(0.02)
        stage.figures["orphans_gone_s"] = round(time.monotonic() - killed, 2)
        stage.platform.up_again(edge_port)
        stage.figures["up_again_s"] = round(time.monotonic() - killed, 2)
        crowd.finish()
