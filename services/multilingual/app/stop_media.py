"""What is done with photos and videos alike: listed, changed one at a time, shown, taken away.

Whoever changes one takes the area's change number first: others wait and see what was done.
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic

import msgspec

from kit.db import Transaction
from kit.ids import is_id
from kit.pure.errors import Refusal
from kit.pure.event import Event
from kit.requests import RequestKey, once
from services.multilingual.app.deps import Deps, find_stop_row
from services.multilingual.domain import photo, stop_media
from services.multilingual.domain.events import MediaErased
from services.multilingual.domain.photo import PhotoFile
from services.multilingual.domain.recording import Media
from services.multilingual.domain.review import Policy, tidy_reason
from services.multilingual.domain.stop_media import Item
from services.multilingual.gateways.photos_apart import Made
from services.multilingual.store import areas, reviews
from services.multilingual.store import stops as stop_store


class Outcome(msgspec.Struct, frozen=True):
    """What became of one. It is kept for repeats, so no words of people stand in it; under the
    name that answers of photos have always had."""

    change_number: int
    media_id: str = msgspec.field(name="photo_id", default="")


@dataclass(frozen=True)
class Kept(Generic[Item]):
    """One as it is now, and the area's change number after what was done."""

    item: Item
    change_number: int


@dataclass(frozen=True)
class Listed(Generic[Item]):
    """Those of a stop, those taken away last. locales: of the area, the source first.
    looked_at: somebody else looks before visitors see one, or a reason says why not. alone: ids of
    those that wait and that whoever asks shows only with a reason."""

    items: tuple[Item, ...]
    locales: tuple[str, ...]
    name: str
    looked_at: bool
    alone: frozenset[str]


@dataclass(frozen=True)
class Reader:
    """Who looks. reviews: is a reviewer."""

    login: str
    reviews: bool


Change = Callable[[Transaction, Item, datetime], Awaitable[Item]]


