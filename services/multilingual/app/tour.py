"""Arranging the tour: adding, moving, placing, retiring stops and bringing them back.

Each takes the area's change number first: whoever else arranges waits, and reads what was done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kit.db import Transaction
from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.multilingual.app.deps import Deps
from services.multilingual.domain import sign, tour
from services.multilingual.domain import stop_code as codes
from services.multilingual.domain.events import TourChanged
from services.multilingual.domain.guide import MAX_STOPS, Group, Section, Settings, Stop
from services.multilingual.domain.narration import Revision, Text, check, tidy
from services.multilingual.domain.tour import Act, RetireReason, Step
from services.multilingual.store import areas, narrations, signs
from services.multilingual.store import guide as guide_store
from services.multilingual.store import stops as stop_store
from services.multilingual.store import tour as store

MAX_CODE_ATTEMPTS = 50


@dataclass(frozen=True)
class Arranged:
    """A stop as it is arranged. name: the newest in the source language. leads_to: where the code
    of a retired one leads, "" for the list of all."""

    stop: Stop
    name: str
    published: bool
    leads_to: str = ""


@dataclass(frozen=True)
class Tour:
    """Everything that can be arranged."""

    settings: Settings
    sections: tuple[Section, ...]
    stops: tuple[Arranged, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of a stop. before: as it was; followed: the stop it stood behind, "" for none."""

    arranged: Arranged
    before: Arranged
    followed: str
    change_number: int


@dataclass(frozen=True)
class Touched:
    """What retiring a stop would touch."""

    arranged: Arranged
    sheet_hangs: bool
    sheet_printed: bool
    renumbered: tuple[str, ...]
    previous: str
    next: str
    recorded: tuple[str, ...]
    drafts: tuple[str, ...]
    forwarded: tuple[str, ...]
    published: tuple[str, ...]


@dataclass(frozen=True)
class NewStop:
    """What a stop is added from. after: the stop it follows, "" for the front."""

    place_id: str
    group: Group
    kind: str
    section_id: str
    after: str
    route_m: int | None
    name: str
    reading: str


async def read_tour(deps: Deps, area: str) -> Tour:
    """Returns all stops, retired ones last and newest first, and what was done lately."""
    async with deps.db.read(area) as tx:
        guide = await guide_store.load(tx, deps.clock.now())
        names = await store.list_names(tx, guide.settings.source_locale)
        steps = await store.list_steps(tx)
    leads = guide.leads()
    gone = sorted(guide.retired, key=_retire_time, reverse=True)
    found = [_arranged(each, names, leads) for each in (*guide.stops, *gone)]
    return Tour(guide.settings, tuple(guide.sections.values()), tuple(found), tuple(steps))


async def add_stop(deps: Deps, key: RequestKey, area: str, new: NewStop) -> Outcome:
    """Adds a stop with a name as its first draft.

    Errors: InvalidFields, StopCodeMistyped, StopCodeUnknown, TourFull, PlaceTaken.
    """
    tour.check_place(new.place_id)
    text = tidy(Text(new.name, new.reading, ()))
    check(text)
    after = codes.read(new.after) if new.after else ""
    async with deps.db.transaction(area) as tx:

        async def add() -> Outcome:
            number, now = await areas.next_change_number(tx), deps.clock.now()
            known = await stop_store.list_all(tx)
            _check_room(known, new.place_id)
            await _check_placing(tx, new.kind, new.section_id, new.route_m)
            order = tour.moved(_group_codes(known, new.group), "", after)  # "" stands for the new
            stop = await _insert(tx, new, order.index("") + 1)
            order[order.index("")] = stop.stop_code
            await store.order(tx, order)
            locale = (await areas.read_settings(tx)).source_locale
            first = Revision(1, 0, 0, text, machine_draft=False, author=key.principal, note="",
                             create_time=now)  # fmt: skip
            await narrations.add_revisions(tx, [(stop.stop_code, locale, first)])
            return await _say(deps, tx, key, stop, Act.ADDED, number, now)

        return await once(tx, key, Outcome, add)


