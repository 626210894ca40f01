"""Reconciliation: lines of a provider's file against our own entries.

Three passes, each more doubtful than the one before, and every line and entry used once:
  1. a number seen twice in a file, or that agreed in an earlier one, is a duplicate; a reference
     that is ours names its entry;
  2. sales of a shop's own device carry no reference: shop, tender, kind, day and amount must agree,
     in the order of their times;
  3. of what is left, the same amount within three days is a wrong day, the same minute with another
     amount a wrong amount.
What is left after that is extra in the file or missing from it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from services.payments.domain.nearest import closest_pairs
from services.payments.domain.provider_file import ProviderLine
from services.payments.domain.tender import Tender

WRONG_DAY_DAYS = 3
SAME_MOMENT = timedelta(minutes=10)  # clocks of two devices, and the walk between them


class FindingKind(StrEnum):
    """What is wrong."""

    MISSING = "missing"
    EXTRA = "extra"
    WRONG_AMOUNT = "wrong_amount"
    WRONG_DAY = "wrong_day"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, kw_only=True)
class Record:
    """A movement of ours that a provider should tell of.

    references: what the provider may know it by. time: in the area's own time, without a zone.
    voided: a sale that was canceled, or its cancellation; a provider may well leave out both.
    """

    entry_id: str
    payment_id: str
    references: tuple[str, ...]
    is_refund: bool
    amount_yen: int
    day: date
    time: datetime
    shop_place_id: str
    tender: Tender
    account: str
    practice: bool
    voided: bool = False
    unconfirmed: bool = False


@dataclass(frozen=True)
class Match:
    """A line that is one of our entries."""

    line: ProviderLine
    record: Record


@dataclass(frozen=True)
class Finding:
    """Something to look into. line: None when missing. record: None when extra or duplicate."""

    kind: FindingKind
    line: ProviderLine | None
    record: Record | None


@dataclass
class Result:
    """matches: lines and entries that agree, or differ by the day only."""

    matches: list[Match] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def match(
    lines: Sequence[ProviderLine], records: Iterable[Record], known_numbers: Collection[str],
    first: date, last: date,
) -> Result:  # fmt: skip
    """Matches a file. records: those no earlier file has matched, some days around it too.

    known_numbers: keys of the lines that agreed with an entry in earlier files. first, last: what
    the file covers; what we have in between and it has not is missing.
    """
    work = _Work(list(records))
    left = work.by_reference(work.without_duplicates(lines, set(known_numbers)))
    left = work.pair(left, lambda line: (*_group(line), line.day, line.amount_yen),
                     lambda record: (*_group(record), record.day, record.amount_yen))  # fmt: skip
    left = work.same_amount_near(left)
    left = work.same_moment(left)
    work.result.findings += [Finding(FindingKind.EXTRA, line, None) for line in left]
    work.result.findings += [
        Finding(FindingKind.MISSING, None, record)
        for record in work.open.values()
        if first <= record.day <= last and not record.voided
    ]
    return work.result


def line_key(line: ProviderLine) -> str:
    """What tells a line from all others: its shop and its number, for sale and refund apart.

    Two shops' own devices may well count from 1: one shop's file must not use up another's lines.
    """
    return f"{'refund' if line.is_refund else 'sale'} {line.shop_place_id} {line.number}"


def _group(each: ProviderLine | Record) -> tuple[str, Tender, bool]:
    return each.shop_place_id, each.tender, each.is_refund


class _Work:
    def __init__(self, records: list[Record]) -> None:
        self.open = {record.entry_id: record for record in records}
        self.result = Result()

    def without_duplicates(
        self, lines: Sequence[ProviderLine], known: set[str]
    ) -> list[ProviderLine]:
        fresh = []
        for line in lines:
            key = line_key(line)
            if line.number and key in known:
                self.result.findings.append(Finding(FindingKind.DUPLICATE, line, None))
            else:
                fresh.append(line)
            known.add(key)
        return fresh

    def by_reference(self, lines: Sequence[ProviderLine]) -> list[ProviderLine]:
        """A reference may stand for several refunds of a payment: the same amount goes first."""
        index: defaultdict[tuple[str, bool], list[Record]] = defaultdict(list)
        for record in self.open.values():
            for reference in record.references:
                index[reference, record.is_refund].append(record)
        left = []
        for line in lines:
            named = [record for record in index.get((line.reference, line.is_refund), ())
                     if line.reference and record.entry_id in self.open]  # fmt: skip
            if named:
                same = [record for record in named if record.amount_yen == line.amount_yen]
                self._take(line, (same or named)[0])
            else:
                left.append(line)
        return left

    def _take(self, line: ProviderLine, record: Record) -> None:
        del self.open[record.entry_id]
        if line.amount_yen != record.amount_yen:
            self.result.findings.append(Finding(FindingKind.WRONG_AMOUNT, line, record))
            return
        if line.day != record.day and not _same_moment(line, record):
            self.result.findings.append(Finding(FindingKind.WRONG_DAY, line, record))
        self.result.matches.append(Match(line, record))

    def pair(self, lines: Sequence[ProviderLine], of_line: Callable[[ProviderLine], Hashable],
             of_record: Callable[[Record], Hashable]) -> list[ProviderLine]:  # fmt: skip
        """Pairs lines and entries whose keys agree, in the order of their times."""
        waiting: defaultdict[Hashable, list[Record]] = defaultdict(list)
        for record in sorted(self.open.values(), key=lambda each: each.time, reverse=True):
            waiting[of_record(record)].append(record)
        left = []
        for line in sorted(lines, key=lambda each: (each.time, each.row)):
            found = waiting.get(of_line(line))
            if found:
                self._take(line, found.pop())
            else:
                left.append(line)
        return left

    def same_amount_near(self, lines: Sequence[ProviderLine]) -> list[ProviderLine]:
        return self._nearest(
            lines, lambda each: (*_group(each), each.amount_yen), _time_of_its_day,
            lambda line, record: abs(line.day - record.day) <= timedelta(days=WRONG_DAY_DAYS),
        )  # fmt: skip

    def same_moment(self, lines: Sequence[ProviderLine]) -> list[ProviderLine]:
        timed = [line for line in lines if line.has_clock]
        left = {line.row for line in self._nearest(timed, _group, lambda r: r.time, _same_moment)}
        return [line for line in lines if not line.has_clock or line.row in left]

    def _nearest(
        self, lines: Sequence[ProviderLine], of_both: Callable[[ProviderLine | Record], Hashable],
        time_of: Callable[[Record], datetime], fits: Callable[[ProviderLine, Record], bool],
    ) -> list[ProviderLine]:  # fmt: skip
        """Takes the closest pairs first, so that a doubtful pair never robs a better one."""
        told: defaultdict[Hashable, list[tuple[datetime, ProviderLine]]] = defaultdict(list)
        ours: defaultdict[Hashable, list[tuple[datetime, Record]]] = defaultdict(list)
        for line in lines:
            told[of_both(line)].append((line.time, line))
        for record in self.open.values():
            if of_both(record) in told:
                ours[of_both(record)].append((time_of(record), record))
        taken: set[int] = set()
        for key, records in ours.items():
            for line, record in closest_pairs(told[key], records, fits):
                taken.add(line.row)
                self._take(line, record)
        return [line for line in lines if line.row not in taken]


def _time_of_its_day(record: Record) -> datetime:
    """A sale that was entered later has the time of its entry: the middle of its day then."""
    if record.time.date() == record.day:
        return record.time
    return datetime.combine(record.day, time(12))


def _same_moment(line: ProviderLine, record: Record) -> bool:
    return line.has_clock and abs(line.time - record.time) <= SAME_MOMENT
