"""The places people travel between, and how they walk from and to them."""

from dataclasses import dataclass

NEVER = 1_000_000  # minutes, as problem.UNREACHABLE


@dataclass(frozen=True)
class Access:
    """Places between which people travel, and how they walk from and to them, in minutes.

    stops: for each place the transit stops near it, with the walk. walks: place to place, NEVER
    where nobody is sent on foot; 0 from a place to itself.
    """

    stops: tuple[tuple[tuple[int, int], ...], ...]
    walks: tuple[tuple[int, ...], ...]
