"""The network of an area as plans want it: made once after each change, kept in the process."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

from kit.db import Transaction
from services.itinerary.domain.transit.merge import network_of
from services.itinerary.domain.transit.network import Network
from services.itinerary.domain.transit.ways import Ways
from services.itinerary.store import timetables as store

MOST_AREAS = 32  # kept at once; a network of ten thousand calls takes about 5 MB


@dataclass
class Networks:
    """The networks of areas by the mark of their latest change, read in the plan's transaction.

    A plan pays one small query; only the first after a change reads and decodes. Others that come
    meanwhile wait for it. A mark is never used twice, so what is kept is never that of an earlier
    life of an area.
    """

    _kept: OrderedDict[str, Network] = field(default_factory=OrderedDict)
    _turns: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def mark(self, tx: Transaction) -> str:
        """Returns the version of the network of the transaction's area."""
        return await store.read_change_id(tx)

    async def current(self, tx: Transaction) -> Network:
        """Returns the network of the transaction's area, as that transaction sees it.

        tx: must see one snapshot (Database.read): the mark and the rows belong together.
        """
        mark = await self.mark(tx)
        if (known := self._known(tx.area, mark)) is not None:
            return known
        async with self._turns.setdefault(tx.area, asyncio.Lock()):
            if (known := self._known(tx.area, mark)) is not None:
                return known
            rows = await store.list_bodies(tx)
            ways, _version = await store.read_ways(tx)
            # A town's feed takes a tenth of a second: others are answered meanwhile.
            network = await asyncio.to_thread(_network, mark, rows, ways)
            self._keep(tx.area, network)
            return network

    def _known(self, area: str, mark: str) -> Network | None:
        known = self._kept.get(area)
        if known is None or known.version != mark:
            return None
        self._kept.move_to_end(area)
        return known

    def _keep(self, area: str, network: Network) -> None:
        self._kept[area] = network
        self._kept.move_to_end(area)
        while len(self._kept) > MOST_AREAS:
            gone, _ = self._kept.popitem(last=False)
            self._turns.pop(gone, None)


def _network(mark: str, rows: dict[str, store.Kept], ways: Ways) -> Network:
    lines = [line for kept in rows.values() if (line := kept.line)]
    feeds = [feed for name, kept in rows.items() if (feed := kept.feed(name))]
    return network_of(mark, lines, feeds, ways)
