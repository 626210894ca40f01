"""What editors do: see what is missing, write, publish, go back."""

from dataclasses import dataclass, replace

from kit.pure.errors import InvalidFields
from kit.pure.locale import parse_tag
from kit.requests import RequestKey, once
from services.multilingual.app.deps import Deps, find_stop_row
from services.multilingual.app.publishing import Showing, check_readings, show
from services.multilingual.domain.guide import Guide, Settings, Stop
from services.multilingual.domain.narration import (
    Reading,
    Revision,
    RevisionUnknown,
    Text,
    check,
    check_base,
    check_replaced,
    tidy,
)
from services.multilingual.domain.review import reading_of, tidy_reason
from services.multilingual.domain.translation import (
    SourceChange,
    Standing,
    changes,
)
from services.multilingual.store import areas, reviews
from services.multilingual.store import guide as guide_store
from services.multilingual.store import narrations as store
from services.multilingual.store.narrations import LatestEdit

MAX_REVISIONS_LISTED = 200


@dataclass(frozen=True)
class Cell:
    """How one text stands. edit: its newest revision, None while there is none."""

    locale: str
    standing: Standing
    edit: LatestEdit | None


@dataclass(frozen=True)
class StateTable:
    """All stops by all locales. rows: stop, place in its group from 1, cells."""

    guide: Guide
    locales: tuple[str, ...]
    rows: tuple[tuple[Stop, int, tuple[Cell, ...]], ...]


@dataclass(frozen=True)
class Desk:
    """One text to edit, with its source beside it."""

    stop: Stop
    settings: Settings
    cell: Cell
    latest: Revision | None
    published: Revision | None
    source: Revision | None
    source_changes: tuple[SourceChange, ...]


@dataclass(frozen=True)
class Published:
    """Outcome of a publication."""

    revision: Revision
    stop_revision: int
    change_number: int


async def list_states(deps: Deps, area: str) -> StateTable:
    """Returns the state of every text of the area, missing ones too."""
    async with deps.db.read(area) as tx:
        guide = await guide_store.load(tx, deps.clock.now())
        edits = {(each.stop_code, each.locale): each for each in await store.list_latest_edits(tx)}
    locales = _columns(guide, {locale for _, locale in edits})
    rows = tuple(
        (
            stop,
            [each for each in guide.stops if each.group is stop.group].index(stop) + 1,
            tuple(
                Cell(locale, guide.standing(stop, locale), edits.get((stop.stop_code, locale)))
                for locale in locales
            ),
        )
        for stop in guide.stops
    )
    return StateTable(guide, locales, rows)


async def read_narration(deps: Deps, area: str, typed_code: str, locale: str) -> Desk:
    """Returns one text to edit. Errors: StopCodeMistyped, StopCodeUnknown, InvalidFields."""
    check_locale(locale)
    async with deps.db.read(area) as tx:
        row = await find_stop_row(tx, typed_code)
        guide = await guide_store.load(tx, deps.clock.now())
        stop = guide.stop(row.stop_code) or row
        latest = await store.read_latest(tx, stop.stop_code, locale)
        published = await store.read_published(tx, stop.stop_code, locale)
        source_locale = guide.settings.source_locale
        source = await store.read_published(tx, stop.stop_code, source_locale)
        before = (
            await store.read_revision(tx, stop.stop_code, source_locale, latest.source_revision)
            if latest is not None and source is not None and locale != source_locale
            else None
        )
        edits = {(each.stop_code, each.locale): each for each in await store.list_latest_edits(tx)}
    changed = changes(before.text, source.text) if before and source else ()
    cell = Cell(locale, guide.standing(stop, locale), edits.get((stop.stop_code, locale)))
    return Desk(stop, guide.settings, cell, latest, published, source, changed)


