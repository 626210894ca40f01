"""Objects in text: two digits of id, two digits of length in characters, the value."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.payments.domain.emvqr.findings import Broken, Finding, Reason

MAX_VALUE = 99


@dataclass(frozen=True, slots=True)
class Data:
    """One object. position: where its id begins in the whole code, in characters."""

    id: str
    value: str
    position: int = 0


def split(text: str, field: str = "", offset: int = 0) -> tuple[Data, ...]:
    """Returns the objects of a text in their order. Errors: Broken, with the place.

    Length counts characters as the standard does, not bytes and not halves of a surrogate pair.
    """
    found: list[Data] = []
    at, end = 0, len(text)
    while at < end:
        head = text[at : at + 4]
        length = _number(head)
        if not 0 < length <= end - at - 4:
            raise Broken(Finding(Reason.TLV, field, offset + at))
        found.append(Data(head[:2], text[at + 4 : at + 4 + length], offset + at))
        at += 4 + length
    return tuple(found)


def _number(head: str) -> int:
    """Returns the length that a head tells, 0 for one that tells none."""
    # isdigit alone would accept the digits of other scripts.
    return int(head[2:]) if len(head) == 4 and head.isascii() and head.isdigit() else 0


def join(objects: Iterable[tuple[str, str]]) -> str:
    """Returns the text of objects. Errors: ValueError for a value that has no length in two
    digits."""
    parts: list[str] = []
    for id_, value in objects:
        if not 0 < len(value) <= MAX_VALUE:
            raise ValueError(f"{id_} has {len(value)} characters, not 1 to {MAX_VALUE}")
        parts.append(f"{id_}{len(value):02d}{value}")
    return "".join(parts)


def repeated(objects: Sequence[Data]) -> list[Data]:
    """Returns the objects whose id was there before."""
    seen: set[str] = set()
    again: list[Data] = []
    for each in objects:
        if each.id in seen:
            again.append(each)
        seen.add(each.id)
    return again
