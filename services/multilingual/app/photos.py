"""Photos of stops: put in, described, ordered, taken away and brought back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from kit.db import Transaction
from kit.ids import new_id
from kit.requests import RequestKey, once
from services.multilingual.app.deps import Deps, find_stop_row
from services.multilingual.app.stop_media import Kept, Outcome, Shelf, pictures
from services.multilingual.domain import stop_media
from services.multilingual.domain.events import PhotosChanged
from services.multilingual.domain.photo import (
    MAX_PHOTOS,
    Photo,
    PhotoChanged,
    PhotosFull,
    PhotoUnknown,
    PhotoWasErased,
    check,
    first,
    moved,
)
from services.multilingual.domain.review import tidy_reason
from services.multilingual.store import areas, reviews
from services.multilingual.store import photos as store
from services.multilingual.store import recordings as media_store


def _event(
    area: str, number: int, now: datetime, code: str, place_id: str, seen: int
) -> PhotosChanged:
    return PhotosChanged(
        area=area, aggregate_id=code, version=number, occur_time=now, place_id=place_id,
        photo_count=seen, change_number=number,
    )  # fmt: skip


PHOTOS: Shelf[Photo] = Shelf(
    read=store.read,
    put=store.put,
    list_of=store.list_of,
    most=MAX_PHOTOS,
    event=_event,
    unknown=lambda: PhotoUnknown("There is no such photo any longer. Open the page again."),
    full=lambda: PhotosFull(f"A stop has at most {MAX_PHOTOS} photos. Take one away first."),
    changed=lambda: PhotoChanged("Somebody else changed it meanwhile. Look at it again."),
)


async def add_photo(
    deps: Deps, key: RequestKey, area: str, *, stop_code: str, content: bytes, credit: str,
    alts: Mapping[str, str], reason: str = "",
) -> Kept[Photo]:  # fmt: skip
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
            there = await PHOTOS.there(tx, stop.stop_code)
            PHOTOS.check_room(there)
            files, media = pictures(sizes)
            if await store.erased(tx, [each.sha256 for each in files]):
                raise PhotoWasErased("This photo was erased for good. Take another one.")
            policy = await reviews.read_policy(tx, locales[0])
            photo = Photo(
                photo_id=new_id(), stop_code=stop.stop_code, position=len(there) + 1, version=1,
                files=files, credit=credit.strip(), alts=kept, author=key.principal,
                create_time=now, writer=key.principal,
            )  # fmt: skip
            photo = stop_media.put_in(photo, policy, why)
            await store.put(tx, photo)
            await media_store.put_media(tx, media, now)
            return await PHOTOS.say(deps, tx, photo, number, now)

        return await PHOTOS.now(tx, await once(tx, key, Outcome, add))


async def edit_photo(
    deps: Deps, key: RequestKey, area: str, *, photo_id: str, version: int, credit: str,
    alts: Mapping[str, str], reason: str = "",
) -> Kept[Photo]:  # fmt: skip
    """Changes what is said of a photo; of one that visitors see with a reason where the source
    language is not open. Errors: PhotoUnknown, PhotoChanged, SecondReaderNeeded, InvalidFields."""
    why = tidy_reason(reason)

    async def edit(tx: Transaction, photo: Photo, _now: datetime) -> Photo:
        PHOTOS.check_there(photo)
        locales = (await areas.read_settings(tx)).locales
        kept = check(credit, alts, locales)
        PHOTOS.check_version(photo, version)
        edited = replace(photo, credit=credit.strip(), alts=kept, writer=key.principal)
        return stop_media.reworded(edited, await reviews.read_policy(tx, locales[0]), why)

    return await PHOTOS.change(deps, key, area, photo_id, edit)


async def move(
    deps: Deps, key: RequestKey, area: str, photo_id: str, steps: int | None
) -> Kept[Photo]:
    """Moves a photo among those of its stop, up below 0; None makes it the first.

    Errors: PhotoUnknown.
    """

    async def order(tx: Transaction, photo: Photo, _now: datetime) -> Photo:
        PHOTOS.check_there(photo)
        ids = [each.photo_id for each in await PHOTOS.there(tx, photo.stop_code)]
        wanted = first(ids, photo.photo_id) if steps is None else moved(ids, photo.photo_id, steps)
        await store.order(tx, wanted)
        return replace(photo, position=wanted.index(photo.photo_id) + 1)

    return await PHOTOS.change(deps, key, area, photo_id, order)


async def bring_back(deps: Deps, key: RequestKey, area: str, photo_id: str) -> Kept[Photo]:
    """Brings a photo back behind the others: the undo. Errors: PhotoUnknown, PhotosFull."""

    def behind(photo: Photo, there: Sequence[Photo]) -> Photo:
        last = max((each.position for each in there), default=0)
        return replace(photo, position=last + 1)

    return await PHOTOS.bring_back(deps, key, area, photo_id, behind)