async def save_draft(
    deps: Deps,
    key: RequestKey,
    area: str,
    *,
    stop_code: str,
    locale: str,
    base_revision: int,
    source_revision: int,
    text: Text,
    machine_draft: bool,
    note: str,
) -> Revision:
    """Saves a text as a new revision that visitors do not see yet.

    Errors: RevisionConflict when base_revision is not the newest; RevisionUnknown for a source
    revision that is not there; InvalidFields, StopCodeMistyped, StopCodeUnknown.
    """
    check_locale(locale)
    text = tidy(text)
    check(text, note)
    async with deps.db.transaction(area) as tx:

        async def save() -> Revision:
            stop = await find_stop_row(tx, stop_code)
            source_locale = (await areas.read_settings(tx)).source_locale
            head = await store.lock_head(tx, stop.stop_code, locale)
            check_base(head, base_revision)
            follows = 0 if locale == source_locale else source_revision
            if follows and not await store.read_revision(
                tx, stop.stop_code, source_locale, follows
            ):
                raise RevisionUnknown(f"The source has no revision {follows}.")
            revision = Revision(
                head.latest_revision + 1, base_revision, follows, text, machine_draft,
                key.principal, note, deps.clock.now(),
            )  # fmt: skip
            await store.add_revisions(tx, [(stop.stop_code, locale, revision)])
            return revision

        return await once(tx, key, Revision, save)


async def publish_narration(
    deps: Deps,
    key: RequestKey,
    area: str,
    *,
    stop_code: str,
    locale: str,
    revision: int,
    replaced_revision: int,
    reviewed: bool,
    reviews_others: bool = False,
    reason: str = "",
) -> Published:
    """Shows a revision to visitors, also an earlier one: that is the undo.

    reviews_others: the publisher is a reviewer. reason: why nobody else reads it. Errors:
    RevisionUnknown, RevisionConflict when visitors see another revision than the editor thinks;
    SecondReaderNeeded, ReadingMissing, StopCodeMistyped, StopCodeUnknown, InvalidFields.
    """
    check_locale(locale)
    why = tidy_reason(reason)
    async with deps.db.transaction(area) as tx:

        async def publish() -> Published:
            stop = await find_stop_row(tx, stop_code)
            head = await store.lock_head(tx, stop.stop_code, locale)
            shown = await store.read_revision(tx, stop.stop_code, locale, revision)
            if shown is None:
                raise RevisionUnknown(f"There is no revision {revision} of this text.")
            check_replaced(head, replaced_revision)
            # What visitors have seen before may come back at once, as it was read then.
            before = shown.reading
            reading = before or reading_of(
                await reviews.read_policy(tx, locale), author=shown.author,
                publisher=key.principal, reviews=reviewed and reviews_others, reason=why,
            )  # fmt: skip
            await check_readings(tx, locale, shown.text)
            now = deps.clock.now()
            told = shown.reason if before else why if reading is Reading.ALONE else ""
            showing = Showing(stop.stop_code, locale, revision, reading, told)
            number, revisions = await show(
                deps, tx, [showing], reviewed=reviewed, publisher=key.principal, now=now
            )
            after = replace(
                shown, published=True, publish_time=now, publisher=key.principal,
                machine_draft=shown.machine_draft and not reviewed, reading=reading, reason=told,
            )  # fmt: skip
            return Published(after, revisions[stop.stop_code], number)

        return await once(tx, key, Published, publish)


async def list_revisions(deps: Deps, area: str, typed_code: str, locale: str) -> list[Revision]:
    """Returns the revisions of a text, newest first. Errors: as read_narration."""
    check_locale(locale)
    async with deps.db.read(area) as tx:
        stop = await find_stop_row(tx, typed_code)
        return await store.list_revisions(tx, stop.stop_code, locale, MAX_REVISIONS_LISTED)


def _columns(guide: Guide, written: set[str]) -> tuple[str, ...]:
    known = guide.settings.locales
    return (*known, *sorted(written - set(known)))


def check_locale(locale: str) -> None:
    """Errors: InvalidFields for what is no tag, or not written as we write it."""
    tag = parse_tag(locale)
    if tag is None or tag.text() != locale:
        raise InvalidFields([("locale", "give a BCP 47 tag such as zh-Hant")])
