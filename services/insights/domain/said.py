"""When an event was said, which may be long after what it tells of happened."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime


def said_time(event_id: str, occur_time: datetime) -> datetime:
    """Returns when an event was put into its outbox: its id is a UUIDv7 (RFC 9562) made then.

    An id of another kind tells nothing; then it is taken as said when it happened.
    """
    parsed = uuid.UUID(event_id)
    if parsed.version != 7:
        return occur_time
    return datetime.fromtimestamp((parsed.int >> 80) / 1000, UTC)


@dataclass(frozen=True)
class Envelope:
    """What every event carries besides its own fields."""

    service: str
    event_id: str
    version: int
    occur_time: datetime

    @property
    def said_time(self) -> datetime:
        """When it was put into its outbox."""
        return said_time(self.event_id, self.occur_time)
