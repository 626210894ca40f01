"""The asked list: reading it, marking matters, counting codes that lead nowhere."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kit.ids import new_id
from kit.pure.errors import InvalidFields
from kit.pure.languages import LOCALES
from kit.requests import RequestKey, once
from services.multilingual.app.deps import Deps
from services.multilingual.domain import asked, stray
from services.multilingual.domain import stop_code as codes
from services.multilingual.domain.asked import Item, Kind, Mark, Matter, Outcome, Wished
from services.multilingual.domain.guide import Guide
from services.multilingual.domain.narration import tidy_words
from services.multilingual.domain.scan import OTHER_ASKED
from services.multilingual.domain.stray import MISTYPED, Met
from services.multilingual.domain.translation import State
from services.multilingual.store import asked as store
from services.multilingual.store import strays


@dataclass(frozen=True)
class Unliked:
    """A text that few like, as the caller was told. percent: who do not like it, about.

    since: ratings heard from here on were looked at; None for all.
    """

    stop_code: str
    locale: str
    percent: int
    since: datetime | None = None


@dataclass(frozen=True)
class Listed:
    """The list. names: of stops, by code. mistyped, others: as counted, told by band only."""

    items: tuple[Item, ...]
    guide: Guide
    mistyped: int
    others: int


@dataclass(frozen=True)
class Counted:
    """What became of a batch of codes."""

    recorded: int
    mistyped: int


async def list_marks(deps: Deps, area: str) -> tuple[list[Mark], Guide]:
    """Returns the marks in force, newest first, and the guide that names their stops."""
    async with deps.db.read(area) as tx:
        return await store.list_marks(tx), await deps.guides.read(tx)


async def list_asked(deps: Deps, area: str, unliked: Sequence[Unliked]) -> Listed:
    """Returns what waits for somebody, most useful first. Errors: InvalidFields."""
    _check_unliked(unliked)
    now = deps.clock.now()
    async with deps.db.read(area) as tx:
        guide = await deps.guides.read(tx)
        marks = asked.newest(await store.list_marks(tx))
        span = _Span(guide, now)
        later = {
            matter.locale: span.midnight(span.first_of(mark))
            for matter, mark in marks.items()
            if matter == _language(guide, matter.locale) and mark.done_time
        }
        wished = await store.wished(tx, span.start, span.end, later)
        stops = sorted({each.stop_code for each in unliked})
        served = await store.served(tx, span.start, span.end, stops) if stops else {}
        met = await strays.list_since(tx, stray.first_day(span.today))
    others = sum(views for (_stop, locale), views in wished.items() if locale == OTHER_ASKED)
    found = [
        *_languages(guide, wished),
        *_strays(guide, [each for each in met if each.on >= span.first_of(_mark_of(each, marks))]),
        *_unliked(guide, unliked, served, marks),
    ]
    waiting = [
        replace(each, earlier=marks.get(each.matter))
        for each in found
        if each.matter not in marks or not marks[each.matter].holds_back(now)
    ]
    typed = stray.add_up(met).get(MISTYPED)
    return Listed(asked.in_order(waiting), guide, typed.count if typed else 0, others)


async def mark(
    deps: Deps, key: RequestKey, area: str, matter: Matter, outcome: Outcome | None, reason: str,
    put_off_days: int,
) -> tuple[Mark, Guide]:  # fmt: skip
    """Says that a matter is done, or puts it off. Errors: InvalidFields, MatterUnknown."""
    reason = " ".join(tidy_words(reason).split())
    asked.check_mark(outcome, reason, put_off_days)
    async with deps.db.transaction(area) as tx:
        guide = await deps.guides.read(tx)
        _check_matter(matter, guide)

        async def keep() -> Mark:
            now = deps.clock.now()
            until = now + timedelta(days=put_off_days) if put_off_days else None
            made = Mark(
                new_id(), matter, Outcome(outcome or 0), reason, key.principal, now, until
            )  # checked above
            await store.add_mark(tx, made)
            return made

        return await once(tx, key, Mark, keep), guide


async def take_back(deps: Deps, key: RequestKey, area: str, mark_id: str) -> tuple[Mark, Guide]:
    """Takes a mark back; one that was taken back already stays as it is. Errors: MarkUnknown."""
    async with deps.db.transaction(area) as tx:

        async def withdraw() -> Mark:
            found = await store.lock_mark(tx, _as_id(mark_id))
            if found is None:
                raise asked.MarkUnknown("There is no such mark. Open the list again.")
            if found.withdraw_time is not None:
                return found
            now = deps.clock.now()
            await store.withdraw_mark(tx, found.mark_id, now)
            return replace(found, withdraw_time=now)

        return await once(tx, key, Mark, withdraw), await deps.guides.read(tx)


async def record_strays(deps: Deps, key: RequestKey, area: str, met: Sequence[Met]) -> Counted:
    """Counts codes that lead nowhere, by the area's days. Errors: InvalidFields."""
    stray.check(met)
    async with deps.db.transaction(area) as tx:

        async def record() -> Counted:
            now, guide = deps.clock.now(), await deps.guides.read(tx)
            leading = {each.stop_code for each in guide.stops if each.shown} | set(guide.leads())
            found = stray.sort_out(met, leading, now, guide.settings.time_zone)
            await strays.count(tx, found)
            await strays.forget(tx, stray.first_day(_Span(guide, now).today))
            mistyped = sum(each.count for each in found if each.code == MISTYPED)
            return Counted(sum(each.count for each in found) - mistyped, mistyped)

        return await once(tx, key, Counted, record)