async def move_stop(deps: Deps, key: RequestKey, area: str, code: str, after: str) -> Outcome:
    """Moves a stop behind another one of its group. Errors: InvalidFields, StopCodeUnknown …"""
    code, after = codes.read(code), codes.read(after) if after else ""
    async with deps.db.transaction(area) as tx:

        async def move() -> Outcome:
            number = await areas.next_change_number(tx)
            stop, known = await _live(tx, code)
            order = _group_codes(known, stop.group)
            at = order.index(code)
            followed = order[at - 1] if at else ""
            await store.order(tx, tour.moved(order, code, after))
            return await _say(
                deps, tx, key, stop, Act.MOVED, number, deps.clock.now(), followed=followed
            )

        return await once(tx, key, Outcome, move)


async def place_stop(
    deps: Deps, key: RequestKey, area: str, code: str, kind: str, section_id: str,
    route_m: int | None,
) -> Outcome:  # fmt: skip
    """Says what a stop is and where it lies. Errors: InvalidFields, StopCodeUnknown …"""
    code = codes.read(code)
    async with deps.db.transaction(area) as tx:

        async def place() -> Outcome:
            number = await areas.next_change_number(tx)
            stop, _ = await _live(tx, code)
            await _check_placing(tx, kind, section_id, route_m)
            await store.place(tx, code, kind, section_id, route_m)
            return await _say(deps, tx, key, stop, Act.PLACED, number, deps.clock.now())

        return await once(tx, key, Outcome, place)


async def preview_retirement(deps: Deps, area: str, code: str) -> Touched:
    """Tells what retiring a stop would touch. Errors: StopCodeMistyped, StopCodeUnknown."""
    code = codes.read(code)
    async with deps.db.read(area) as tx:
        stop, _ = await _live(tx, code)
        guide = await guide_store.load(tx, deps.clock.now())
        newest = await signs.list_newest(tx, hung=False)
        hung = await signs.list_newest(tx, hung=True)
        drafts = await store.list_drafts(tx, code)
        names = await store.list_names(tx, guide.settings.source_locale)
    stop = guide.stop(code) or stop
    without = replace(guide, stops=tuple(each for each in guide.stops if each.stop_code != code))
    before, after = guide.neighbors(stop)
    renumbered = [
        each.stop_code for each in without.stops
        if each.stop_code in newest
        and sign.front(guide, each).number != sign.front(without, each).number
    ]  # fmt: skip
    return Touched(
        _arranged(stop, names, {}), code in hung, code in newest, tuple(renumbered),
        before.stop_code if before else "", after.stop_code if after else "",
        tuple(sorted(each for each, made in stop.recordings.items() if made)), tuple(drafts),
        tuple(sorted(old for old, leads_to in guide.leads().items() if leads_to == code)),
        tuple(sorted(stop.shown)),
    )  # fmt: skip


async def retire_stop(
    deps: Deps, key: RequestKey, area: str, code: str, target: str, reason: RetireReason
) -> Outcome:
    """Takes a stop out of the guide. Errors: StopRetired, LastStop, InvalidFields …"""
    code, target = codes.read(code), codes.read(target) if target else ""
    async with deps.db.transaction(area) as tx:

        async def retire() -> Outcome:
            number, now = await areas.next_change_number(tx), deps.clock.now()
            stop, _ = await _live(tx, code)
            guide = await guide_store.load(tx, now)
            others = {each.stop_code for each in guide.stops if each.shown} - {code}
            if not others:
                raise tour.LastStop("Visitors would have no stop left. Publish another one first.")
            if target and target not in others:
                raise InvalidFields([("target_stop_code", "give another stop that visitors see")])
            await store.retire(tx, code, target, reason, now)
            return await _say(
                deps, tx, key, stop, Act.RETIRED, number, now, target=target
            )  # fmt: skip

        return await once(tx, key, Outcome, retire)


