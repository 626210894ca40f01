"""What people do, by name: each act is one arrival, and asks for one thing or a few."""

from collections.abc import Callable
from dataclasses import dataclass

from loadtests.hand import Hand

Do = Callable[[Hand], None]


@dataclass(frozen=True)
class Act:
    """do: what happens. role: whose login it needs, "" for a visitor's own phone."""

    do: Do
    role: str = ""


ACTS: dict[str, Act] = {}


def act(role: str = "") -> Callable[[Do], Do]:
    """Makes an act of a function, under its name."""

    def keep(do: Do) -> Do:
        ACTS[do.__name__] = Act(do, role)
        return do

    return keep


def learn() -> dict[str, Act]:
    """Returns all acts there are."""
    from loadtests.acts import counter, guide, trips  # noqa: F401, PLC0415 - they come in by name

    return ACTS
