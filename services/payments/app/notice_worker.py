"""The worker that sends notices to registers. Sales do not depend on it.

A register that answers slowly has a few connections and no more: the notices of others pass it.
"""

import asyncio
from collections import Counter

from kit import log
from kit.db import ALL_AREAS, Row
from kit.forever import OUTAGES, forever
from services.payments.app.notice_sending import LEASE, send_one
from services.payments.app.notices import Sending
from services.payments.gateways.notice_sender import IN_FLIGHT
from services.payments.store import notices

TICK_S = 0.5
PER_ADDRESS = 4  # at once to one address


async def run(sending: Sending) -> None:
    """Sends until canceled."""
    flights = Flights(sending)
    try:
        await forever("notices", flights.turn, flights.pause)
    finally:
        await flights.cancel()


class Flights:
    """Notices on their way from this process."""

    def __init__(self, sending: Sending) -> None:
        self._sending = sending
        self._tasks: set[asyncio.Task[None]] = set()
        self._at_once: Counter[str] = Counter()  # by address id
        self._log = log.get("notices")

    async def turn(self) -> bool:
        """Starts what is due. Returns True until there is nothing to start."""
        return await self.start_due() > 0

    async def start_due(self) -> int:
        """Starts what is due, as far as there is room. Returns how many notices were started."""
        room = IN_FLIGHT - len(self._tasks)
        if room <= 0:
            return 0
        now = self._sending.tools.clock.now()
        async with self._sending.tools.db.transaction(ALL_AREAS) as tx:
            rows = await notices.due(tx, now, LEASE, room, PER_ADDRESS, self._at_once)
        for row in rows:
            self._at_once[row["address_id"]] += 1
            task = asyncio.create_task(self._fly(row))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(rows)

    async def pause(self) -> None:
        """Waits until there may be something to start: room for more, or new notices."""
        if self._tasks:
            first = asyncio.FIRST_COMPLETED
            await asyncio.wait(self._tasks, timeout=TICK_S, return_when=first)
        else:
            await asyncio.sleep(TICK_S)

    async def land(self) -> None:
        """Waits until all that were started have been noted."""
        await asyncio.gather(*self._tasks)

    async def cancel(self) -> None:
        """Gives up what is on its way; it is due again once its lease is over."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _fly(self, row: Row) -> None:
        try:
            await send_one(self._sending, row)
        except OUTAGES as error:  # it is due again once its lease is over
            self._log.warning("not noted", error=repr(error))
        except Exception as error:  # noqa: BLE001 - the others fly on
            self._log.error("failed, goes on", exc_info=error)
        finally:
            self._at_once[row["address_id"]] -= 1
            self._at_once += Counter()  # forgets those with none
