"""The tour: its order, what a new stop has to be, and where the code of a retired one leads."""

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from kit.pure.errors import InvalidFields, Refusal

MAX_ROUTE_M = 100_000
MAX_ID_CHARS = 200
STEPS_SHOWN = 30
KINDS = frozenset({
    "entrance", "exit", "river", "pool", "hall", "rimstone_pool", "stalagmite", "stalactite",
    "column", "flowstone", "flowstone_mound", "flowstone_column", "rock", "slope", "shaft",
    "waterfall", "statue_or_stone", "artificial_tunnel", "animal", "history",
})  # fmt: skip
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,60}(/[a-z0-9][a-z0-9-]{0,60}){0,2}")


class RetireReason(IntEnum):
    """Why a stop was retired; the numbers are those of the contract."""

    GONE = 1
    NOT_REACHABLE = 2
    MERGED = 3
    MISTAKE = 4
    OTHER = 5


class Act(IntEnum):
    """What somebody did to the tour; the numbers are those of the contract."""

    ADDED = 1
    MOVED = 2
    PLACED = 3
    RETIRED = 4
    BROUGHT_BACK = 5


class TourFull(Refusal):
    """The area has as many stops as it may have."""


class PlaceTaken(Refusal):
    """The place has a stop already."""


class StopRetired(Refusal):
    """The stop is retired already."""


class StopNotRetired(Refusal):
    """The stop is in the guide: there is nothing to bring back."""


class LastStop(Refusal):
    """Visitors would have no stop left."""


@dataclass(frozen=True)
class Retirement:
    """Since when a stop is out of the guide, why, and where its code leads: "" for all stops."""

    retire_time: datetime
    target_stop_code: str
    reason: RetireReason


@dataclass(frozen=True)
class Step:
    """What somebody did to a stop of the tour."""

    stop_code: str
    act: Act
    author: str
    step_time: datetime
    change_number: int


def moved(order: Sequence[str], code: str, after: str) -> list[str]:
    """Returns an order with a stop behind another one, at the front with after "".

    A stop that is not in the order yet comes in. Errors: InvalidFields.
    """
    rest = [each for each in order if each != code]
    if after and after not in rest:
        raise InvalidFields([("after_stop_code", "give another stop of the same group")])
    at = rest.index(after) + 1 if after else 0
    return [*rest[:at], code, *rest[at:]]


def brought_back(order: Sequence[str], code: str, position: int) -> list[str]:
    """Returns an order with a stop at the place it had, at the end where that is gone."""
    at = min(max(position - 1, 0), len(order))
    return [*order[:at], code, *order[at:]]


def lead(code: str, targets: Mapping[str, str], seen_by_visitors: Container[str]) -> str:
    """Returns the stop a retired one's code leads to, "" for the list of all stops.

    targets: where each retired stop's code was sent. A target that was retired later leads on.
    """
    for _ in range(len(targets) + 1):  # a circle cannot come about, and would end here
        code = targets.get(code, "")
        if code in seen_by_visitors:
            return code
        if not code:
            break
    return ""


def check_placing(
    kind: str, section_id: str, route_m: int | None, sections: Container[str]
) -> None:
    """Errors: InvalidFields."""
    wrong: list[tuple[str, str]] = []
    if kind not in KINDS:
        wrong.append(("kind", f"use one of {', '.join(sorted(KINDS))}"))
    if section_id and section_id not in sections:
        wrong.append(("section_id", "there is no such part of the tour"))
    if route_m is not None and not 0 <= route_m <= MAX_ROUTE_M:
        wrong.append(("route_m", f"0 to {MAX_ROUTE_M} meters"))
    if wrong:
        raise InvalidFields(wrong)


def check_place(place_id: str) -> None:
    """Errors: InvalidFields."""
    if not _ID.fullmatch(place_id):
        raise InvalidFields([("place_id", "give a place of directory")])
