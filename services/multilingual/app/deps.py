"""What the use cases stand on."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from kit.clock import Clock
from kit.db import Database, Transaction
from kit.outbox import Outbox
from services.multilingual.app.sheets import Sheets
from services.multilingual.domain import stop_code as codes
from services.multilingual.domain.guide import Guide, Stop
from services.multilingual.gateways.files_apart import Reader
from services.multilingual.gateways.photos_apart import PhotoMaker
from services.multilingual.gateways.sounds_apart import SoundMaker
from services.multilingual.gateways.videos_apart import VideoMaker
from services.multilingual.store import areas
from services.multilingual.store import guide as guide_store
from services.multilingual.store import stops as stop_store

MAX_AREAS_KEPT = 64
MAX_FILES_AT_ONCE = 2

T = TypeVar("T")


class Guides:
    """The published guides last read, one for each area; right as long as nothing has changed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, Guide] = {}
        self._loading: dict[str, asyncio.Lock] = {}

    async def read(self, tx: Transaction) -> Guide:
        """Returns the guide of the transaction's area as of the transaction. After a change one
        loads it, and the many who ask in the same moment wait for that one."""
        number, mark = await areas.read_change(tx)
        kept = self._find(tx.area, number, mark)
        if kept is not None:
            return kept
        async with self._loading.setdefault(tx.area, asyncio.Lock()):
            kept = self._find(tx.area, number, mark)
            if kept is not None:
                return kept
            guide = await guide_store.load(tx, self._clock.now())
            if len(self._kept) >= MAX_AREAS_KEPT:
                gone = next(iter(self._kept))
                del self._kept[gone]
                self._loading.pop(gone, None)
            self._kept[tx.area] = guide
            return guide

    def _find(self, area: str, number: int, mark: str) -> Guide | None:
        """Returns what was read at this very change of the area."""
        kept = self._kept.get(area)
        known = kept and (kept.settings.change_number, kept.settings.change_mark)
        return kept if known == (number, mark) else None


class Files:
    """Writing files, a few at a time beside everything else; the others wait."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(MAX_FILES_AT_ONCE)

    async def run(self, work: Callable[[], T]) -> T:
        """Returns what the work returns. Whoever gives up waiting leaves its place to the others,
        but work that has begun keeps it: nothing can end a thread."""
        await self._free.acquire()
        begun = asyncio.get_running_loop().run_in_executor(None, work)
        begun.add_done_callback(lambda _: self._free.release())
        return await asyncio.shield(begun)


@dataclass(frozen=True)
class Deps:
    """Given to every use case."""

    db: Database
    outbox: Outbox
    clock: Clock
    link_key: bytes = b""  # of review links
    guides: Guides = field(init=False)
    sheets: Sheets = field(init=False, default_factory=Sheets)
    files: Files = field(init=False, default_factory=Files)
    reader: Reader = field(init=False, default_factory=Reader)
    photos: PhotoMaker = field(init=False, default_factory=PhotoMaker)
    videos: VideoMaker = field(init=False, default_factory=VideoMaker)
    sounds: SoundMaker = field(init=False, default_factory=SoundMaker)

    def __post_init__(self) -> None:
        """Makes the guides' memory."""
        object.__setattr__(self, "guides", Guides(self.clock))


def find_stop(guide: Guide, typed: str) -> Stop:
    """Returns the stop of a code as typed. Errors: StopCodeMistyped, StopCodeUnknown."""
    code = codes.read(typed)
    stop = guide.stop(code)
    if stop is None or not stop.shown:
        raise codes.StopCodeUnknown(f"No stop here has the code {code}.")
    return stop


async def find_stop_row(tx: Transaction, typed: str) -> Stop:
    """Returns a stop without texts, published or not. Errors: StopCodeMistyped, StopCodeUnknown."""
    code = codes.read(typed)
    stop = await stop_store.read_stop(tx, code)
    if stop is None:
        raise codes.StopCodeUnknown(f"No stop here has the code {code}.")
    return stop
