"""What visitors and the edge read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.pure.locale import Match, negotiate
from services.multilingual.app.deps import Deps, find_stop
from services.multilingual.domain import day_note
from services.multilingual.domain.content import (
    Page,
    ServedNote,
    Words,
    all_notes,
    is_closed,
    page,
    section_name,
    soonest,
    stop_name,
)
from services.multilingual.domain.guide import Guide, Stop
from services.multilingual.domain.label import NoPublicAddress, label_url
from services.multilingual.domain.notice import changes_at
from services.multilingual.domain.translation import Standing
from services.multilingual.gateways import qr_label
from services.multilingual.store import areas
from services.multilingual.store import photos as photo_store
from services.multilingual.store import stops as stop_store


@dataclass(frozen=True)
class Entry:
    """A stop in a list."""

    stop: Stop
    position: int
    name: Words
    section_name: Words | None
    standing: Standing
    closed: bool


@dataclass(frozen=True)
class StopList:
    """All stops of an area as one visitor sees them. match: None while nothing is published."""

    guide: Guide
    match: Match | None
    entries: tuple[Entry, ...]
    fresh_until_time: datetime | None
    day_notes: tuple[ServedNote, ...] = ()


@dataclass(frozen=True)
class Changes:
    """What changed since a change number: (stop code, change number, revision). since_known: that
    number and its mark are of this history, so that nothing is missing. erase_number: of the last
    erasure of bytes, 0 for none."""

    change_number: int
    stops: Sequence[tuple[str, int, int]]
    published_locales: tuple[str, ...]
    mark: str = ""
    since_known: bool = False
    erase_number: int = 0


async def read_stop(
    deps: Deps, area: str, typed_code: str, accept_language: str, chosen_locale: str
) -> tuple[Guide, Page]:
    """Returns a stop as this visitor sees it. Errors: StopCodeMistyped, StopCodeUnknown."""
    async with deps.db.read(area) as tx:
        guide = await deps.guides.read(tx)
    stop = find_stop(guide, typed_code)
    match = _match(guide, accept_language, chosen_locale)
    return guide, page(guide, stop, match, deps.clock.now())


async def list_stops(deps: Deps, area: str, accept_language: str, chosen_locale: str) -> StopList:
    """Returns all published stops in order."""
    async with deps.db.read(area) as tx:
        guide = await deps.guides.read(tx)
    if not guide.published_locales():
        return StopList(guide, None, (), None)
    match, now = _match(guide, accept_language, chosen_locale), deps.clock.now()
    entries = tuple(
        Entry(
            stop,
            guide.group_of(stop).index(stop) + 1,
            stop_name(guide, stop, match.locale),
            section_name(guide, guide.sections.get(stop.section_id), match.locale),
            guide.standing(stop, match.locale),
            is_closed(guide, stop, now),
        )
        for stop in guide.stops
        if stop.shown
    )
    said = all_notes(guide, match.locale, now)
    ends = soonest(
        changes_at(guide.closures, now), day_note.first_end([each.note for each in said])
    )
    return StopList(guide, match, entries, ends, said)


async def list_contents(
    deps: Deps, area: str, locale: str, stop_codes: Sequence[str]
) -> tuple[Guide, list[Page]]:
    """Returns every stop, or those named, in one locale; unknown codes are left out."""
    async with deps.db.read(area) as tx:
        guide = await deps.guides.read(tx)
    if not guide.published_locales():
        return guide, []
    match, now, wanted = _match(guide, "", locale), deps.clock.now(), set(stop_codes)
    return guide, [
        page(guide, stop, match, now)
        for stop in guide.stops
        if stop.shown and (not wanted or stop.stop_code in wanted)
    ]


async def list_changes(deps: Deps, area: str, since: int, since_mark: str) -> Changes:
    """Returns what changed after a change number."""
    async with deps.db.read(area) as tx:
        number, mark = await areas.read_change(tx)
        known = bool(since_mark) and await areas.was_change(tx, since, since_mark)
        changed = await stop_store.list_changes(tx, since) if number != since else []
        guide = await deps.guides.read(tx)
        erased = await photo_store.last_erasure(tx)
    return Changes(number, changed, guide.published_locales(), mark, known, erased)


@dataclass(frozen=True)
class Label:
    """A drawn QR code. module_count: modules on a side without the quiet zone."""

    image: bytes
    media_type: str
    url: str
    stop_code: str
    module_count: int


async def render_label(
    deps: Deps, area: str, typed_code: str, base_url: str, *, as_png: bool, module_px: int
) -> Label:
    """Draws the label of a stop. Errors: as read_stop; NoPublicAddress, InvalidFields."""
    async with deps.db.read(area) as tx:
        guide = await deps.guides.read(tx)
    stop = find_stop(guide, typed_code)
    base = base_url or guide.settings.public_url
    if not base:
        raise NoPublicAddress
    url = label_url(base, stop.stop_code)
    matrix = qr_label.matrix(url)
    image = qr_label.png(matrix, module_px) if as_png else qr_label.svg(matrix, stop.stop_code)
    media_type = "image/png" if as_png else "image/svg+xml"
    count = len(matrix) - 2 * qr_label.QUIET_ZONE
    return Label(image, media_type, url, stop.stop_code, count)


def _match(guide: Guide, accept_language: str, chosen_locale: str) -> Match:
    return negotiate(accept_language, guide.published_locales(), chosen_locale)
