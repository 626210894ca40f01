"""Making recordings the house's apart from the guide: one at a time, each in its own process."""

import msgspec

from kit import child
from kit.apart import Apart, Line
from kit.pure.errors import Refusal
from services.multilingual.domain.alignment import Pause
from services.multilingual.domain.sound import SoundRefused

MODULE = "services.multilingual.gateways.sound_maker"
MAX_WAITING = 4
BOUNDS = child.Bounds(memory_bytes=1_000_000_000, cpu_s=15, wait_s=20.0)


class Reply(msgspec.Struct):
    """MP3, or why there is none. broke: the name of a failure of ours. pauses: from and to, in
    milliseconds of the MP3, in order."""

    audio: bytes = b""
    pauses: tuple[tuple[int, int], ...] = ()
    refused: str = ""
    broke: str = ""


class SoundsBusy(Refusal):
    """Other recordings are being made. Try again in a moment."""


LINE = Line(
    SoundsBusy,
    full="Other recordings are being made just now. Try again in a moment.",
    late="It was not made in time. Try again in a moment.",
    most=MAX_WAITING,
)


class SoundMaker:
    """Makes recordings for one process of the guide."""

    def __init__(self, bounds: child.Bounds = BOUNDS) -> None:
        self._apart = Apart(MODULE, Reply, bounds, LINE)

    async def make(self, content: bytes) -> tuple[bytes, tuple[Pause, ...]]:
        """Returns MP3 in the house's form of WAV, and the pauses in it.

        Errors: SoundRefused, SoundsBusy.
        """
        try:
            reply = await self._apart.ask(content)
        except child.ChildEnded as error:
            told = "This sound cannot be made smaller. Save it as MP3 or M4A."
            raise SoundRefused(told) from error
        if reply.refused:
            raise SoundRefused(reply.refused)
        return reply.audio, tuple(Pause(begin, end) for begin, end in reply.pauses)
