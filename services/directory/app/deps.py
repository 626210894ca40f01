"""What the use cases stand on."""

from dataclasses import dataclass
from uuid import UUID

from kit.clock import Clock
from kit.db import Database
from kit.outbox import Outbox
from kit.pure.errors import InvalidFields


@dataclass(frozen=True)
class Deps:
    """Given to every use case."""

    db: Database
    outbox: Outbox
    clock: Clock


def as_id(field: str, text: str) -> str:
    """Returns a UUID in its one spelling. Errors: InvalidFields."""
    try:
        return str(UUID(text))
    except ValueError as error:
        raise InvalidFields([(field, "this is no id of ours")]) from error