async def bring_back_stop(deps: Deps, key: RequestKey, area: str, code: str) -> Outcome:
    """Puts a retired stop back at the place it had. Errors: StopNotRetired, StopCodeUnknown …"""
    code = codes.read(code)
    async with deps.db.transaction(area) as tx:

        async def bring_back() -> Outcome:
            number = await areas.next_change_number(tx)
            stop = await stop_store.read_stop(tx, code)
            if stop is None:
                raise codes.StopCodeUnknown(f"No stop here has the code {code}.")
            if stop.retired is None:
                raise tour.StopNotRetired("The stop is in the guide already.")
            known = await stop_store.list_all(tx)
            order = tour.brought_back(_group_codes(known, stop.group), code, stop.position)
            await store.bring_back(tx, code)
            await store.order(tx, order)
            return await _say(deps, tx, key, stop, Act.BROUGHT_BACK, number, deps.clock.now())

        return await once(tx, key, Outcome, bring_back)


async def _say(
    deps: Deps, tx: Transaction, key: RequestKey, before: Stop, act: Act, number: int,
    now: datetime, *, target: str = "", followed: str = "",
) -> Outcome:  # fmt: skip
    """Notes what was done, marks the pages that changed and says so."""
    known = await stop_store.list_all(tx)
    touched = sorted({*_group_codes(known, before.group), before.stop_code})
    await stop_store.mark_changed(tx, touched, number)
    await store.add_step(tx, Step(before.stop_code, act, key.principal, now, number))
    await deps.outbox.add(
        tx,
        TourChanged(
            area=tx.area, aggregate_id=before.stop_code, version=number, occur_time=now,
            place_id=before.place_id, act=act, target_stop_code=target,
            stop_codes=tuple(touched), change_number=number,
        ),
    )  # fmt: skip
    guide = await guide_store.load(tx, now)
    names = await store.list_names(tx, guide.settings.source_locale)
    after = next(
        each for each in (*guide.stops, *guide.retired) if each.stop_code == before.stop_code
    )
    return Outcome(
        _arranged(after, names, guide.leads()), _arranged(before, names, {}), followed, number
    )


def _arranged(stop: Stop, names: Mapping[str, str], leads: Mapping[str, str]) -> Arranged:
    code = stop.stop_code
    # Without what visitors read: answers are kept for repeats.
    bare = replace(stop, shown={}, recordings={})
    return Arranged(bare, names.get(code, ""), bool(stop.shown), leads.get(code, ""))


def _retire_time(stop: Stop) -> datetime:
    assert stop.retired is not None  # noqa: S101 - of guide.retired alone
    return stop.retired.retire_time


def _group_codes(stops: Sequence[Stop], group: Group) -> list[str]:
    return [each.stop_code for each in stops if each.group is group and each.retired is None]


async def _live(tx: Transaction, code: str) -> tuple[Stop, list[Stop]]:
    """Returns a stop of the tour and all there are. Errors: StopCodeUnknown, StopRetired."""
    known = await stop_store.list_all(tx)
    stop = next((each for each in known if each.stop_code == code), None)
    if stop is None:
        raise codes.StopCodeUnknown(f"No stop here has the code {code}.")
    if stop.retired is not None:
        raise tour.StopRetired("The stop is retired. Bring it back first.")
    return stop, known


def _check_room(known: Sequence[Stop], place_id: str) -> None:
    if sum(each.retired is None for each in known) >= MAX_STOPS:
        raise tour.TourFull(f"An area has at most {MAX_STOPS} stops.")
    if any(each.place_id == place_id for each in known):
        raise tour.PlaceTaken("This place has a stop already.")


async def _check_placing(tx: Transaction, kind: str, section_id: str, route_m: int | None) -> None:
    tour.check_placing(kind, section_id, route_m, await stop_store.list_sections(tx))


async def _insert(tx: Transaction, new: NewStop, position: int) -> Stop:
    for attempt in range(MAX_CODE_ATTEMPTS):
        stop = Stop(
            codes.make(tx.area, new.place_id, attempt), new.place_id, new.group, new.kind,
            new.section_id, position, new.route_m, (), (),
        )  # fmt: skip
        if await stop_store.add_stop(tx, stop):
            return stop
    raise RuntimeError("no free stop code was found")
