"""What has to happen whenever visitors come to see another text."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from kit.db import Transaction
from services.multilingual.app.deps import Deps
from services.multilingual.domain.content import options
from services.multilingual.domain.events import StopPublished
from services.multilingual.domain.guide import Guide
from services.multilingual.store import areas
from services.multilingual.store import guide as guide_store
from services.multilingual.store import stops as stop_store


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
            raise RuntimeError(f"{code} was published, but is no stop")
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
