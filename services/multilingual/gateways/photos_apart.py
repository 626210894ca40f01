"""Making photos the house's apart from the guide: one at a time, each in its own process."""

import asyncio

import msgspec

from kit import child, log
from kit.pure.errors import Refusal
from services.multilingual.domain.photo import REFUSED, PhotoTooManyPixels, look

MODULE = "services.multilingual.gateways.photo_maker"
MAX_WAITING = 4  # the one being made too; each holds its file in memory
BOUNDS = child.Bounds(memory_bytes=1_000_000_000, cpu_s=15, wait_s=20.0)


class Made(msgspec.Struct):
    """One size as WebP."""

    content: bytes
    width: int
    height: int


class Reply(msgspec.Struct):
    """Sizes, narrowest first, or the name of a refusal of domain/photo.py and what it says."""

    sizes: tuple[Made, ...] = ()
    refused: str = ""
    told: str = ""
    broke: str = ""


class PhotosBusy(Refusal):
    """Other photos are being made. Try again in a moment."""


class PhotoMaker:
    """Makes photos for one process of the guide."""

    def __init__(self, bounds: child.Bounds = BOUNDS) -> None:
        self._bounds = bounds
        self._free = asyncio.Semaphore(1)
        self._waiting = 0
        self._log = log.get("photos")

    async def make(self, content: bytes) -> tuple[Made, ...]:
        """Returns the sizes of a photo, narrowest first. Errors: PhotoRefused, PhotosBusy."""
        look(content)
        if self._waiting >= MAX_WAITING:
            raise PhotosBusy("Other photos are being made just now. Try again in a moment.")
        self._waiting += 1
        try:
            async with self._free:
                reply = await self._ask(content)
        finally:
            self._waiting -= 1
        if reply.broke:
            self._log.error("a photo broke its maker", error=reply.broke)
            raise PhotoTooManyPixels("This photo needs too much. Save it smaller, as JPEG.")
        if reply.refused:
            raise REFUSED[reply.refused](reply.told)
        return reply.sizes

    async def _ask(self, content: bytes) -> Reply:
        try:
            try:
                answer = await child.ask_once(MODULE, content, self._bounds)
            except TimeoutError:
                raise
            except OSError as error:  # it did not start; another one may
                self._log.warning("a photo's process did not start", error=repr(error))
                answer = await child.ask_once(MODULE, content, self._bounds)
            return msgspec.msgpack.decode(answer, type=Reply)
        except child.ChildEnded as error:
            return Reply(broke=str(error))
        except (TimeoutError, OSError) as error:
            self._log.warning("a photo was not made in time", error=repr(error))
            raise PhotosBusy("It was not made in time. Try again in a moment.") from error
