"""Photos of stops: put in, described, ordered, taken away and brought back.

Whoever changes one takes the area's change number first: others wait and see what was done.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from kit.db import Transaction
from kit.ids import is_id, new_id
from kit.requests import RequestKey, once
from services.multilingual.app.deps import Deps, find_stop_row
from services.multilingual.domain.events import PhotosChanged
from services.multilingual.domain.photo import (
    MAX_PHOTOS,
    WEBP,
    Photo,
    PhotoChanged,
    PhotoFile,
    PhotosFull,
    PhotoUnknown,
    PhotoWasErased,
    check,
    first,
    moved,
    own_reading,
)
from services.multilingual.domain.recording import Media
from services.multilingual.domain.review import Policy, SecondReaderNeeded, tidy_reason
from services.multilingual.gateways.photos_apart import Made
from services.multilingual.store import areas, reviews
from services.multilingual.store import photos as store
from services.multilingual.store import recordings as media_store
from services.multilingual.store import stops as stop_store


@dataclass(frozen=True)
class Photos:
    """The photos of a stop, those taken away last. locales: of the area, the source first.
    looked_at: somebody else looks before visitors see one, or a reason says why not."""

    photos: tuple[Photo, ...]
    locales: tuple[str, ...]
    name: str
    looked_at: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of a photo. It is kept for repeats, so no words of people stand in it."""

    change_number: int
    photo_id: str = ""


@dataclass(frozen=True)
class Kept:
    """A photo as it is now, and the area's change number after what was done."""

    photo: Photo
    change_number: int


Change = Callable[[Transaction, Photo, datetime], Awaitable[Photo]]


async def list_photos(deps: Deps, area: str, typed: str) -> Photos:
    """Returns the photos of a stop. Errors: StopCodeMistyped, StopCodeUnknown."""
    async with deps.db.read(area) as tx:
        row = await find_stop_row(tx, typed)
        guide = await deps.guides.read(tx)
        found = await store.list_of(tx, row.stop_code)
        policy = await reviews.read_policy(tx, guide.settings.source_locale)
    stop = guide.stop(row.stop_code)
    name = guide.source_text(stop).name if stop else ""
    locales, looked_at = guide.settings.locales, policy is not Policy.OPEN
    return Photos(tuple(found), locales, name, looked_at)


async def add_photo(
    deps: Deps, key: RequestKey, area: str, *, stop_code: str, content: bytes, credit: str,
    alts: Mapping[str, str], reason: str = "",
) -> Kept:  # fmt: skip
    """Puts a photo in behind the others. It is drawn anew in a process of its own. Where the source
    language is not open, visitors see it once somebody else looked, or at once with a reason.

    Errors: PhotoRefused, PhotosBusy, PhotosFull, PhotoWasErased, InvalidFields, StopCodeMistyped,
    StopCodeUnknown.
    """
    why = tidy_reason(reason)
    async with deps.db.read(area) as tx:  # what is wrong with the words is said first
        await find_stop_row(tx, stop_code)
        locales = (await areas.read_settings(tx)).locales
        kept = check(credit, alts, locales)
    sizes = await deps.photos.make(content)
    async with deps.db.transaction(area) as tx:

        async def add() -> Outcome:
            number, now = await areas.next_change_number(tx), deps.clock.now()
            stop = await find_stop_row(tx, stop_code)
            shown = await _shown(tx, stop.stop_code)
            _check_room(shown)
            files, media = _files(sizes)
            if await store.erased(tx, [each.sha256 for each in files]):
                raise PhotoWasErased("This photo was erased for good. Take another one.")
            policy = await reviews.read_policy(tx, locales[0])
            photo = Photo(
                photo_id=new_id(), stop_code=stop.stop_code, position=len(shown) + 1, version=1,
                files=files, credit=credit.strip(), alts=kept, author=key.principal,
                create_time=now, writer=key.principal,
            )  # fmt: skip
            try:
                reading = own_reading(policy, key.principal, why)
                photo = replace(photo, reading=reading, reason=why)
            except SecondReaderNeeded:
                photo = replace(photo, waiting=True)
            await store.put(tx, photo)
            await media_store.put_media(tx, media, now)
            return await _say(deps, tx, photo, number, now)

        return await _now(tx, await once(tx, key, Outcome, add))


async def edit_photo(
    deps: Deps, key: RequestKey, area: str, *, photo_id: str, version: int, credit: str,
    alts: Mapping[str, str], reason: str = "",
) -> Kept:  # fmt: skip
    """Changes what is said of a photo; of one that visitors see with a reason where the source
    language is not open. Errors: PhotoUnknown, PhotoChanged, SecondReaderNeeded, InvalidFields."""
    why = tidy_reason(reason)

    async def edit(tx: Transaction, photo: Photo, _now: datetime) -> Photo:
        _check_shown(photo)
        locales = (await areas.read_settings(tx)).locales
        kept = check(credit, alts, locales)
        if photo.version != version:
            raise PhotoChanged("Somebody else changed it meanwhile. Look at it again.")
        edited = replace(photo, credit=credit.strip(), alts=kept, writer=key.principal)
        if photo.waiting:
            return edited
        reading = own_reading(await reviews.read_policy(tx, locales[0]), key.principal, why)
        return replace(edited, reading=reading, looker="", reason=why)

    return await change_photo(deps, key, area, photo_id, edit)


