"""Stray codes: typed or scanned codes that lead nowhere, counted by day with nothing of anybody.

Whoever likes can send codes he made up: only well-formed ones are kept as they are, all else is
one number; a day counts to DAY_CAP at most where codes are compared; MAX_ROWS bounds the table.
"""

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from kit.pure.errors import InvalidFields
from services.multilingual.domain import stop_code as codes

MAX_BATCH = 500
MAX_COUNT = 1_000_000
MAX_ROWS = 2_000  # codes by days of an area: the rarest and oldest go first
KEEP_DAYS = 30
DAY_CAP = 50  # who reloads one address for hours counts like a busy day
MISTYPED = ""  # in place of a code: whatever is none


@dataclass(frozen=True)
class Met:
    """A code as the edge met it. seen_time: None for now. count: how often."""

    typed: str
    seen_time: datetime | None
    count: int


@dataclass(frozen=True)
class Strays:
    """A code on one of the area's days. code: MISTYPED for all that were none."""

    code: str
    on: date
    count: int


@dataclass(frozen=True)
class Stray:
    """A code over some days. count: of each day at most DAY_CAP."""

    code: str
    count: int
    last: date


def first_day(today: date) -> date:
    """Returns the oldest day that is kept."""
    return today - timedelta(days=KEEP_DAYS)


def check(met: Iterable[Met]) -> None:
    """Errors: InvalidFields."""
    found = list(met)
    if len(found) > MAX_BATCH:
        raise InvalidFields([("codes", f"at most {MAX_BATCH} at once")])
    for at, each in enumerate(found):
        if not 1 <= each.count <= MAX_COUNT:
            raise InvalidFields([(f"codes[{at}].count", f"must be 1 to {MAX_COUNT}")])


def sort_out(
    met: Iterable[Met], leading: Container[str], now: datetime, zone: str
) -> tuple[Strays, ...]:
    """Returns what is counted, by code and day. leading: codes that lead to a page by now."""
    place, today = ZoneInfo(zone), now.astimezone(ZoneInfo(zone)).date()
    sums: Counter[tuple[str, date]] = Counter()
    for each in met:
        code = _code(each.typed)
        on = min(each.seen_time or now, now).astimezone(place).date()
        if code not in leading and on >= first_day(today):
            sums[code, on] += each.count
    return tuple(Strays(code, on, count) for (code, on), count in sorted(sums.items()))


def add_up(rows: Iterable[Strays]) -> dict[str, Stray]:
    """Returns the codes with what days together say of them; MISTYPED among them."""
    found: dict[str, Stray] = {}
    for row in rows:
        known = found.get(row.code, Stray(row.code, 0, row.on))
        count = row.count if row.code == MISTYPED else min(row.count, DAY_CAP)
        found[row.code] = Stray(row.code, known.count + count, max(known.last, row.on))
    return found


def _code(typed: str) -> str:
    try:
        return codes.read(typed)
    except codes.StopCodeMistyped:
        return MISTYPED
