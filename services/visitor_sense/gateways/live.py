"""Live figures in Valkey: one HyperLogLog per zone and minute, gone after a quarter of an hour."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import redis.asyncio as valkey
from redis.exceptions import RedisError

from services.visitor_sense.domain.live import LiveUnavailable, Seen
from services.visitor_sense.domain.sketch import Values
from services.visitor_sense.domain.zones import LIVE_WINDOW

EXPIRE_S = 15 * 60
TIMEOUT_S = 1.0
_PREFIX = "sense"
# An argument of a command: its length, eight bytes, end of line. Wire format: valkey.io, RESP.
_ELEMENT = np.dtype([("head", "S4"), ("device", "<u8"), ("end", "S2")])


class ValkeyLive:
    """LiveCounts on Valkey."""

    def __init__(self, url: str) -> None:
        self._client = valkey.Redis.from_url(
            url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
        )

    async def close(self) -> None:
        """Closes all connections."""
        await self._client.aclose()

    async def add(self, area: str, seen: Seen) -> None:
        """Adds devices; repeats change nothing. Errors: LiveUnavailable."""
        written = [
            _added(f"{_PREFIX}:{area}:{zone_id}:{minute}".encode(), devices)
            for (zone_id, minute), devices in seen.items()
        ]
        pool = self._client.connection_pool
        try:
            connection = await pool.get_connection()  # type: ignore[no-untyped-call] # has no types
            try:
                await connection.send_packed_command(b"".join(written))
                for _ in range(2 * len(written)):
                    await connection.read_response()
            except BaseException:
                await connection.disconnect()  # answers nobody reads would be taken for the next
                raise
            finally:
                await pool.release(connection)
        except (RedisError, OSError) as error:
            raise LiveUnavailable(type(error).__name__) from error

    async def count(self, area: str, zone_ids: Sequence[str], now: datetime) -> dict[str, int]:
        """Returns the distinct devices per zone within LIVE_WINDOW.

        Errors: LiveUnavailable, also while figures that were lost are being rebuilt.
        """
        last = int(now.timestamp()) // 60
        minutes = range(last - int(LIVE_WINDOW.total_seconds()) // 60 + 1, last + 1)
        pipe = self._client.pipeline(transaction=False)
        pipe.exists(f"{_PREFIX}:complete")
        for zone_id in zone_ids:
            pipe.pfcount(*(f"{_PREFIX}:{area}:{zone_id}:{minute}" for minute in minutes))
        try:
            complete, *counts = await pipe.execute()
        except (RedisError, OSError) as error:
            raise LiveUnavailable(type(error).__name__) from error
        if not complete:
            raise LiveUnavailable("being rebuilt")
        return dict(zip(zone_ids, (int(count) for count in counts), strict=True))

    async def set_as_of(self, area: str, at: datetime) -> None:
        """Keeps the moment the levels describe. Errors: LiveUnavailable."""
        try:
            await self._client.set(f"{_PREFIX}:{area}:as_of", at.timestamp(), ex=EXPIRE_S)
        except (RedisError, OSError) as error:
            raise LiveUnavailable(type(error).__name__) from error

    async def as_of(self, area: str) -> datetime | None:
        """Returns the moment the levels describe. Errors: LiveUnavailable."""
        try:
            found = await self._client.get(f"{_PREFIX}:{area}:as_of")
        except (RedisError, OSError) as error:
            raise LiveUnavailable(type(error).__name__) from error
        return datetime.fromtimestamp(float(found), UTC) if found else None

    async def is_complete(self) -> bool:
        """Tells whether nothing was lost since mark_complete. Errors: LiveUnavailable."""
        try:
            return bool(await self._client.get(f"{_PREFIX}:complete"))
        except (RedisError, OSError) as error:
            raise LiveUnavailable(type(error).__name__) from error

    async def mark_complete(self) -> None:
        """Leaves a mark that is lost together with the figures. Errors: LiveUnavailable."""
        try:
            await self._client.set(f"{_PREFIX}:complete", 1)
        except (RedisError, OSError) as error:
            raise LiveUnavailable(type(error).__name__) from error


def _added(name: bytes, devices: Values) -> bytes:
    """Returns the two commands that add devices and let them expire, as they are on the wire.

    The client would write each of thousands of devices by itself: a third of the time of counting.
    """
    elements = np.empty(devices.size, _ELEMENT)
    elements["head"], elements["device"], elements["end"] = b"$8\r\n", devices, b"\r\n"
    key = b"$%d\r\n%s\r\n" % (len(name), name)
    expire_s = b"%d" % EXPIRE_S
    return b"".join(
        (
            b"*%d\r\n$5\r\nPFADD\r\n" % (devices.size + 2), key, elements.tobytes(),
            b"*3\r\n$6\r\nEXPIRE\r\n", key, b"$%d\r\n%s\r\n" % (len(expire_s), expire_s),
        )
    )  # fmt: skip
