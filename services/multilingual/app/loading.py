"""The bulk load of an area: new stops and texts come in, what editors wrote stays."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kit.db import Transaction
from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.multilingual.app.deps import Deps
from services.multilingual.app.publishing import say_published
from services.multilingual.domain import stop_code as codes
from services.multilingual.domain.guide import MAX_STOPS, Section, Stop
from services.multilingual.domain.narration import (
    IMPORTER,
    MAX_NAME_CHARS,
    MAX_READING_CHARS,
    Head,
    Revision,
    Text,
    check,
    tidy,
)
from services.multilingual.domain.speech import Term
from services.multilingual.store import areas
from services.multilingual.store import narrations as narration_store
from services.multilingual.store import stops as stop_store
from services.multilingual.store.recordings import write_terms

MAX_CODE_ATTEMPTS = 50
MAX_TERMS = 2_000
_NEW: tuple[Head, int, Text | None] = (Head(), 0, None)


@dataclass(frozen=True)
class Narration:
    """A text to load."""

    locale: str
    text: Text
    machine_draft: bool


@dataclass(frozen=True)
class Seed:
    """A stop to load with its texts."""

    stop: Stop
    narrations: tuple[Narration, ...]


SOURCE = "ja"


@dataclass(frozen=True)
class Loaded:
    """What a load did."""

    stops: int
    narrations: int
    unchanged: int


async def import_stops(
    deps: Deps,
    key: RequestKey,
    area: str,
    sections: Sequence[Section],
    seeds: Sequence[Seed],
    terms: Sequence[tuple[str, Term]] = (),
) -> Loaded:
    """Loads stops and shows their texts. Errors: InvalidFields, StopCodeMistyped."""
    seeds = [_tidied(seed) for seed in seeds]
    _check(seeds)
    _check_terms(terms)
    async with deps.db.transaction(area) as tx:

        async def load() -> Loaded:
            locales = dict.fromkeys(each.locale for seed in seeds for each in seed.narrations)
            # Until directory tells which one the source is: files come in the order of names.
            await areas.ensure_area(
                tx, sorted(locales, key=lambda each: each != SOURCE) or [SOURCE]
            )
            source_locale = (await areas.read_settings(tx)).source_locale
            await stop_store.write_sections(tx, sections)
            await write_terms(tx, terms)
            known = {stop.place_id: stop for stop in await stop_store.list_all(tx)}
            placed = [replace(seed, stop=await _place(tx, seed.stop, known)) for seed in seeds]
            now = deps.clock.now()
            revisions = await _new_revisions(tx, placed, source_locale, now)
            await _show(deps, tx, revisions, now)
            total = sum(len(seed.narrations) for seed in seeds)
            new = sum(seed.stop.place_id not in known for seed in placed)
            return Loaded(new, len(revisions), total - len(revisions))

        return await once(tx, key, Loaded, load)


async def _place(tx: Transaction, stop: Stop, known: Mapping[str, Stop]) -> Stop:
    """Inserts or updates a stop and returns it with the code it has."""
    before = known.get(stop.place_id)
    if before is not None:
        stop = replace(stop, stop_code=before.stop_code)
        await stop_store.change_stop(tx, stop)
        return stop
    for attempt in range(MAX_CODE_ATTEMPTS):
        if await stop_store.add_stop(tx, stop):
            return stop
        stop = replace(stop, stop_code=codes.make(tx.area, stop.place_id, attempt))
    raise RuntimeError("no free stop code was found")


async def _new_revisions(
    tx: Transaction, seeds: Sequence[Seed], source_locale: str, now: datetime
) -> list[tuple[str, str, Revision]]:
    imported = await narration_store.list_imported(tx, IMPORTER)
    found: list[tuple[str, str, Revision]] = []
    for seed in seeds:
        code, source_revision = seed.stop.stop_code, 0
        for each in sorted(seed.narrations, key=lambda each: each.locale != source_locale):
            head, newest_import, text = imported.get((code, each.locale), _NEW)
            touched = head.latest_revision and text is None
            number = newest_import
            if text != each.text and not touched:
                number = head.latest_revision + 1
                follows = 0 if each.locale == source_locale else source_revision
                found.append((code, each.locale, Revision(
                    number, head.latest_revision, follows, each.text, each.machine_draft,
                    IMPORTER, "", now,
                )))  # fmt: skip
            if each.locale == source_locale:
                source_revision = number
    return found


async def _show(
    deps: Deps, tx: Transaction, revisions: Sequence[tuple[str, str, Revision]], now: datetime
) -> None:
    if not revisions:
        return
    await narration_store.add_revisions(tx, revisions)
    for read in (True, False):
        chosen = [
            (code, locale, each.revision)
            for code, locale, each in revisions
            if each.machine_draft is not read
        ]
        await narration_store.add_publications(
            tx, chosen, reviewed=read, publisher=IMPORTER, now=now
        )
    published: defaultdict[str, list[str]] = defaultdict(list)
    for code, locale, _ in revisions:
        published[code].append(locale)
    await say_published(deps, tx, published, now)


def _tidied(seed: Seed) -> Seed:
    stop = replace(seed.stop, stop_code=codes.read(seed.stop.stop_code))
    texts = tuple(replace(each, text=tidy(each.text)) for each in seed.narrations)
    return Seed(stop, texts)


def _check(seeds: Sequence[Seed]) -> None:
    if len(seeds) > MAX_STOPS:
        raise InvalidFields([("stops", f"at most {MAX_STOPS}")])
    places = [seed.stop.place_id for seed in seeds]
    if len(set(places)) != len(places) or not all(places):
        raise InvalidFields([("stops", "each place has one stop")])
    wrong: list[tuple[str, str]] = []
    for seed in seeds:
        for each in seed.narrations:
            try:
                check(each.text)
            except InvalidFields as error:
                where = f"{seed.stop.place_id} {each.locale}"
                wrong += [(f"{where} {name}", sentence) for name, sentence in error.fields]
    if wrong:
        raise InvalidFields(wrong)


def _check_terms(terms: Sequence[tuple[str, Term]]) -> None:
    if len(terms) > MAX_TERMS:
        raise InvalidFields([("terms", f"at most {MAX_TERMS}")])
    wrong = [
        (f"terms[{at}]", "a term has 1 to 80 characters, its reading at most 120")
        for at, (_, each) in enumerate(terms)
        if not 1 <= len(each.term) <= MAX_NAME_CHARS
        or len(each.reading) > MAX_READING_CHARS
        or not 0 <= each.accent <= MAX_READING_CHARS
    ]
    if wrong:
        raise InvalidFields(wrong)
