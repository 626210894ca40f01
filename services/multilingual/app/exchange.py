"""Texts out to translators, and home again as drafts: all of a file or nothing of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import langcodes

from kit.db import Transaction
from kit.pure.errors import InvalidFields
from kit.pure.locale import parse_tag
from kit.requests import RequestKey, once
from services.multilingual.app.deps import Deps
from services.multilingual.domain import stop_code as codes
from services.multilingual.domain.exchange import (
    MAX_CODE_CHARS,
    Fault,
    FileDamaged,
    Kind,
    Problem,
    Sheet,
    Unit,
    is_finished,
    units,
)
from services.multilingual.domain.exchange_plan import Doubt, Plan, Side, plan
from services.multilingual.domain.guide import Guide, Settings
from services.multilingual.domain.narration import MAX_NOTE_CHARS, Head, Revision, check
from services.multilingual.gateways import translation_files as files
from services.multilingual.store import areas
from services.multilingual.store import guide as guide_store
from services.multilingual.store import narrations as store
from services.multilingual.store.stops import list_all


@dataclass(frozen=True)
class Exported:
    """A file to send to a translator."""

    content: bytes
    media_type: str
    file_name: str
    texts: int
    units: int


@dataclass(frozen=True)
class ImportedText:
    """A text the file changes. revision: of the draft, 0 in a preview. parts: what changed."""

    stop_code: str
    revision: int
    parts: tuple[str, ...]
    read: bool
    source_newer: bool


@dataclass(frozen=True)
class Imported:
    """What a file did, or would do. left_out: stops that somebody changed since it was made.
    retired: stops that are in the tour no longer; what the file says of them is skipped."""

    locale: str
    texts: tuple[ImportedText, ...]
    unchanged: int
    left_out: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    retired: tuple[str, ...] = ()


async def export_texts(
    deps: Deps, area: str, locale: str, form: str, typed_codes: Sequence[str], *, unfinished: bool
) -> Exported:
    """Writes the texts of a language into a file.

    form: one of translation_files.FORMATS. typed_codes: none for all stops. unfinished: only what
    needs a translator. Errors: InvalidFields, StopCodeMistyped, FileTooLarge.
    """
    wanted = {codes.read(each) for each in typed_codes}
    async with deps.db.read(area) as tx:
        guide = await guide_store.load(tx, deps.clock.now())
        _check_locale(guide.settings, locale)
        found: list[Unit] = []
        texts = 0
        for of_stop, latest in await _units(tx, guide, locale, wanted):
            if unfinished and is_finished(of_stop, latest):
                continue
            texts += 1
            found += of_stop
    sheet = Sheet(guide.settings.source_locale, locale, tuple(found))
    content = await deps.files.run(partial(files.write, form, sheet))
    kind = files.FORMATS[form]
    name = f"{area}-{locale}{kind.suffix}"
    return Exported(content, kind.media_type, name, texts, len(found))


async def import_texts(
    deps: Deps,
    key: RequestKey,
    area: str,
    locale: str,
    content: bytes,
    *,
    file_name: str,
    read: bool,
    leave_changed: bool,
) -> Imported:
    """Saves what is new in a file as drafts.

    read: a person answers for all of it. leave_changed: leaves out stops that somebody changed
    since the file was made, instead of refusing the file. Errors: FileDamaged, FilesBusy,
    InvalidFields.
    """
    sheet = await deps.reader.read(content, read=read)
    async with deps.db.transaction(area) as tx:

        async def save() -> Imported:
            planned, retired = await _plan(
                tx, sheet, locale, leave_changed=leave_changed, lock=True
            )
            now = deps.clock.now()
            await store.add_revisions(tx, [
                (each.stop_code, locale, Revision(
                    each.base_revision + 1, each.base_revision, each.source_revision, each.text,
                    not each.read, key.principal, file_name[:MAX_NOTE_CHARS], now,
                ))
                for each in planned.drafts
            ])  # fmt: skip
            return _told(planned, locale, retired, saved=True)

        return await once(tx, key, Imported, save)


async def preview_import(
    deps: Deps, area: str, locale: str, content: bytes, *, read: bool, leave_changed: bool
) -> Imported:
    """Returns what import_texts would do now; keeps nothing. Errors: as import_texts."""
    sheet = await deps.reader.read(content, read=read)
    async with deps.db.read(area) as tx:
        planned, retired = await _plan(tx, sheet, locale, leave_changed=leave_changed, lock=False)
    return _told(planned, locale, retired, saved=False)


async def _units(
    tx: Transaction, guide: Guide, locale: str, wanted: set[str]
) -> list[tuple[list[Unit], Revision | None]]:
    found = []
    for stop in guide.stops:
        source = stop.shown.get(guide.settings.source_locale)
        if source is None or (wanted and stop.stop_code not in wanted):
            continue
        number = [each for each in guide.stops if each.group is stop.group].index(stop) + 1
        latest = await store.read_latest(tx, stop.stop_code, locale)
        found.append((units(stop.stop_code, number, source, latest), latest))
    return found


async def _plan(
    tx: Transaction, sheet: Sheet, locale: str, *, leave_changed: bool, lock: bool
) -> tuple[Plan, tuple[str, ...]]:
    """Returns what a file changes, and the retired stops it tells of: a file is out for weeks, and
    one stop that goes meanwhile must not cost the others."""
    settings = await areas.read_settings(tx)
    _check_languages(sheet, settings, locale)
    # lock_head makes the row of a text nobody has written yet: only of stops there are.
    stops = await list_all(tx)
    known = {stop.stop_code for stop in stops if stop.retired is None}
    gone = {stop.stop_code for stop in stops} - known
    retired = tuple(sorted({each.stop_code for each in sheet.units} & gone))
    left = tuple(each for each in sheet.units if each.stop_code not in gone)
    sheet = replace(sheet, units=left)
    made_from = {each.stop_code: each.source_revision for each in sheet.units}
    sides: dict[str, Side] = {}
    for code in sorted(known & set(made_from)):  # in one order, so that two files never block
        if lock:
            head = await store.lock_head(tx, code, locale)
        latest = await store.read_latest(tx, code, locale)
        if not lock:
            head = Head(latest.revision if latest else 0)
        source = await store.read_revision(tx, code, settings.source_locale, made_from[code])
        now = await store.read_published(tx, code, settings.source_locale)
        sides[code] = Side(head, latest, source, now.revision if now else 0)
    # Thousands of texts take a second, in which visitors read their guide.
    planned = await asyncio.to_thread(plan, sheet, sides, leave_changed=leave_changed)
    for each in planned.drafts:
        check(each.text)
    return planned, retired


def _check_locale(settings: Settings, locale: str) -> None:
    if locale == settings.source_locale:
        raise InvalidFields([("locale", "choose a language that is translated, not the source")])
    if locale not in settings.locales:
        raise InvalidFields([("locale", "the area has no such language")])


def _check_languages(sheet: Sheet, settings: Settings, locale: str) -> None:
    """Errors: FileDamaged for a file of other languages; zh_TW is as good as zh-Hant."""
    _check_locale(settings, locale)
    if sheet.source_locale and _script(sheet.source_locale) != _script(settings.source_locale):
        problem = Problem(1, Kind.SOURCE_LANGUAGE, f"{sheet.source_locale[:40]}")
        raise FileDamaged([problem])
    if _script(sheet.locale) != _script(locale):
        fault = None if sheet.locale else Fault.NO_LANGUAGE
        raise FileDamaged([Problem(1, Kind.TARGET_LANGUAGE, sheet.locale[:40], fault)])


def _script(locale: str) -> tuple[str, str]:
    """Returns language and script, the likely one where it is not said; blank for no language."""
    if len(locale) > MAX_CODE_CHARS or parse_tag(locale) is None:
        return "", ""
    likely = langcodes.Language.get(locale).maximize()
    return likely.language or "", likely.script or ""


def _told(planned: Plan, locale: str, retired: tuple[str, ...], *, saved: bool) -> Imported:
    texts = tuple(
        ImportedText(
            each.stop_code, each.base_revision + 1 if saved else 0, each.parts, each.read,
            each.source_newer,
        )
        for each in planned.drafts
    )  # fmt: skip
    return Imported(locale, texts, planned.unchanged, planned.left_out, planned.doubts, retired)