class _Span:
    """The whole days that are looked at: those of the window, without the running one. Of a day
    that is not over, whoever reads on would see what one visitor adds."""

    def __init__(self, guide: Guide, now: datetime) -> None:
        self._zone = ZoneInfo(guide.settings.time_zone)
        self.today = now.astimezone(self._zone).date()
        self.first = self.today - timedelta(days=asked.WINDOW_DAYS)
        self.start, self.end = self.midnight(self.first), self.midnight(self.today)

    def midnight(self, on: date) -> datetime:
        return datetime.combine(on, time.min, self._zone)

    def first_of(self, mark: Mark | None) -> date:
        """Returns the first day that counts for a matter with this mark."""
        made = mark.create_time.astimezone(self._zone).date() if mark else None
        return asked.day_after(mark, self.first, made)


def _language(guide: Guide, locale: str) -> Matter:
    """Returns the matter of a language, which another one was before it was offered."""
    offered = locale in guide.settings.locales
    return Matter(Kind.LANGUAGE_BEHIND if offered else Kind.LANGUAGE_NOT_OFFERED, locale=locale)


def _mark_of(met: stray.Strays, marks: Mapping[Matter, Mark]) -> Mark | None:
    return marks.get(Matter(Kind.STRAY_CODE, stop_code=met.code))


def _languages(guide: Guide, wished: Mapping[tuple[str, str], int]) -> list[Item]:
    """Returns languages with texts that were wished for and are missing or outdated, and those
    that the area does not offer."""
    texts: defaultdict[str, list[Wished]] = defaultdict(list)
    not_offered: defaultdict[str, int] = defaultdict(int)
    stops = {each.stop_code: each for each in guide.stops}
    for (code, locale), views in wished.items():
        if locale in guide.settings.locales:
            state = guide.standing(stops[code], locale).state if code in stops else None
            if state in (State.MISSING, State.OUTDATED):
                texts[locale].append(Wished(code, views, state is State.OUTDATED))
        elif locale in LOCALES:
            not_offered[locale] += views
    found = [
        *(asked.behind(locale, each) for locale, each in texts.items()),
        *(asked.not_offered(locale, views) for locale, views in not_offered.items()),
    ]
    return [each for each in found if each is not None]


def _strays(guide: Guide, met: Sequence[stray.Strays]) -> list[Item]:
    leading = {each.stop_code for each in guide.stops if each.shown} | set(guide.leads())
    found = [
        asked.stray(each.code, each.count, each.last)
        for each in stray.add_up(met).values()
        if each.code != MISTYPED and each.code not in leading
    ]
    return [each for each in found if each is not None]


def _unliked(
    guide: Guide, texts: Sequence[Unliked], served: Mapping[tuple[str, str], int],
    marks: Mapping[Matter, Mark],
) -> list[Item]:  # fmt: skip
    shown = {each.stop_code: each.shown for each in guide.stops}
    found = []
    for each in texts:
        if each.locale not in shown.get(each.stop_code, {}):
            continue
        item = asked.unliked(
            each.stop_code, each.locale, served.get((each.stop_code, each.locale), 0), each.percent
        )
        mark = marks.get(item.matter)
        done = mark.done_time if mark else None
        if done is None or (each.since is not None and each.since >= done):
            found.append(item)
    return found


def _check_unliked(texts: Sequence[Unliked]) -> None:
    wrong = []
    if len(texts) > asked.MAX_UNLIKED:
        wrong.append(("unliked_texts", f"at most {asked.MAX_UNLIKED}"))
    for at, each in enumerate(texts[: asked.MAX_UNLIKED]):
        if not 1 <= each.percent <= 100:
            wrong.append((f"unliked_texts[{at}].unliked_percent", "must be 1 to 100"))
    if len({(each.stop_code, each.locale) for each in texts}) != len(texts):
        wrong.append(("unliked_texts", "give each text once"))
    if wrong:
        raise InvalidFields(wrong)


def _check_matter(matter: Matter, guide: Guide) -> None:
    """Errors: MatterUnknown for what can never stand on the list of this area."""
    stop = guide.stop(matter.stop_code)
    known = {
        Kind.STRAY_CODE: not matter.locale and _is_code(matter.stop_code),
        Kind.UNLIKED_TEXT: stop is not None and matter.locale in stop.shown,
        Kind.LANGUAGE_BEHIND: not matter.stop_code and matter.locale in guide.settings.locales,
        Kind.LANGUAGE_NOT_OFFERED: not matter.stop_code and matter.locale in LOCALES,
    }
    if not known.get(matter.kind, False):
        raise asked.MatterUnknown("There is no such matter. Open the list again.")


def _is_code(text: str) -> bool:
    try:
        return codes.read(text) == text
    except codes.StopCodeMistyped:
        return False


def _as_id(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise asked.MarkUnknown("There is no such mark. Open the list again.") from None
