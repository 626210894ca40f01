"""What goes through the pipes of a worker process: four bytes of length, then MessagePack."""

import struct

import msgspec

from services.itinerary.domain.job import Deal, Dealt, Job, Outcome

FRAME = struct.Struct(">I")
MAX_FRAME_BYTES = 16 * 1024 * 1024


class Ask(msgspec.Struct):
    """A job or sights to deal out, with the seconds the search may take at most."""

    job: Job | None
    limit_s: float
    deal: Deal | None = None


class Reply(msgspec.Struct):
    """What was found, or that a worker is ready. error: text of a failure, "" for none."""

    outcome: Outcome | None
    error: str = ""
    dealt: Dealt | None = None
