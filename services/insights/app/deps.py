"""What every use case is given."""

from dataclasses import dataclass, field

from kit.clock import Clock
from kit.db import Database
from services.insights.gateways.imports import ImportsReader


@dataclass(frozen=True)
class Deps:
    """db: the service's own database. clock: the only source of the present moment. imports: reads
    files that people bring, in processes of their own."""

    db: Database
    clock: Clock
    imports: ImportsReader = field(default_factory=ImportsReader)
