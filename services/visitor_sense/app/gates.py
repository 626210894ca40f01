"""People counted at gates: what sensors can be calibrated against."""

from collections.abc import Sequence
from datetime import datetime

from kit.db import Transaction
from services.visitor_sense.app.deps import Deps
from services.visitor_sense.app.hours import check_range
from services.visitor_sense.store import gates
from services.visitor_sense.store.gates import Admitted


async def note_party(tx: Transaction, place_id: str, persons: int, at: datetime) -> None:
    """Counts a party at the hour it went in, wherever its ticket was sold for."""
    await gates.add_party(tx, place_id, at.replace(minute=0, second=0, microsecond=0), persons, at)


async def count_admitted(
    deps: Deps, area: str, since: datetime, until: datetime, zone_id: str
) -> Sequence[Admitted]:
    """Returns exact figures, NOT suppressed, for use inside of the installation only."""
    first, last = check_range(since, until)
    async with deps.db.read(area) as tx:
        return await gates.read_hours(tx, first, last, zone_id)
