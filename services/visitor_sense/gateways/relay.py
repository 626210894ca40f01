"""The service's side of the hashing child: one per area and day, started when it is needed."""

import asyncio
import contextlib
import json
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.visitor_sense.domain.errors import BodyMalformed, RelayBusy
from services.visitor_sense.sensor.relay import LENGTH, MOST_BODY_BYTES

ANSWER_S = 5.0
MOST_WAITING = 8  # bodies of one area; more are refused at once
MOST_OF_NETWORK = 4  # of them, so that no network takes all places
_MOST_ANSWER_BYTES = 16 * 1024 * 1024


@dataclass
class _Child:
    key_date: date
    epoch: int
    process: asyncio.subprocess.Process


class HashingChildren:
    """Relays bodies to the children. A child that fails at a body is ended, not asked again."""

    def __init__(self) -> None:
        self._children: dict[str, _Child] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._waiting: dict[str, int] = {}
        self._of_network: Counter[tuple[str, bytes]] = Counter()  # by area and key of its tags

    async def reduce(
        self, area: str, key_date: date, epoch: int, key: bytes, lives_s: int, tag_key: bytes,
        body: bytes,
    ) -> dict[str, Any]:  # fmt: skip
        """Returns what sensor.relay.reduce makes of a body. Errors: BodyMalformed, RelayBusy."""
        if len(body) > MOST_BODY_BYTES:
            raise BodyMalformed("The body is too large.")
        network = area, tag_key
        full = self._of_network[network] >= MOST_OF_NETWORK
        if full or self._waiting.get(area, 0) >= MOST_WAITING:
            raise RelayBusy("Too many bodies are waiting. Send it again.")
        self._waiting[area] = self._waiting.get(area, 0) + 1
        self._of_network[network] += 1
        try:
            async with self._turns.setdefault(area, asyncio.Lock()):
                child = await self._child(area, key_date, epoch, key, lives_s)
                return await self._asked(area, child, tag_key, body)
        finally:
            self._waiting[area] -= 1
            self._of_network[network] -= 1

    async def _child(
        self, area: str, key_date: date, epoch: int, key: bytes, lives_s: int
    ) -> _Child:
        child = self._children.get(area)
        if child is not None:
            fits = (child.key_date, child.epoch) == (key_date, epoch)
            if fits and child.process.returncode is None:
                return child
            await self._end(area)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.visitor_sense.sensor.relay",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL, limit=_MOST_ANSWER_BYTES,
        )  # fmt: skip
        assert process.stdin is not None  # noqa: S101 - asked for above
        process.stdin.write(key + LENGTH.pack(lives_s))
        self._children[area] = _Child(key_date, epoch, process)
        return self._children[area]

    async def _asked(self, area: str, child: _Child, tag_key: bytes, body: bytes) -> dict[str, Any]:
        source, sink = child.process.stdout, child.process.stdin
        assert source is not None  # noqa: S101 - asked for at the start
        assert sink is not None  # noqa: S101 - as above
        try:
            async with asyncio.timeout(ANSWER_S):
                sink.write(LENGTH.pack(len(body)) + tag_key + body)
                await sink.drain()
                (size,) = LENGTH.unpack(await source.readexactly(LENGTH.size))
                answer: dict[str, Any] = json.loads(await source.readexactly(size))
        except (TimeoutError, OSError, asyncio.IncompleteReadError, ValueError) as error:
            await self._end(area)
            raise RelayBusy("The body could not be read in time. Send it again.") from error
        if "refusal" in answer:
            raise BodyMalformed("The body is not what version 3 of the interface promises.")
        return answer

    async def end_past(self, today: date) -> int:
        """Ends the children of days gone by; returns how many."""
        past = [area for area, child in self._children.items() if child.key_date != today]
        for area in past:
            await self._end(area)
        return len(past)

    async def close(self) -> None:
        """Ends all children."""
        for area in list(self._children):
            await self._end(area)

    async def _end(self, area: str) -> None:
        child = self._children.pop(area, None)
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.process.kill()
        await child.process.wait()
