"""The base of every domain event."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to one aggregate. Its type name is the class name in snake case.

    area: tenant the aggregate belongs to.
    aggregate_id: the thing it happened to; events of one aggregate are ordered by version.
    version: counts up by one with each event of the aggregate.
    occur_time: aware, UTC.
    """

    area: str
    aggregate_id: str
    version: int
    occur_time: datetime
