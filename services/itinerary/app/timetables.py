"""Lines that the staff keeps by hand, and what is listed of all timetables.

Changes of an area's timetables wait for one another: the stops of all its lines must agree.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from kit.db import Transaction
from kit.pure.errors import InvalidFields, NotFound, Refusal, VersionConflict
from kit.requests import RequestKey, once
from services.itinerary.app.deps import Deps
from services.itinerary.domain.events import TimetableChanged
from services.itinerary.domain.told_plans import ToldPlans, told_plans
from services.itinerary.domain.transit.faults import Fault, refuse
from services.itinerary.domain.transit.kept import (
    Facts,
    Summary,
    TimetableKind,
    differing_stops,
    facts_of_line,
    place_ids,
    sharing,
    with_stops_of,
)
from services.itinerary.domain.transit.line import Confirmation, KeptLine, with_confirmation
from services.itinerary.domain.transit.line_check import check_confirmation, check_line
from services.itinerary.store import areas, itineraries, live
from services.itinerary.store import timetables as store

MOST_TIMETABLES = 300
DEFAULT_PAGE, MAX_PAGE = 200, 1_000
CHANGED = "Somebody else changed this timetable meanwhile. Open it again."


class TimetablesFull(Refusal):
    """An area has as many timetables as it can have."""


class OtherKind(Refusal):
    """A line is not imported, a feed is not typed: the id belongs to the other kind."""


async def list_timetables(
    deps: Deps, area: str, page_size: int, after: str
) -> tuple[list[Summary], str]:
    """Returns a page of timetables by id, and the id to go on after ("" on the last page).

    Errors: InvalidFields.
    """
    size = page_size or DEFAULT_PAGE
    if not 0 < size <= MAX_PAGE:
        raise InvalidFields([("page_size", f"0 to {MAX_PAGE}")])
    async with deps.db.read(area) as tx:
        found = await store.list_facts(tx, after, size + 1)
        page = dict(list(found.items())[:size])
        listed = await _summaries(deps, tx, page)
    return listed, listed[-1].timetable_id if len(found) > size else ""


async def get_line(deps: Deps, area: str, timetable_id: str) -> tuple[KeptLine, int]:
    """Returns a line by hand with its version. Errors: NotFound."""
    async with deps.db.read(area) as tx:
        return await _line(tx, timetable_id)


async def save_line(
    deps: Deps, key: RequestKey, area: str, line: KeptLine, expected_version: int,
    *, update_shared_stops: bool = False, dry_run: bool = False,
) -> Summary:  # fmt: skip
    """Keeps a line as a whole. One that is kept already changes nothing, whatever version.

    update_shared_stops: what it says of its stops holds on other lines too from now on; otherwise
    lines that differ are refused. Errors: Faulty, VersionConflict, TimetablesFull, OtherKind.
    """
    refuse(check_line(line, _latest_today(deps.clock.now())))
    line = line.tidied
    async with deps.db.transaction(area) as tx:

        async def save() -> Summary:
            await store.lock(tx, deps.clock.now())
            others = {name: facts for name, (facts, _) in (await store.list_facts(tx)).items()}
            if not update_shared_stops:
                refuse(differing_stops(line, others))
            kept = await _keep_line(deps, tx, line, expected_version, dry_run=dry_run)
            for name in sharing(line, others) if not dry_run else ():
                other, version = await _line(tx, name)
                await _keep_line(deps, tx, with_stops_of(other, line), version)
            return kept

        return await once(tx, key, Summary, save)


async def confirm_runs(
    deps: Deps, key: RequestKey, area: str, timetable_id: str, expected_version: int,
    run_ids: Sequence[str], confirmation: Confirmation | None,
) -> Summary:  # fmt: skip
    """Says who confirmed the times of some runs of a line, or that nobody does any longer.

    run_ids: empty for all. Errors: Faulty, NotFound, VersionConflict.
    """
    if confirmation:
        today = _latest_today(deps.clock.now())
        refuse(check_confirmation("confirmation", confirmation, today))
    async with deps.db.transaction(area) as tx:

        async def confirm() -> Summary:
            await store.lock(tx, deps.clock.now())
            line, _version = await _line(tx, timetable_id)
            known = {run.run_id for run in line.runs}
            refuse([
                Fault(f"run_ids[{index}]", "UNKNOWN_RUN", "the line has no such run")
                for index, run_id in enumerate(run_ids)
                if run_id not in known
            ])  # fmt: skip
            line = with_confirmation(line, run_ids, confirmation)
            return await _keep_line(deps, tx, line, expected_version)

        return await once(tx, key, Summary, confirm)


async def delete_timetable(
    deps: Deps, key: RequestKey, area: str, timetable_id: str, expected_version: int
) -> None:
    """Deletes a line or feed. Errors: NotFound, VersionConflict."""
    async with deps.db.transaction(area) as tx:

        async def delete() -> None:
            now = deps.clock.now()
            await store.lock(tx, now)
            kept = await store.read(tx, timetable_id)
            if kept is None or kept.facts is None:
                raise NotFound("There is no such timetable. Open the list again.")
            if kept.version != expected_version:
                raise VersionConflict(CHANGED)
            await _write(deps, tx, timetable_id, kept.version + 1, kept.facts.kind, None, now)
            await live.delete(tx, timetable_id)

        await once(tx, key, type(None), delete)


async def _keep_line(
    deps: Deps, tx: Transaction, line: KeptLine, expected: int, *, dry_run: bool = False
) -> Summary:
    written = (facts_of_line(line), store.body_of(line))
    return await keep(deps, tx, line.timetable_id, written, expected, dry_run=dry_run)


async def keep(
    deps: Deps, tx: Transaction, timetable_id: str, written: tuple[Facts, bytes],
    expected_version: int | None, *, dry_run: bool = False,
) -> Summary:  # fmt: skip
    """Keeps a timetable under the area's lock; an equal one changes nothing, nor does a dry run.

    written: its facts and body. expected_version: None where the last one counts. Errors:
    VersionConflict, TimetablesFull, OtherKind.
    """
    (facts, body), now = written, deps.clock.now()
    before = await store.read(tx, timetable_id)
    version = before.version if before else 0
    if before is not None and before.facts is not None:
        if before.facts.kind is not facts.kind:
            raise OtherKind(f"{timetable_id} is a {before.facts.kind.value}. Take another id.")
        if before.body == body and before.facts == facts:
            return await summary(deps, tx, timetable_id, facts, version)
    elif len(await store.list_facts(tx)) >= MOST_TIMETABLES:
        raise TimetablesFull(f"At most {MOST_TIMETABLES} timetables. Delete one first.")
    shown = version if before and before.facts else 0
    if expected_version is not None and shown != expected_version:
        raise VersionConflict(CHANGED)
    if dry_run:
        return await summary(deps, tx, timetable_id, facts, shown)
    await _write(deps, tx, timetable_id, version + 1, facts.kind, written, now)
    return await summary(deps, tx, timetable_id, facts, version + 1)


async def _write(
    deps: Deps, tx: Transaction, timetable_id: str, version: int, kind: TimetableKind,
    kept: tuple[Facts, bytes] | None, now: datetime,
) -> None:  # fmt: skip
    await store.write(tx, timetable_id, version, kept, now)
    await store.mark_change(tx, now)
    await deps.outbox.add(
        tx,
        TimetableChanged(
            area=tx.area, aggregate_id=timetable_id, version=version, occur_time=now, kind=kind,
            facts=kept[0] if kept else None,
            riding=(await _riding(tx, timetable_id, now))[0],
        ),
    )  # fmt: skip


async def preview_timetable(deps: Deps, area: str, timetable_id: str) -> ToldPlans:
    """Returns how many kept days of today and later ride a timetable, and how many today."""
    async with deps.db.read(area) as tx:
        return told_plans(*await _riding(tx, timetable_id, deps.clock.now()))


async def _riding(tx: Transaction, timetable_id: str, now: datetime) -> tuple[int, int]:
    return await itineraries.count_riding(tx, timetable_id, await _today(tx, now))


async def riding_today(tx: Transaction, timetable_id: str, now: datetime) -> int:
    """Returns how many kept days of today ride a timetable."""
    return (await _riding(tx, timetable_id, now))[1]


async def _today(tx: Transaction, now: datetime) -> date:
    zone = await areas.read_time_zone(tx)
    return now.astimezone(ZoneInfo(zone) if zone else UTC).date()


async def summary(
    deps: Deps, tx: Transaction, timetable_id: str, facts: Facts, version: int
) -> Summary:
    """Returns what a list tells of one timetable today."""
    [found] = await _summaries(deps, tx, {timetable_id: (facts, version)})
    return found


async def _summaries(
    deps: Deps, tx: Transaction, page: dict[str, tuple[Facts, int]]
) -> list[Summary]:
    today = await _today(tx, deps.clock.now())
    wanted = {place for facts, _ in page.values() for place in place_ids(facts.stops)}
    published = await store.published_places(tx, wanted)
    return [
        Summary(
            timetable_id, facts, version, facts.confirmed_on(today),
            facts.nowhere
            + sum(bool(stop.place_id) and stop.place_id not in published for stop in facts.stops),
        )
        for timetable_id, (facts, version) in page.items()
    ]  # fmt: skip


async def _line(tx: Transaction, timetable_id: str) -> tuple[KeptLine, int]:
    kept = await store.read(tx, timetable_id)
    line = kept.line if kept else None
    if kept is None or line is None:
        raise NotFound("There is no such line. Open the list again.")
    return line, kept.version


def _latest_today(now: datetime) -> date:
    """The date it is where the day begins first: east of UTC it is tomorrow already."""
    return (now.astimezone(UTC) + timedelta(hours=14)).date()
