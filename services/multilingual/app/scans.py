"""Counting scans exactly once."""

from collections.abc import Sequence
from dataclasses import dataclass

from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.multilingual.app.deps import Deps
from services.multilingual.domain import stop_code as codes
from services.multilingual.domain.events import ScanRecorded
from services.multilingual.domain.scan import MAX_BATCH, Counted, Rejected, Scan, count
from services.multilingual.store import areas
from services.multilingual.store import scans as store
from services.multilingual.store import stops as stop_store


@dataclass(frozen=True)
class Outcome:
    """What became of a batch."""

    recorded: int
    repeated: int
    rejected: tuple[Rejected, ...]


async def record_scans(
    deps: Deps, key: RequestKey, area: str, scans: Sequence[Scan], most: int
) -> Outcome:
    """Records what is new and right of a batch; the rest is told apart.

    most: how many alike each may stand for. Errors: InvalidFields.
    """
    if len(scans) > MAX_BATCH:
        raise InvalidFields([("scans", f"at most {MAX_BATCH} at once")])
    now = deps.clock.now()
    async with deps.db.transaction(area) as tx:

        async def record() -> Outcome:
            places = await stop_store.places_of(tx, [_code(each.stop_code) for each in scans])
            locales = (await areas.read_settings(tx)).locales
            judged = [count(each, places, now, locales, most) for each in scans]
            counted = {each.scan_id: each for each in judged if isinstance(each, Counted)}
            rejected = tuple(each for each in judged if isinstance(each, Rejected))
            new = await store.add_new(tx, list(counted.values()))
            recorded = [counted[scan_id] for scan_id in counted if scan_id in new]
            await deps.outbox.add_many(tx, [_recorded(area, scan) for scan in recorded])
            return Outcome(len(new), len(judged) - len(rejected) - len(new), rejected)

        return await once(tx, key, Outcome, record)


def _recorded(area: str, scan: Counted) -> ScanRecorded:
    return ScanRecorded(
        area=area, aggregate_id=scan.scan_id, version=1, occur_time=scan.scan_time, scan=scan
    )


def _code(typed: str) -> str:
    try:
        return codes.read(typed)
    except codes.StopCodeMistyped:
        return ""
