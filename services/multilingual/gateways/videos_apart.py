"""Making videos the house's apart from the guide: one at a time, each in its own process."""

import msgspec

from kit import child
from kit.apart import Apart, Line
from kit.pure.errors import Refusal
from services.multilingual.domain.video import REFUSED, VideoUnreadable, look

MODULE = "services.multilingual.gateways.video_maker"
MAX_WAITING = 3  # each holds 12 MB
BOUNDS = child.Bounds(memory_bytes=300_000_000, cpu_s=15, wait_s=20.0)


class Made(msgspec.Struct):
    """The video as MP4. width and height as it is seen."""

    content: bytes
    width: int
    height: int
    duration_ms: int
    sound: bool


class Reply(msgspec.Struct):
    """The video, or the name of a refusal of domain/video.py and what it says."""

    made: Made | None = None
    refused: str = ""
    told: str = ""
    broke: str = ""


class VideosBusy(Refusal):
    """Other videos are being made. Try again in a moment."""


LINE = Line(
    VideosBusy,
    full="Other videos are being made just now. Try again in a moment.",
    late="It was not made in time. Try again in a moment.",
    most=MAX_WAITING,
    tries=2,
)


class VideoMaker:
    """Makes videos for one process of the guide."""

    def __init__(self, bounds: child.Bounds = BOUNDS) -> None:
        self._apart = Apart(MODULE, Reply, bounds, LINE)

    async def make(self, content: bytes) -> Made:
        """Returns a video as it is kept. Errors: VideoRefused, VideosBusy."""
        look(content)
        try:
            reply = await self._apart.ask(content)
        except child.ChildEnded as error:
            raise VideoUnreadable("This video needs too much. Save it anew.") from error
        if reply.refused:
            raise REFUSED[reply.refused](reply.told)
        if reply.made is None:
            raise AssertionError("a program answers with a video or a refusal")
        return reply.made
