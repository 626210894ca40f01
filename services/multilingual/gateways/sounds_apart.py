"""Making recordings the house's apart from the guide: one at a time, each in its own process."""

import asyncio

import msgspec

from kit import child, log
from kit.pure.errors import Refusal
from services.multilingual.domain.sound import SoundRefused

MODULE = "services.multilingual.gateways.sound_maker"
MAX_WAITING = 4  # the one being made too; each holds its file in memory
BOUNDS = child.Bounds(memory_bytes=1_000_000_000, cpu_s=15, wait_s=20.0)


class Reply(msgspec.Struct):
    """MP3, or why there is none. broke: the name of a failure of ours."""

    audio: bytes = b""
    refused: str = ""
    broke: str = ""


class SoundsBusy(Refusal):
    """Other recordings are being made. Try again in a moment."""


class SoundMaker:
    """Makes recordings for one process of the guide."""

    def __init__(self, bounds: child.Bounds = BOUNDS) -> None:
        self._bounds = bounds
        self._free = asyncio.Semaphore(1)
        self._waiting = 0
        self._log = log.get("sounds")

    async def make(self, content: bytes) -> bytes:
        """Returns MP3 in the house's form of WAV. Errors: SoundRefused, SoundsBusy."""
        if self._waiting >= MAX_WAITING:
            raise SoundsBusy("Other recordings are being made just now. Try again in a moment.")
        self._waiting += 1
        try:
            async with self._free:
                reply = await self._ask(content)
        finally:
            self._waiting -= 1
        if reply.broke:
            self._log.error("a sound broke its maker", error=reply.broke)
            raise SoundRefused("This sound cannot be made smaller. Save it as MP3 or M4A.")
        if reply.refused:
            raise SoundRefused(reply.refused)
        return reply.audio

    async def _ask(self, content: bytes) -> Reply:
        try:
            answer = await child.ask_once(MODULE, content, self._bounds)
            return msgspec.msgpack.decode(answer, type=Reply)
        except child.ChildEnded as error:
            return Reply(broke=str(error))
        except (TimeoutError, OSError) as error:
            self._log.warning("a sound was not made in time", error=repr(error))
            raise SoundsBusy("It was not made in time. Try again in a moment.") from error
