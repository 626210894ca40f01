"""What is remembered of closures: never less than directory last said, never older than a word
about a change."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from kit.clock import ManualClock
from services.edge import closures as module
from services.edge.closures import Closures, Shut
from tests.pages.edge.fakes import AWAY

NOW = datetime(2026, 5, 3, 9, 0, tzinfo=UTC)


def shut(closure_id: str = "c1", **more: datetime) -> Shut:
    return Shut(closure_id, "gate", "flood", "", more.get("since", NOW), more.get("until"))


class Directory:
    """Answers with `says`; raises while away; holds an answer back while `hold` is not set."""

    def __init__(self) -> None:
        self.says: Sequence[Shut] = [shut()]
        self.away, self.asked = False, 0
        self.hold, self.reached = threading.Event(), threading.Event()
        self.hold.set()
        self.dropped: list[str] = []

    def load(self, area: str) -> Sequence[Shut]:
        self.asked += 1
        answer, away = self.says, self.away
        self.reached.set()
        assert self.hold.wait(5)
        if away:
            raise AWAY
        return answer


@pytest.fixture
def directory() -> Directory:
    return Directory()


@pytest.fixture
def known(directory: Directory) -> Closures:
    return Closures(directory.load, ManualClock(NOW), directory.dropped.append)


def ids(known: Closures) -> list[str]:
    return [each.closure_id for each in known.of("mine").shut]


def in_thread(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_an_event_while_directory_restarts_wipes_no_closure_off(
    directory: Directory, known: Closures
) -> None:
    assert ids(known) == ["c1"]
    directory.away = True
    known.forget("mine")
    assert ids(known) == ["c1"]
    assert known.of("mine").stale


def test_directory_that_came_back_is_heard_soon(
    directory: Directory, known: Closures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0.0)
    directory.away = True
    assert known.of("mine").stale
    directory.away = False
    assert ids(known) == ["c1"]
    assert not known.of("mine").stale


def test_an_answer_asked_for_before_a_change_does_not_outlive_it(
    directory: Directory, known: Closures
) -> None:
    directory.says, directory.reached = [], threading.Event()
    directory.hold.clear()
    early = in_thread(lambda: known.of("mine"))
    assert directory.reached.wait(5)
    directory.says = [shut()]
    known.forget("mine")  # the event arrives while the older answer is under way
    directory.hold.set()
    early.join(5)
    assert ids(known) == ["c1"]


def test_readers_after_a_change_wait_for_one_question(
    directory: Directory, known: Closures
) -> None:
    directory.hold.clear()
    found: list[list[str]] = []
    readers = [in_thread(lambda: found.append(ids(known))) for _ in range(20)]
    assert directory.reached.wait(5)
    directory.hold.set()
    for reader in readers:
        reader.join(5)
    assert found == [["c1"]] * 20
    assert directory.asked == 1


def test_a_hung_directory_holds_up_one_reader_only(
    directory: Directory, known: Closures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REFRESH_S", 0.0)
    known.of("mine")
    directory.reached.clear()
    directory.hold.clear()
    first = in_thread(lambda: known.of("mine"))
    assert directory.reached.wait(5)
    started = time.monotonic()
    for _ in range(50):
        assert ids(known) == ["c1"]
    assert time.monotonic() - started < 4  # fifty waits would take longer
    directory.hold.set()
    first.join(5)


def test_a_look_that_finds_something_else_says_so(directory: Directory, known: Closures) -> None:
    known.of("mine")
    directory.dropped.clear()
    known.look("mine")
    assert directory.dropped == []
    directory.says = []
    known.look("mine")
    assert directory.dropped == ["mine"]
    assert ids(known) == []


@pytest.mark.parametrize(
    ("since_h", "until_h", "expected"),
    [(-1, None, True), (0, None, True), (-1, 1, True), (1, None, False), (-2, 0, False)],
)
def test_in_force(since_h: int, until_h: int | None, *, expected: bool) -> None:
    until = None if until_h is None else NOW + timedelta(hours=until_h)
    each = Shut("c", "gate", "flood", "", NOW + timedelta(hours=since_h), until)
    assert each.is_in_force(NOW) is expected


def test_of_several_closures_of_one_place_the_one_that_ends_last_is_told(
    directory: Directory, known: Closures
) -> None:
    soon, late = NOW + timedelta(hours=1), NOW + timedelta(hours=3)
    directory.says = [shut("a", until=soon), shut("b", until=late), shut("c", until=soon)]
    assert [each.closure_id for each in known.told("mine")] == ["b"]
    directory.says = [*directory.says, shut("d"), shut("e", until=late)]
    known.forget("mine")
    assert [each.closure_id for each in known.told("mine")] == ["d"], "nobody knows when it ends"
