"""A full disk says no clearly: a hang is no answer, and clocks alone let nothing expire."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import grpc
import pytest

from chaos import exports, uploads
from chaos.history import Exports
from chaos.platform import Platform
from chaos.scenarios import clocks
from chaos.scenarios.clocks import ZONE
from chaos.scenarios.disk import clear_noes
from chaos.stage import Broken, Stage
from chaos.uploads import HANG_S, Uploads
from meguri.multilingual.v1 import photo_service_pb2 as pb
from tests.unit.chaos.test_doors import Failure


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Without a platform."""
    return Stage(Platform(tmp_path), tmp_path, "test")


def test_clear_noes_are_those_of_the_time_of_the_fault() -> None:
    acks: list[dict[str, Any]] = [
        {"noes": [9.0, 11.0, 12.0], "silences": [[11.5, 2.0], [30.0, 60.0]]}, {"noes": [17.0]}, {},
    ]  # fmt: skip
    assert clear_noes(acks, 10.0, 16.0) == 2


def test_questions_that_hang_are_no_clear_no() -> None:
    with pytest.raises(Broken, match="1 questions hung for up to 12 s"):
        clear_noes([{"noes": [11.0], "silences": [[11.0, HANG_S + 2]]}], 10.0, 16.0)


def test_a_full_disk_that_says_no_to_nobody_was_not_tested() -> None:
    with pytest.raises(Broken, match="nobody was told no"):
        clear_noes([{"noes": [], "silences": [[11.0, 1.0]]}], 10.0, 16.0)


class Office:
    """The service of photos, with a disk that is full. hangs_s: how long it is silent each time."""

    def __init__(self, *failures: Failure, hangs_s: float = 0.0) -> None:
        self._failures, self._hangs_s, self.now = list(failures), hangs_s, 0.0

    def AddPhoto(self, _wanted: object, timeout: float) -> object:
        """Fails as told; takes the photo after that."""
        assert timeout > HANG_S
        self.now += self._hangs_s + 0.1
        if self._failures:
            raise self._failures.pop(0)
        return SimpleNamespace(photo=None)

    def monotonic(self) -> float:
        """Returns the time of this test."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Lets it pass."""
        self.now += seconds


def refused(stage: Stage, monkeypatch: pytest.MonkeyPatch, office: Office) -> int:
    """Puts photos in for a second."""
    putting = Uploads(stage)
    putting._stub = cast("Any", office)
    monkeypatch.setattr(putting, "_next", pb.AddPhotoRequest)
    monkeypatch.setattr(uploads, "time", office)
    return putting.refused_within(1.0)


FULL = Failure(grpc.StatusCode.UNAVAILABLE, "STORE_UNAVAILABLE")
GONE = Failure(grpc.StatusCode.UNAVAILABLE)
LATE = Failure(grpc.StatusCode.DEADLINE_EXCEEDED)


def test_only_clear_noes_count(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(stage, monkeypatch, Office(FULL, GONE, LATE)) == 1


def test_deadlines_alone_are_no_clear_no(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each was counted as one before."""
    silent = Office(LATE, Failure(grpc.StatusCode.CANCELLED), GONE)
    with pytest.raises(Broken, match="no photo was refused clearly"):
        refused(stage, monkeypatch, silent)


def test_a_photo_that_hangs_is_found(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Broken, match="a photo hung for 25 s"):
        refused(stage, monkeypatch, Office(LATE, FULL, hangs_s=25.0))


@pytest.mark.parametrize(("state", "wrong"), [("captured", ""), ("expired", "1 payments expired")])
def test_a_wrong_clock_lets_nothing_expire(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, state: str, wrong: str
) -> None:
    today = datetime.now(UTC).astimezone(ZONE).date().isoformat()
    with stage.log("acks") as acks:
        acks.write({"scenario": "test", "payment_id": "p"})
    stored = Exports(payments=[{"payment_id": "p", "business_date": today, "state": state}])
    monkeypatch.setattr(exports, "collect", lambda *_, **__: stored)
    if wrong:
        with pytest.raises(Broken, match=wrong):
            clocks._check_dates(stage, datetime.now(UTC))
    else:
        clocks._check_dates(stage, datetime.now(UTC))
    assert stage.figures["expired"] == int(bool(wrong))
