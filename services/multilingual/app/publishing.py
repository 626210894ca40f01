"""What has to happen whenever visitors come to see another text."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.db import Transaction
from services.multilingual.app.deps import Deps
from services.multilingual.domain.content import options
from services.multilingual.domain.events import StopPublished
from services.multilingual.domain.guide import Guide
from services.multilingual.domain.narration import Reading, Text
from services.multilingual.domain.speech import ReadingMissing, missing_readings
from services.multilingual.store import areas, later, narrations, reviews
from services.multilingual.store import guide as guide_store
from services.multilingual.store import stops as stop_store
from services.multilingual.store.recordings import list_terms


@dataclass(frozen=True)
class Showing:
    """A revision that visitors come to see. reading: who read it; reason: why nobody else did."""

    stop_code: str
    locale: str
    revision: int
    reading: Reading
    reason: str = ""


async def show(
    deps: Deps,
    tx: Transaction,
    texts: Sequence[Showing],
    *,
    reviewed: bool,
    publisher: str,
    now: datetime,
) -> tuple[int, Mapping[str, int]]:
    """Publishes revisions and ends what waited or was planned of their texts. Returns as
    say_published."""
    for how in sorted({(each.reading, each.reason) for each in texts}):
        await narrations.add_publications(
            tx,
            [(each.stop_code, each.locale, each.revision)
             for each in texts if (each.reading, each.reason) == how],
            reviewed=reviewed, publisher=publisher, now=now, reading=how[0], reason=how[1],
        )  # fmt: skip
    shown = [(each.stop_code, each.locale) for each in texts]
    await reviews.overtake(tx, shown)
    await reviews.forget_openings(tx, shown)
    await later.forget(tx, shown)
    locales: defaultdict[str, list[str]] = defaultdict(list)
    for each in texts:
        locales[each.stop_code].append(each.locale)
    return await say_published(deps, tx, locales, now)


async def check_readings(tx: Transaction, locale: str, text: Text) -> None:
    """Errors: ReadingMissing for a term of the term base whose reading nobody has told."""
    lacking = missing_readings(text, await list_terms(tx, locale), locale)
    if lacking:
        raise ReadingMissing(lacking)


async def say_published(
    deps: Deps, tx: Transaction, published: Mapping[str, Sequence[str]], now: datetime
) -> tuple[int, Mapping[str, int]]:
    """Counts up and says stop_published for each stop.

    published: stop code → locales whose text was published in this transaction. Returns the
    area's change number and the stops' new revisions.
    """
    number = await areas.next_change_number(tx)
    revisions = {code: await stop_store.mark_published(tx, code, number, now) for code in published}
    guide = await guide_store.load(tx, now)
    neighbors = {code: _neighbors(guide, code) for code in published}
    others = {other for found in neighbors.values() for other in found} - set(published)
    await stop_store.mark_changed(tx, sorted(others), number)
    events = []
    for code, locales in published.items():
        stop = guide.stop(code)
        if stop is None:
            continue  # retired: its texts may be looked after, nobody sees them
        events.append(
            StopPublished(
                area=tx.area,
                aggregate_id=code,
                version=revisions[code],
                occur_time=now,
                place_id=stop.place_id,
                locales=tuple(sorted(locales)),
                change_number=number,
                neighbor_stop_codes=neighbors[code],
                states=options(guide, stop),
            )
        )
    await deps.outbox.add_many(tx, events)
    return number, revisions


def _neighbors(guide: Guide, stop_code: str) -> tuple[str, ...]:
    stop = guide.stop(stop_code)
    around = guide.neighbors(stop) if stop else ()
    return tuple(other.stop_code for other in around if other is not None)
