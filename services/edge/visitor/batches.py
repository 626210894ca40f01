"""Batches of JSON objects with ids made by clients: what all of them have in common."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import request
from google.protobuf.timestamp_pb2 import Timestamp

from services.edge.errors import Problem, json_body
from services.edge.parts import area, parts

TEXT_AT_MOST = 100
# What may arrive a minute from one address, however it is packed. A whole cave may share the
# address of one access point, and phones that come out of it send what they kept.
PER_MINUTE = {"scans": 60_000, "ratings": 1_200, "surveys": 600, "help_requests": 120}

M = TypeVar("M")


class Entry:
    """One object of a batch. name, number: of the batch and in it; they name what is wrong."""

    def __init__(self, name: str, number: int, given: Any) -> None:
        self._name, self._number = name, number
        if not isinstance(given, dict):
            raise self.bad("", "must be an object")
        self.given: dict[str, Any] = given

    def bad(self, field: str, text: str) -> Problem:
        """Returns the refusal of the whole batch for one field."""
        name = f"{self._name}[{self._number}].{field}".rstrip(".")
        return Problem(400, "invalid_fields", fields=[(name, text)])

    def text(self, field: str, missing: str = "", *, most: int = TEXT_AT_MOST) -> str:
        """Returns a text. missing: what to say where it is not there, "" where it may. most:
        characters. Errors: Problem."""
        value = self.given.get(field, "")
        if not isinstance(value, str) or len(value) > most:
            raise self.bad(field, f"must be a text of at most {most} characters")
        if missing and not value:
            raise self.bad(field, missing)
        return value

    def time(self, field: str) -> Timestamp | None:
        """Returns a moment, None where there is none. Errors: Problem."""
        if self.given.get(field) in (None, ""):
            return None
        try:
            at = datetime.fromisoformat(self.given[field])
            stamp = Timestamp()
            stamp.FromDatetime(at.astimezone(UTC))
        except (TypeError, ValueError, OverflowError) as error:
            raise self.bad(field, "must be RFC 3339 with an offset") from error
        if at.tzinfo is None:
            raise self.bad(field, "must be RFC 3339 with an offset")
        return stamp


def read(name: str, most: int, decode: Callable[[Entry], M]) -> list[M]:
    """Returns the entries of the request's batch, which are counted before they are looked at.

    Errors: Problem invalid_fields, too_many_requests.
    """
    batch = json_body().get(name)
    if not isinstance(batch, list) or not 0 < len(batch) <= most:
        text = f"must be a list of 1 to {most} {name}"
        raise Problem(400, "invalid_fields", fields=[(name, text)])
    count(name, len(batch))
    return [decode(Entry(name, number, each)) for number, each in enumerate(batch)]


def count(name: str, by: int) -> None:
    """Counts things that arrive by the address they come from. Errors: too_many_requests."""
    address = request.remote_addr or ""
    parts().rates.check(area().area, f"{name} one by one", address, PER_MINUTE[name], by)


def request_id(name: str) -> str:
    """Returns the id of a batch. The same body is the same request: a phone that got no answer
    sends it again as it is."""
    return f"{name}-{hashlib.sha256(request.get_data()).hexdigest()[:40]}"
