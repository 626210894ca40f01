"""What an area offers is asked for by one thread at a time, however many pages want it."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import grpc
import pytest

from services.edge.plan import spots
from tests.pages.edge.fakes import AWAY, Failure

PAGES = 8


class Planner:
    """Answers when it is let, and counts who asks. fails: while set, it is away."""

    def __init__(self) -> None:
        self.asked, self.at_once, self.most_at_once = 0, 0, 0
        self.let, self.lock, self.fails = threading.Event(), threading.Lock(), False
        self.failure: grpc.RpcError = AWAY

    def pois(self, day: str) -> list[object]:
        with self.lock:
            self.asked += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.let.wait(20)
        with self.lock:
            self.at_once -= 1
        if self.fails:
            raise self.failure
        return [f"{day} {self.asked}"]


@pytest.fixture
def planner(monkeypatch: pytest.MonkeyPatch) -> Planner:
    made = Planner()
    spots.forget()
    monkeypatch.setattr(spots, "area", lambda: SimpleNamespace(area="mine"))
    monkeypatch.setattr(spots, "request", SimpleNamespace(cache_control=frozenset()))
    monkeypatch.setattr(spots, "_pois", made.pois)
    monkeypatch.setattr(spots, "_stations", list)
    monkeypatch.setattr(spots, "_any_timetable", lambda: True)
    return made


def until(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.005)


def grow_old(by_s: float) -> None:
    """Lets the kept answers have been over for so long."""
    for key, (_, known) in list(spots._kept.items()):
        spots._kept[key] = (time.monotonic() - by_s, known)


def test_pages_without_an_answer_wait_for_the_one_that_asks(
    planner: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spots, "WAIT_S", 20.0)
    with ThreadPoolExecutor(PAGES) as pages:
        waiting = [pages.submit(spots.load, "2026-12-01") for _ in range(PAGES)]
        until(lambda: planner.asked == 1)
        planner.let.set()
        found = [each.result() for each in waiting]
    assert planner.asked == 1
    assert all(each is found[0] for each in found)


def test_an_old_answer_is_told_while_somebody_asks(planner: Planner) -> None:
    planner.let.set()
    before = spots.load("2026-12-01")
    grow_old(1.0)
    planner.let.clear()
    with ThreadPoolExecutor(1) as page:
        asking = page.submit(spots.load, "2026-12-01")
        until(lambda: planner.asked == 2)
        assert [spots.load("2026-12-01") for _ in range(PAGES)] == [before] * PAGES
        planner.let.set()
        after = asking.result()
    assert after is not before
    assert spots.load("2026-12-01") is after
    assert planner.asked == 2


def test_one_that_is_too_old_is_told_to_nobody(planner: Planner) -> None:
    planner.let.set()
    before = spots.load("2026-12-01")
    grow_old(spots.OLD_S + 1)
    assert spots.load("2026-12-01") is not before


def test_who_asks_in_vain_is_told_what_is_good_enough_and_the_next_one_asks_again(
    planner: Planner,
) -> None:
    planner.let.set()
    before = spots.load("2026-12-01")
    grow_old(6.0)
    planner.fails = True
    assert [spots.load("2026-12-01") for _ in range(2)] == [before, before]
    grow_old(spots.OLD_S + 1)
    with pytest.raises(grpc.RpcError):
        spots.load("2026-12-01")
    planner.fails = False
    assert spots.load("2026-12-01") is not before
    assert planner.asked == 5


def test_a_mistake_of_ours_is_no_outage(planner: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    planner.let.set()
    spots.load("2026-12-01")
    grow_old(6.0)
    wrong = Failure(grpc.StatusCode.INVALID_ARGUMENT, "DATE_INVALID")
    monkeypatch.setattr(planner, "failure", wrong)
    planner.fails = True
    with pytest.raises(grpc.RpcError):
        spots.load("2026-12-01")


def test_days_nobody_can_tell_of_are_not_remembered_for_ever(planner: Planner) -> None:
    planner.let.set()
    planner.fails = True
    for number in range(3 * spots.KEPT_AT_MOST):
        with pytest.raises(grpc.RpcError):
            spots.load(f"day {number}")
    assert len(spots._asking) <= spots.KEPT_AT_MOST + 1


def test_whoever_waits_too_long_asks_by_itself(
    planner: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spots, "WAIT_S", 0.02)
    with ThreadPoolExecutor(2) as pages:
        waiting = [pages.submit(spots.load, "2026-12-01") for _ in range(2)]
        until(lambda: planner.asked == 2)
        planner.let.set()
        assert all(each.result() for each in waiting)


def test_a_reader_who_reloads_asks_anew(planner: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    planner.let.set()
    before = spots.load("2026-12-01")
    reloaded = SimpleNamespace(cache_control=frozenset({"no-cache"}))
    monkeypatch.setattr(spots, "request", reloaded)
    assert spots.load("2026-12-01") is not before
