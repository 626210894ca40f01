"""Work that a service does for as long as it runs, whatever becomes of database and bus."""

import asyncio
from collections.abc import Awaitable, Callable

import nats.errors
import nats.js.errors

from kit import log
from kit.db import StoreBusy, StoreUnavailable
from kit.stopping import stop_if_told

# The same transaction will do later: the database is away, or was busy with somebody else.
STORE_WAITS = (StoreUnavailable, StoreBusy)
# Nobody made a mistake: a server is away, too slow or in somebody else's hands.
OUTAGES = (*STORE_WAITS, nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError)

Pause = float | Callable[[], Awaitable[None]]


async def forever(name: str, work: Callable[[], Awaitable[object]], pause: Pause) -> None:
    """Does the work again and again until canceled. Nothing that goes wrong ends it.

    An outage is a warning, anything else an error in the log. work: returns True when there is
    more to do at once. pause: seconds, or something to wait for, between two turns.
    """
    logger = log.get(name)
    while True:
        stop_if_told()
        try:
            if await work() is True:
                continue
        except OUTAGES as error:
            stop_if_told()
            logger.warning("waits", error=repr(error))
        except Exception as error:
            logger.error("failed, goes on", exc_info=error)
        if callable(pause):
            await pause()
        else:
            await asyncio.sleep(pause)
