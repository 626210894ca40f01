"""Imports: a file becomes a draft, a draft is looked at, and what was looked at is kept."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import msgspec

from kit.db import ALL_AREAS, Transaction
from kit.forever import forever
from kit.ids import is_id, new_id
from kit.pure.errors import InvalidFields, NotFound, Refusal, VersionConflict
from kit.requests import RequestKey, once
from services.insights.app.deps import Deps
from services.insights.app.import_views import View, view_of
from services.insights.domain.imported.sheet import MOST_NAME, Mapping, shape_of
from services.insights.domain.imported.weather_days import worth_keeping
from services.insights.domain.lines import is_line
from services.insights.domain.weather import WeatherDay
from services.insights.gateways.imports_reader import Reply
from services.insights.store import areas, imported
from services.insights.store import import_drafts as drafts
from services.insights.store.imported import Import, Month, Station

MOST_FILE_NAME, MOST_NOTE, MOST_SIGNED = 200, 200, 80
MOST_IMPORTS = 5_000
FORGET_EVERY_S = 3_600
GONE = "This draft is gone: it was kept, thrown away or is older than a day. Send the file again."


class RowsRejected(Refusal):
    """Some rows cannot be used; say that they may be left out, or correct them."""


class NothingNew(Refusal):
    """Everything in the file is kept already, as it is."""


class ImportsFull(Refusal):
    """There are too many imports."""


@dataclass(frozen=True)
class Keeping:
    """What a person decides of a draft. version: of what is kept, as it was looked at."""

    draft_id: str
    version: int
    mapping: Mapping | None
    mapping_name: str
    source_note: str
    signed_as: str
    leave_out: bool


class Kept(msgspec.Struct, frozen=True):
    """What was kept."""

    number: int
    count: int


@dataclass(frozen=True)
class Listed:
    """All that was imported. weather_dates: of the first station."""

    imports: list[Import]
    stations: list[Station]
    weather_dates: list[date]
    months: list[Month]
    mappings: list[tuple[str, datetime]]
    demo: bool
    drafts: list[drafts.Waiting]


async def start(deps: Deps, key: RequestKey, area: str, content: bytes, file_name: str) -> str:
    """Reads a file into a draft and returns its id. Errors: InvalidFields, FileUnusable,
    ImportsBusy."""
    file_name = file_name.strip() or "?"
    if not is_line(file_name, MOST_FILE_NAME):
        raise InvalidFields(
            [("file_name", f"give one line of at most {MOST_FILE_NAME} characters")]
        )
    async with deps.db.read(area) as tx:
        today = await _today(deps, tx)
    reply = await deps.imports.read(content, today)
    body = msgspec.msgpack.encode(reply)
    digest = hashlib.sha256(content).hexdigest()
    async with deps.db.transaction(area) as tx:

        async def keep() -> str:
            await imported.lock(tx)
            made = drafts.Draft(new_id(), file_name, deps.clock.now(), digest, body)
            await drafts.add(tx, made)
            return made.draft_id

        return await once(tx, key, str, keep)


async def look(
    deps: Deps, area: str, draft_id: str, mapping: Mapping | None, mapping_name: str
) -> View:
    """Returns what a draft would become. Errors: NotFound."""
    async with deps.db.read(area) as tx:
        draft, reply = await _draft(deps, tx, draft_id)
        return await view_of(tx, draft, reply, await _today(deps, tx), mapping, mapping_name)


async def keep(deps: Deps, key: RequestKey, area: str, asked: Keeping) -> Kept:
    """Keeps what a draft holds. Errors: NotFound, InvalidFields, VersionConflict, RowsRejected,
    NothingNew, ImportsFull."""
    asked = replace(
        asked, mapping_name=asked.mapping_name.strip(), source_note=asked.source_note.strip(),
        signed_as=asked.signed_as.strip(),
    )  # fmt: skip
    async with deps.db.transaction(area) as tx:

        async def do() -> Kept:
            await imported.lock(tx)
            return await _keep(deps, tx, key.principal, asked)

        return await once(tx, key, Kept, do)


async def drop(deps: Deps, key: RequestKey, area: str, draft_id: str) -> None:
    """Throws a draft away."""
    async with deps.db.transaction(area) as tx:

        async def do() -> int:
            await drafts.drop(tx, draft_id)
            return 0

        await once(tx, key, int, do)


async def undo(deps: Deps, key: RequestKey, area: str, number: int, signed_as: str) -> None:
    """Takes an import back. Errors: NotFound, InvalidFields."""
    signed_as = signed_as.strip()
    if not signed_as or not is_line(signed_as, MOST_SIGNED):
        raise InvalidFields([("signed_as", "give the name of who takes it back")])
    async with deps.db.transaction(area) as tx:

        async def do() -> int:
            await imported.lock(tx)
            found = await imported.one(tx, number)
            if found is None:
                raise NotFound("There is no such import.")
            if found.undone_time is None:
                await imported.undo(tx, number, signed_as, deps.clock.now())
            return 0

        await once(tx, key, int, do)


async def list_all(deps: Deps, area: str) -> Listed:
    """Returns what was imported, and which days and months are there."""
    async with deps.db.read(area) as tx:
        known = await imported.stations(tx)
        days = await imported.weather_by_date(tx, known[0].first, known[0].last) if known else {}
        return Listed(
            await imported.imports(tx), known, sorted(days), await imported.months_of(tx),
            await drafts.mappings(tx), (await areas.read(tx)).demo,
            await drafts.waiting(tx, deps.clock.now()),
        )  # fmt: skip


async def forget_old(deps: Deps) -> int:
    """Throws drafts away that are older than a day, in all areas; returns how many."""
    async with deps.db.transaction(ALL_AREAS) as tx:
        return await drafts.forget_old(tx, deps.clock.now())


async def keep_forgetting(deps: Deps) -> None:
    """Throws old drafts away, each hour, until canceled."""
    await forever("imports", lambda: forget_old(deps), FORGET_EVERY_S)


async def _keep(deps: Deps, tx: Transaction, principal: str, asked: Keeping) -> Kept:
    draft, reply = await _draft(deps, tx, asked.draft_id)
    view = await view_of(tx, draft, reply, await _today(deps, tx), asked.mapping, "")
    _check(asked, view)
    if view.version != asked.version:
        raise VersionConflict("Somebody else imported something meanwhile. Look at it again.")
    if view.rejected_count and not asked.leave_out:
        raise RowsRejected("Some rows cannot be used. Say that they may be left out.")
    if view.version >= MOST_IMPORTS:
        raise ImportsFull(f"At most {MOST_IMPORTS:,} imports are kept.")
    now = deps.clock.now()
    if view.weather is not None:
        values = worth_keeping(view.weather.kept, view.weather.values)
        dates = [on for _, on, _ in values]
        count = len(values)
    else:
        figures = [*view.sorted["new"], *view.sorted["other"]]
        dates = [each.month for each in figures]
        count = len(figures)
    if not count:
        raise NothingNew("Everything in this file is kept already.")
    number = await imported.add(
        tx,
        Import(
            0, view.weather is not None, draft.file_name, draft.sha256, asked.source_note,
            asked.signed_as, count, view.rejected_count, min(dates), max(dates), now,
        ),
        principal,
    )  # fmt: skip
    if view.weather is not None:
        await imported.add_weather(tx, number, values, now)
    else:
        await imported.add_months(tx, number, figures, now)
        if asked.mapping_name and view.sheet:
            shape = shape_of(view.sheet.grid)
            await drafts.remember(tx, asked.mapping_name, shape, view.sheet.mapping, now)
    await drafts.drop(tx, draft.draft_id)
    return Kept(number, count)


def _check(asked: Keeping, view: View) -> None:
    wrong = list(view.sheet.wrong) if view.sheet else []
    if not asked.signed_as or not is_line(asked.signed_as, MOST_SIGNED):
        wrong.append(("signed_as", "give the name of who keeps it"))
    if (view.sheet and not asked.source_note) or not is_line(asked.source_note, MOST_NOTE):
        wrong.append(("source_note", f"say where it is from, in {MOST_NOTE} characters"))
    if not is_line(asked.mapping_name, MOST_NAME):
        wrong.append(("mapping_name", f"give one line of at most {MOST_NAME} characters"))
    if wrong:
        raise InvalidFields(wrong)


async def _draft(deps: Deps, tx: Transaction, draft_id: str) -> tuple[drafts.Draft, Reply]:
    found = await drafts.read(tx, draft_id, deps.clock.now()) if is_id(draft_id) else None
    if found is None:
        raise NotFound(GONE)
    return found, msgspec.msgpack.decode(found.body, type=Reply)


async def _today(deps: Deps, tx: Transaction) -> date:
    return deps.clock.now().astimezone((await areas.read(tx)).zone).date()


async def read_weather(
    deps: Deps, area: str, from_text: str, until_text: str, station: str
) -> tuple[str, list[Station], list[WeatherDay]]:
    """Returns the station, all stations and its days. Errors: InvalidFields."""
    async with deps.db.read(area) as tx:
        known = await imported.stations(tx)
        chosen = next((each for each in known if each.name == station), known[0] if known else None)
        if chosen is None:
            return "", [], []
        last = _date(until_text, "until_date") or chosen.last
        first = _date(from_text, "from_date") or max(chosen.first, last - timedelta(days=365))
        if not 0 <= (last - first).days < 12_000:
            raise InvalidFields([("until_date", "give at most 12,000 days")])
        days = await imported.weather_by_date(tx, first, last, chosen.name)
        return chosen.name, known, [days[on] for on in sorted(days)]


async def read_months(deps: Deps, area: str) -> list[Month]:
    """Returns all figures of months."""
    async with deps.db.read(area) as tx:
        return await imported.months_of(tx)


def _date(text: str, name: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidFields([(name, "give a date as 2026-05-01")]) from error
