"""A worker that ends its frozen parent chooses a moment in which it has no request at work."""

import os
import threading
import time
from typing import Any

import pytest

from services.edge import pulse


def ended_after(work: pulse.Work, monkeypatch: pytest.MonkeyPatch) -> float:
    """How long it took until the parent was ended."""
    killed: list[tuple[int, float]] = []
    monkeypatch.setattr(os, "kill", lambda pid, _: killed.append((pid, time.monotonic())))
    began = time.monotonic()
    pulse._end(4711, work)
    [(pid, at)] = killed
    assert pid == 4711
    return at - began


def test_a_request_at_work_is_finished_first(monkeypatch: pytest.MonkeyPatch) -> None:
    going = threading.Event()

    def slow(_environ: Any, _start: Any) -> list[bytes]:
        going.set()
        time.sleep(0.3)
        return [b"whole"]

    work, answers = pulse.Work(slow), list[Any]()
    asking = threading.Thread(target=lambda: answers.append(work({}, None)))
    asking.start()
    going.wait(5)
    assert ended_after(work, monkeypatch) > 0.2
    asking.join(5)
    assert answers == [[b"whole"]]
    assert ended_after(work, monkeypatch) < 0.2


def test_one_that_does_not_end_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "QUIET_WITHIN_S", 0.2)
    work = pulse.Work(lambda *_: [])
    work.count = 1
    assert 0.15 < ended_after(work, monkeypatch) < 2


def test_a_request_that_fails_is_no_longer_at_work() -> None:
    def broken(_environ: Any, _start: Any) -> Any:
        raise ValueError("a mistake of a page")

    work = pulse.Work(broken)
    with pytest.raises(ValueError, match="mistake"):
        work({}, None)
    assert work.count == 0
