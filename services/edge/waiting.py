"""What waits for people in one room of the staff: each wing tells its own, `week` shows all.

A wing with `waits` has waiting.py with `sources()`: its rooms, in the order in which people are to
see what is no more pressing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kit.auth import Role

LONGEST = 15  # minutes of one task; who has more to do begins
DEADLINE_S = 1.0  # of one question; the list opens without whoever is slow


@dataclass(frozen=True)
class Task:
    """One thing to do. minutes: about how long it takes. late: it should have been done."""

    key: str
    icon: str
    title: str
    text: str
    minutes: int
    path: str
    late: bool = False


Ask = Callable[[], Iterable[Task]]


@dataclass(frozen=True)
class Source:
    """One room that may have tasks for people of these roles. Asking it may raise RpcError."""

    name: str
    roles: frozenset[Role]
    ask: Ask


def about(count: int, minutes_each: int) -> int:
    """Returns about how long so many of a kind take, at most LONGEST."""
    return min(LONGEST, max(1, count) * minutes_each)
