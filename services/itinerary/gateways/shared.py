"""Tables of days by bus as files: one worker writes them, all map them into memory.

Only workers import it, for numpy.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np

from services.itinerary.domain import bus_problem
from services.itinerary.domain.bus import unpacked
from services.itinerary.domain.bus_problem import TABLES_KEPT, Table
from services.itinerary.domain.job import Job
from services.itinerary.domain.remembered import Remembered
from services.itinerary.domain.transit.access import Access
from services.itinerary.domain.transit.profile import Minutes
from services.itinerary.gateways.frames import TableAsk


@dataclass(frozen=True)
class _Facts:
    """What a table was made of. first: its first minute."""

    access: Access
    day: bytes
    first: int


_FACTS: Remembered[_Facts] = Remembered(TABLES_KEPT)


def write(asked: TableAsk) -> None:
    """Makes a table and writes its files. Errors: OSError."""
    table = bus_problem.table_of(
        unpacked(asked.key, asked.day), asked.access, asked.first, asked.last
    )
    np.save(f"{asked.path}.arrivals.npy", table.arrivals)
    np.save(f"{asked.path}.shortest.npy", table.shortest)
    facts = _Facts(asked.access, asked.day, table.first)
    Path(f"{asked.path}.facts").write_bytes(msgspec.msgpack.encode(facts))


def with_table(job: Job) -> Job:
    """Returns a job with all that it needs to be searched. Errors: OSError where files are gone."""
    if job.bus is None or not job.bus.table:
        return job
    path = job.bus.table
    facts = _FACTS.get(
        path, lambda: msgspec.msgpack.decode(Path(f"{path}.facts").read_bytes(), type=_Facts)
    )
    bus_problem.remember(path, lambda: _mapped(path, facts.first))
    return replace(job, bus=replace(job.bus, access=facts.access, day=facts.day))


def _mapped(path: str, first: int) -> Table:
    return Table(first, _array(f"{path}.arrivals.npy"), _array(f"{path}.shortest.npy"))


def _array(path: str) -> Minutes:
    # Copy on write: nobody writes, but the compiled search is made for arrays that could be.
    found: Minutes = np.asarray(np.load(path, mmap_mode="c"))
    return found
