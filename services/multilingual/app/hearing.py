"""What the guide does with what it hears. Each runs in the transaction of its delivery."""

from collections.abc import Sequence
from datetime import datetime

from kit.db import Transaction
from services.multilingual.app.deps import Deps
from services.multilingual.domain.events import StopNoticesChanged
from services.multilingual.domain.guide import Settings
from services.multilingual.domain.notice import Closure
from services.multilingual.store import areas
from services.multilingual.store import closures as closure_store
from services.multilingual.store import stops as stop_store


async def area_configured(tx: Transaction, settings: Settings, version: int) -> None:
    """Keeps languages and public address of the area."""
    await areas.write_settings(tx, settings, version)


async def area_dropped(tx: Transaction) -> None:
    """Forgets the area."""
    await areas.drop_area(tx)


async def place_closed(deps: Deps, tx: Transaction, closure: Closure, version: int) -> None:
    """Shows a closure on the pages of the stops it touches."""
    if await closure_store.write(tx, closure, version):
        await _say_changed(
            deps, tx, closure.closure_id, sorted(closure.affected_place_ids), version
        )


async def place_reopened(
    deps: Deps,
    tx: Transaction,
    closure_id: str,
    place_id: str,
    moment: datetime,
    affected_place_ids: Sequence[str],
    version: int,
) -> None:
    """Takes a closure off the pages."""
    if await closure_store.end(tx, closure_id, place_id, moment, version):
        await _say_changed(deps, tx, closure_id, affected_place_ids, version)


async def _say_changed(
    deps: Deps, tx: Transaction, closure_id: str, place_ids: Sequence[str], version: int
) -> None:
    number = await areas.next_change_number(tx)
    stop_codes = await stop_store.stops_at(tx, place_ids)
    await stop_store.mark_changed(tx, stop_codes, number)
    if stop_codes:
        await deps.outbox.add(
            tx,
            StopNoticesChanged(
                area=tx.area,
                aggregate_id=closure_id,
                version=version,
                occur_time=deps.clock.now(),
                stop_codes=tuple(stop_codes),
                change_number=number,
            ),
        )
