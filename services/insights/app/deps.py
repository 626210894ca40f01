"""What every use case is given."""

from dataclasses import dataclass

from kit.clock import Clock
from kit.db import Database


@dataclass(frozen=True)
class Deps:
    """db: the service's own database. clock: the only source of the present moment."""

    db: Database
    clock: Clock
