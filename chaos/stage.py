"""Where a scenario plays: a running platform, the logs of its clients, and what it measured."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import nats.errors

from chaos import logs
from chaos.asked import by_acquirer, taken
from chaos.cards import find_card_data
from chaos.exports import collect
from chaos.history import Verdict, check
from chaos.logs import Line, Log
from chaos.platform import Platform
from chaos.slack import slack_now
from chaos.ways import Ways

__all__ = ["Broken", "Size", "Stage", "percentile_s", "rate_per_s", "recovery_s", "slack_now"]

AGREE_WITHIN_S = 60.0  # events take their way over the bus; unknown ones are asked about
READY_WITHIN_S = 30.0


class Broken(AssertionError):
    """A scenario saw what must not be."""


@dataclass(frozen=True)
class Size:
    """How much is done. seed: decides sales, faults and times. minutes: of a soak."""

    clients: int
    payments: int
    seed: int
    full: bool = False
    minutes: float = 2.0


@dataclass
class Stage:
    """One platform and everything that clients did to it so far.

    scenario: the one at work. figures: what it measured besides. ignored: ids of events that are
    of its own making. between: the fault proxy, where the scenario asked for one. also: what was
    acknowledged besides sales; lost, doubled: what is wrong with that. beside: ends what was
    started beside the platform, after it.
    """

    platform: Platform
    folder: Path
    scenario: str = ""
    figures: dict[str, Any] = field(default_factory=dict)
    ignored: set[str] = field(default_factory=set)
    tell: Callable[[str], None] = lambda _: None
    between: Ways | None = None
    also: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    beside: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @property
    def ways(self) -> Ways:
        """The fault proxy. Errors: Broken where the scenario has none."""
        if self.between is None:
            raise Broken("this platform stands without a fault proxy")
        return self.between

    @contextlib.contextmanager
    def log(self, name: str) -> Iterator[Log]:
        """Opens one of the logs: intents, acks or faults."""
        opened = Log(self.path(name))
        try:
            yield opened
        finally:
            opened.close()

    def path(self, name: str) -> Path:
        """Returns the file of a log."""
        return self.folder / f"{name}.jsonl"

    def lines(self, name: str) -> list[Line]:
        """Returns what the scenario at work wrote to a log."""
        return [each for each in logs.read(self.path(name)) if each["scenario"] == self.scenario]

    def fault(self, what: str, *, stormy: bool = False) -> None:
        """Notes that a fault happens now. stormy: others follow before anything can recover."""
        with self.log("faults") as log:
            log.write({"scenario": self.scenario, "fault": what, "at": time.monotonic(),
                       "stormy": stormy})  # fmt: skip

    def judge(self) -> Verdict:
        """Checks the whole history of this platform, waiting for what is still on its way."""
        intents, acks = logs.read(self.path("intents")), logs.read(self.path("acks"))
        ends = time.monotonic() + AGREE_WITHIN_S
        while True:
            problem = ""
            try:
                exports = collect(self.platform, ignored=frozenset(self.ignored))
                verdict = check(intents, acks, exports)
            except (grpc.RpcError, OSError, nats.errors.Error) as error:
                problem = f"the books cannot be read: {error!r}"[:300]
                verdict = Verdict(problems=[problem])
            if verdict.clean or time.monotonic() > ends:
                return verdict
            time.sleep(1.0)

    def card_data(self) -> list[str]:
        """Looks for card data in all that the platform has written; the search has to find what is
        planted for it. Returns what is wrong."""
        return find_card_data(self.platform)

    def wait_ready(self) -> float:
        """Waits until every component is healthy; returns seconds. Errors: Broken."""
        began = time.monotonic()
        while time.monotonic() - began < READY_WITHIN_S:
            if self.platform.unhealthy() == []:
                return time.monotonic() - began
            time.sleep(0.05)
        raise Broken(f"not healthy after {READY_WITHIN_S:.0f} s: {self.platform.unhealthy()}")


def recovery_s(faults: list[Line], acks: list[Line]) -> float:
    """Returns the longest time from a fault to the first sale that was sent after it and taken by
    the acquirer: a sale that was declined is an outcome, but none of a platform that is well. Where
    none was taken, the time to the last answer, for it took longer than that. Of a storm only the
    last blow counts."""
    longest = 0.0
    stormy = [each for each in faults if each.get("stormy")]
    for fault in [*(each for each in faults if not each.get("stormy")), *stormy[-1:]]:
        after = [each for each in by_acquirer(acks) if each["sent"] >= fault["at"]]
        well = [each["at"] for each in taken(after)]
        if after:
            again = min(well) if well else max(each["at"] for each in after)
            longest = max(longest, again - fault["at"])
    return longest


def rate_per_s(acks: list[Line]) -> float:
    """Returns how many sales had their outcome in a second, over the whole time of selling."""
    takes = [each for each in acks if each["step"] == "take"]
    if len(takes) < 2:
        return 0.0
    lasted_s = max(each["at"] for each in takes) - min(each["first"] for each in takes)
    return len(takes) / lasted_s if lasted_s else 0.0


def percentile_s(acks: list[Line], share: float) -> float:
    """Returns a percentile of the times from the first sending to the outcome; 0 for none."""
    times = sorted(each["at"] - each["first"] for each in acks)
    return times[min(len(times) - 1, int(len(times) * share))] if times else 0.0
