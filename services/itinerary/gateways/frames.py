"""What goes through the pipes of a worker process: four bytes of length, then MessagePack."""

import struct

import msgspec

from services.itinerary.domain.job import Deal, Dealt, Job, Outcome
from services.itinerary.domain.transit.access import Access

FRAME = struct.Struct(">I")
MAX_FRAME_BYTES = 16 * 1024 * 1024


class TableAsk(msgspec.Struct):
    """Arrivals to be written to files that others read. path: of the files, without what tells them
    apart; the rest as of BusQuestion and bus_problem.table_of."""

    path: str
    key: str
    access: Access
    day: bytes
    first: int
    last: int


class Ask(msgspec.Struct):
    """A job or sights to deal out, with the seconds the search may take at most; or a table."""

    job: Job | None
    limit_s: float
    deal: Deal | None = None
    table: TableAsk | None = None


class Reply(msgspec.Struct):
    """What was found, or that a worker is ready. error: text of a failure, "" for none."""

    outcome: Outcome | None
    error: str = ""
    dealt: Dealt | None = None
