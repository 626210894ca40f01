"""What is decided about photos: which wait for a second look, erased at once for good."""

from collections import Counter
from dataclasses import dataclass

from kit.ids import is_id
from kit.requests import RequestKey, once
from services.multilingual.app.deps import Deps
from services.multilingual.app.photos import PHOTOS
from services.multilingual.app.stop_media import say_erased
from services.multilingual.app.videos import VIDEOS
from services.multilingual.domain.recording import ErasedKind, ErasureReason
from services.multilingual.store import areas
from services.multilingual.store import photos as store
from services.multilingual.store import videos as video_store
from services.multilingual.store import voices as voice_store
from services.multilingual.store.voices import Erasure


@dataclass(frozen=True)
class Waiting:
    """A stop whose photos or videos wait for a look. name: in the source language, "" before it
    has one. photos, videos: how many wait."""

    stop_code: str
    name: str
    photos: int
    videos: int


@dataclass(frozen=True)
class Erased:
    """What went for good. stop_codes: whose photos they were."""

    change_number: int
    stop_codes: tuple[str, ...]


async def list_waiting(deps: Deps, area: str) -> list[Waiting]:
    """Returns the stops with photos or videos that nobody else has looked at, those whose photos
    wait longest first."""
    async with deps.db.read(area) as tx:
        guide = await deps.guides.read(tx)
        photos = Counter(each.stop_code for each in await store.list_waiting(tx))
        videos = await video_store.count_waiting(tx)
    names = {each.stop_code: guide.source_text(each).name for each in guide.stops}
    return [
        Waiting(code, names[code], photos[code], videos.get(code, 0))
        for code in dict.fromkeys([*photos, *videos])
        if code in names
    ]


async def list_posters(deps: Deps, area: str) -> dict[str, frozenset[str]]:
    """Returns name of a picture → stops with a video that shows it before it plays."""
    async with deps.db.read(area) as tx:
        return await video_store.stops_by_poster(tx)


async def list_erasures(deps: Deps, area: str, kind: ErasedKind) -> list[Erasure]:
    """Returns when photos or videos were erased, by whom and why; the last time first."""
    async with deps.db.read(area) as tx:
        return await voice_store.list_erasures(tx, kind)


async def erase_photo(
    deps: Deps, key: RequestKey, area: str, photo_id: str, stop_code: str = "",
    reason: ErasureReason | None = None,
) -> Erased:  # fmt: skip
    """Erases a photo at once, also one that was taken away, wherever the same bytes are shown.
    A video that has it as poster shows another picture (domain/content.py: Page.videos). Nothing
    brings it back. stop_code: where it has to be, "" for anywhere. reason: None where it
    was not said. Errors: PhotoUnknown."""
    if not is_id(photo_id):
        raise PHOTOS.unknown()
    async with deps.db.transaction(area) as tx:

        async def erase() -> Erased:
            number, now = await areas.next_change_number(tx), deps.clock.now()
            photo = await PHOTOS.find(tx, photo_id)
            if stop_code and photo.stop_code != stop_code:
                raise PHOTOS.unknown()
            names = [each.sha256 for each in photo.files]
            films = await video_store.take_posters(tx, names)
            stops = await store.erase(
                tx, names, key.principal, number, now,
                kind=ErasedKind.PHOTO, reason=int(reason or 0),
            )  # fmt: skip
            for code in stops:
                await PHOTOS.say_changed(deps, tx, code, number, now)
            for code in films:
                await VIDEOS.say_changed(deps, tx, code, number, now)
            await say_erased(deps, tx, photo_id, names, number)
            return Erased(number, tuple(stops))

        return await once(tx, key, Erased, erase)