@dataclass(frozen=True)
class Shelf(Generic[Item]):
    """One kind of them. read, put, list_of: as in store/photos.py. most: of a stop.

    event: change number, time, stop's code and place, and how many visitors see → what is told.
    unknown, full, changed: the refusals.
    """

    read: Callable[[Transaction, str], Awaitable[Item | None]]
    put: Callable[[Transaction, Item], Awaitable[None]]
    list_of: Callable[[Transaction, str], Awaitable[list[Item]]]
    most: int
    event: Callable[[str, int, datetime, str, str, int], Event]
    unknown: Callable[[], Refusal]
    full: Callable[[], Refusal]
    changed: Callable[[], Refusal]

    async def listed(self, deps: Deps, area: str, typed: str, reader: Reader) -> Listed[Item]:
        """Returns those of a stop. Errors: StopCodeMistyped, StopCodeUnknown."""
        async with deps.db.read(area) as tx:
            row = await find_stop_row(tx, typed)
            guide = await deps.guides.read(tx)
            found = await self.list_of(tx, row.stop_code)
            policy = await reviews.read_policy(tx, guide.settings.source_locale)
        stop = guide.stop(row.stop_code)
        name = guide.source_text(stop).name if stop else ""
        alone = frozenset(
            each.media_id for each in found
            if stop_media.needs_reason(each, policy, reader.login, reviews=reader.reviews)
        )  # fmt: skip
        asks = policy is not Policy.OPEN
        return Listed(tuple(found), guide.settings.locales, name, asks, alone)

    async def change(
        self, deps: Deps, key: RequestKey, area: str, media_id: str, change: Change[Item]
    ) -> Kept[Item]:
        """Changes one and tells it. Errors: unknown; what the change raises."""
        if not is_id(media_id):
            raise self.unknown()
        async with deps.db.transaction(area) as tx:

            async def run() -> Outcome:
                number, now = await areas.next_change_number(tx), deps.clock.now()
                item = await self.find(tx, media_id)
                changed = replace(await change(tx, item, now), version=item.version + 1)
                await self.put(tx, changed)
                return await self.say(deps, tx, changed, number, now)

            return await self.now(tx, await once(tx, key, Outcome, run))

    async def show(
        self, deps: Deps, key: RequestKey, area: str, media_id: str, version: int, reason: str,
        *, reviews_others: bool,
    ) -> Kept[Item]:  # fmt: skip
        """Shows one that waited to visitors.

        reviews_others: the one who looks is a reviewer. reason: why nobody else looks at it.
        Errors: unknown, changed, SecondReaderNeeded, InvalidFields.
        """
        why = tidy_reason(reason)

        async def show(tx: Transaction, item: Item, _now: datetime) -> Item:
            self.check_there(item)
            if not item.waiting:
                raise self.unknown()
            self.check_version(item, version)
            policy = await reviews.read_policy(tx, (await areas.read_settings(tx)).locales[0])
            return stop_media.shown(item, policy, key.principal, reviews=reviews_others, reason=why)

        return await self.change(deps, key, area, media_id, show)

    async def remove(self, deps: Deps, key: RequestKey, area: str, media_id: str) -> Kept[Item]:
        """Takes one away; it can be brought back for a while. Errors: unknown."""

        async def remove(_tx: Transaction, item: Item, now: datetime) -> Item:
            self.check_there(item)
            return replace(item, remove_time=now)

        return await self.change(deps, key, area, media_id, remove)

    async def bring_back(
        self, deps: Deps, key: RequestKey, area: str, media_id: str,
        behind: Callable[[Item, Sequence[Item]], Item],
    ) -> Kept[Item]:  # fmt: skip
        """Brings one back: the undo. behind: puts it behind those that are there.

        Errors: unknown, full.
        """

        async def back(tx: Transaction, item: Item, _now: datetime) -> Item:
            if item.remove_time is None:
                raise self.unknown()
            there = await self.there(tx, item.stop_code)
            self.check_room(there)
            return replace(behind(item, there), remove_time=None)

        return await self.change(deps, key, area, media_id, back)

    async def find(self, tx: Transaction, media_id: str) -> Item:
        """Returns one, also one that was taken away. Errors: unknown."""
        item = await self.read(tx, media_id) if media_id else None
        if item is None:
            raise self.unknown()
        return item

    async def now(self, tx: Transaction, outcome: Outcome) -> Kept[Item]:
        """Returns one as it is now. Errors: unknown for one that was erased meanwhile."""
        return Kept(await self.find(tx, outcome.media_id), outcome.change_number)

    async def say(
        self, deps: Deps, tx: Transaction, item: Item, number: int, now: datetime
    ) -> Outcome:
        """Tells that one was changed."""
        await self.say_changed(deps, tx, item.stop_code, number, now)
        return Outcome(number, item.media_id)

    async def say_changed(
        self, deps: Deps, tx: Transaction, code: str, number: int, now: datetime
    ) -> None:
        """Tells that visitors see others at a stop now."""
        stop = await find_stop_row(tx, code)
        await stop_store.mark_changed(tx, [stop.stop_code], number)
        seen = sum(each.seen for each in await self.list_of(tx, stop.stop_code))
        event = self.event(tx.area, number, now, stop.stop_code, stop.place_id, seen)
        await deps.outbox.add(tx, event)

    async def there(self, tx: Transaction, stop_code: str) -> list[Item]:
        """Returns those of a stop that were not taken away."""
        return [each for each in await self.list_of(tx, stop_code) if each.remove_time is None]

    def check_there(self, item: Item) -> None:
        """Errors: unknown for one that was taken away."""
        if item.remove_time is not None:
            raise self.unknown()

    def check_version(self, item: Item, version: int) -> None:
        """Errors: changed."""
        if item.version != version:
            raise self.changed()

    def check_room(self, there: Sequence[Item]) -> None:
        """Errors: full."""
        if len(there) >= self.most:
            raise self.full()


async def say_erased(
    deps: Deps, tx: Transaction, media_id: str, names: Sequence[str], number: int
) -> None:
    """Tells that bytes are gone for good. names: SHA-256."""
    event = MediaErased(
        area=tx.area, aggregate_id=media_id, version=number, occur_time=deps.clock.now(),
        sha256s=tuple(names), change_number=number,
    )  # fmt: skip
    await deps.outbox.add(tx, event)


def named(content: bytes, media_type: str) -> Media:
    """Returns bytes under their own name."""
    return Media(hashlib.sha256(content).hexdigest(), media_type, content)


def pictures(sizes: Sequence[Made]) -> tuple[tuple[PhotoFile, ...], list[Media]]:
    """Returns the sizes of a picture as they are kept, and their bytes."""
    media = [named(each.content, photo.WEBP) for each in sizes]
    files = [
        PhotoFile(one.sha256, made.width, made.height, len(made.content))
        for made, one in zip(sizes, media, strict=True)
    ]
    return tuple(files), media
