"""What goes through the pipes of a worker process: four bytes of length, then MessagePack."""

import struct

import msgspec

from services.itinerary.domain.job import Job, Outcome

FRAME = struct.Struct(">I")
MAX_FRAME_BYTES = 16 * 1024 * 1024


class Ask(msgspec.Struct):
    """A job, with the seconds the search may take at most."""

    job: Job
    limit_s: float


class Reply(msgspec.Struct):
    """What was found, or that a worker is ready. error: text of a failure, "" for none."""

    outcome: Outcome | None
    error: str = ""