async def move(deps: Deps, key: RequestKey, area: str, photo_id: str, steps: int | None) -> Kept:
    """Moves a photo among those of its stop, up below 0; None makes it the first.

    Errors: PhotoUnknown.
    """

    async def order(tx: Transaction, photo: Photo, _now: datetime) -> Photo:
        _check_shown(photo)
        ids = [each.photo_id for each in await _shown(tx, photo.stop_code)]
        wanted = first(ids, photo.photo_id) if steps is None else moved(ids, photo.photo_id, steps)
        await store.order(tx, wanted)
        return replace(photo, position=wanted.index(photo.photo_id) + 1)

    return await change_photo(deps, key, area, photo_id, order)


async def remove_photo(deps: Deps, key: RequestKey, area: str, photo_id: str) -> Kept:
    """Takes a photo away; it can be brought back for a while. Errors: PhotoUnknown."""

    async def remove(_tx: Transaction, photo: Photo, now: datetime) -> Photo:
        _check_shown(photo)
        return replace(photo, remove_time=now)

    return await change_photo(deps, key, area, photo_id, remove)


async def bring_back(deps: Deps, key: RequestKey, area: str, photo_id: str) -> Kept:
    """Brings a photo back behind the others: the undo. Errors: PhotoUnknown, PhotosFull."""

    async def back(tx: Transaction, photo: Photo, _now: datetime) -> Photo:
        if photo.remove_time is None:
            raise _unknown()
        shown = await _shown(tx, photo.stop_code)
        _check_room(shown)
        last = max((each.position for each in shown), default=0)
        return replace(photo, remove_time=None, position=last + 1)

    return await change_photo(deps, key, area, photo_id, back)


async def change_photo(
    deps: Deps, key: RequestKey, area: str, photo_id: str, change: Change
) -> Kept:
    """Changes one photo and tells it. Errors: PhotoUnknown; what the change raises."""
    if not is_id(photo_id):
        raise _unknown()
    async with deps.db.transaction(area) as tx:

        async def run() -> Outcome:
            number, now = await areas.next_change_number(tx), deps.clock.now()
            photo = await store.read(tx, photo_id)
            if photo is None:
                raise _unknown()
            changed = await change(tx, photo, now)
            changed = replace(changed, version=photo.version + 1)
            await store.put(tx, changed)
            return await _say(deps, tx, changed, number, now)

        return await _now(tx, await once(tx, key, Outcome, run))


async def _now(tx: Transaction, outcome: Outcome) -> Kept:
    photo = await store.read(tx, outcome.photo_id) if outcome.photo_id else None
    if photo is None:  # erased meanwhile, with its words
        raise _unknown()
    return Kept(photo, outcome.change_number)


async def _say(deps: Deps, tx: Transaction, photo: Photo, number: int, now: datetime) -> Outcome:
    await say_changed(deps, tx, photo.stop_code, number, now)
    return Outcome(number, photo.photo_id)


async def say_changed(deps: Deps, tx: Transaction, code: str, number: int, now: datetime) -> None:
    """Tells that a stop has other photos now."""
    stop = await find_stop_row(tx, code)
    await stop_store.mark_changed(tx, [stop.stop_code], number)
    seen = sum(each.seen for each in await _shown(tx, stop.stop_code))
    event = PhotosChanged(
        area=tx.area, aggregate_id=stop.stop_code, version=number, occur_time=now,
        place_id=stop.place_id, photo_count=seen,
        change_number=number,
    )  # fmt: skip
    await deps.outbox.add(tx, event)


def _files(sizes: tuple[Made, ...]) -> tuple[tuple[PhotoFile, ...], list[Media]]:
    media = [Media(hashlib.sha256(m.content).hexdigest(), WEBP, m.content) for m in sizes]
    files = [
        PhotoFile(one.sha256, made.width, made.height, len(made.content))
        for made, one in zip(sizes, media, strict=True)
    ]
    return tuple(files), media


async def _shown(tx: Transaction, stop_code: str) -> list[Photo]:
    found = await store.list_of(tx, stop_code)
    return [each for each in found if each.remove_time is None]


def _check_shown(photo: Photo) -> None:
    if photo.remove_time is not None:
        raise _unknown()


def _check_room(shown: list[Photo]) -> None:
    if len(shown) >= MAX_PHOTOS:
        raise PhotosFull(f"A stop has at most {MAX_PHOTOS} photos. Take one away first.")


def _unknown() -> PhotoUnknown:
    return PhotoUnknown("There is no such photo any longer. Open the page again.")
