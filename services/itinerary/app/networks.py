"""The network of an area as plans want it: made once after each change, kept in the process."""

import asyncio
from dataclasses import dataclass, field

from kit.db import Transaction
from services.itinerary.app.by_mark import ByMark
from services.itinerary.domain.transit.merge import network_of
from services.itinerary.domain.transit.network import Network
from services.itinerary.domain.transit.ways import Ways
from services.itinerary.store import timetables as store


@dataclass(frozen=True)
class Networks:
    """The networks of areas; one of ten thousand calls takes about 5 MB.

    A plan pays one small query; only the first after a change reads and decodes.
    """

    _kept: ByMark[Network] = field(default_factory=ByMark)

    async def current(self, tx: Transaction) -> Network:
        """Returns the network of the transaction's area, as that transaction sees it.

        tx: must see one snapshot (Database.read): the mark and the rows belong together.
        """
        mark = await store.read_change_id(tx)

        async def make() -> Network:
            rows = await store.list_bodies(tx)
            ways, _version = await store.read_ways(tx)
            # A town's feed takes a tenth of a second: others are answered meanwhile.
            return await asyncio.to_thread(_network, mark, rows, ways)

        return await self._kept.get(tx.area, mark, make)


def _network(mark: str, rows: dict[str, store.Kept], ways: Ways) -> Network:
    lines = [line for kept in rows.values() if (line := kept.line)]
    feeds = [feed for name, kept in rows.items() if (feed := kept.feed(name))]
    return network_of(mark, lines, feeds, ways)
