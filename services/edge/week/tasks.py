"""What should be seen to this week: short tasks of all rooms, the pressing ones first."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import grpc

from kit.auth import Role
from kit.config import ConfigError
from services.edge.waiting import Source, Task

MINUTES = 15
WHOLE_S = 4.0  # for all rooms together; whoever waits for a list goes away


@dataclass(frozen=True)
class Week:
    """first: what fits into a quarter of an hour, and all that is late. later: the rest.

    unknown: names of the rooms that did not answer.
    """

    first: tuple[Task, ...]
    later: tuple[Task, ...]
    unknown: tuple[str, ...]

    @property
    def minutes(self) -> int:
        """About how long `first` takes."""
        return sum(task.minutes for task in self.first)


def gather(sources: Sequence[Source], roles: frozenset[Role]) -> Week:
    """Asks the rooms that have something for these roles; one that is away hides no other."""
    found: list[Task] = []
    unknown = []
    until = time.monotonic() + WHOLE_S
    for source in sources:
        if not source.roles & roles:
            continue
        try:
            if time.monotonic() > until:
                raise TimeoutError
            found += source.ask()
        except (grpc.RpcError, ConfigError, TimeoutError):
            unknown.append(source.name)
    return planned(found, unknown)


def planned(found: Sequence[Task], unknown: Sequence[str] = ()) -> Week:
    """Puts tasks in their order and divides them. One that is long never keeps the list empty."""
    ordered = sorted(found, key=lambda task: not task.late)
    first: list[Task] = []
    spent = 0
    for task in ordered:
        if task.late or not first or spent + task.minutes <= MINUTES:
            first.append(task)
            spent += task.minutes
    later = tuple(task for task in ordered if task not in first)
    return Week(tuple(first), later, tuple(unknown))
