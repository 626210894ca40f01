"""Making photos the house's apart from the guide: one at a time, each in its own process."""

import msgspec

from kit import child
from kit.apart import Apart, Line
from kit.pure.errors import Refusal
from services.multilingual.domain.photo import REFUSED, PhotoTooManyPixels, look

MODULE = "services.multilingual.gateways.photo_maker"
MAX_WAITING = 4
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


LINE = Line(
    PhotosBusy,
    full="Other photos are being made just now. Try again in a moment.",
    late="It was not made in time. Try again in a moment.",
    most=MAX_WAITING,
    tries=2,
)


class PhotoMaker:
    """Makes photos for one process of the guide."""

    def __init__(self, bounds: child.Bounds = BOUNDS) -> None:
        self._apart = Apart(MODULE, Reply, bounds, LINE)

    async def make(self, content: bytes) -> tuple[Made, ...]:
        """Returns the sizes of a photo, narrowest first. Errors: PhotoRefused, PhotosBusy."""
        look(content)
        try:
            reply = await self._apart.ask(content)
        except child.ChildEnded as error:
            told = "This photo needs too much. Save it smaller, as JPEG."
            raise PhotoTooManyPixels(told) from error
        if reply.refused:
            raise REFUSED[reply.refused](reply.told)
        return reply.sizes
