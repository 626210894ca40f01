"""Reconciliation: lines of a provider's file against our own entries.

Passes, each more doubtful than the one before, and every line and entry used once:
  1. a number seen twice in a file, or that agreed in an earlier one, is a duplicate; a reference
     that is ours names its entry;
  2. sales of a shop's own device carry no reference: shop, tender, kind and amount agree at the
     same moment, the closest first, once the two clocks are set alike (their usual difference);
  3. where that holds for nearly all lines, clocks are to be believed: the same time of another day
     is a wrong day, the same moment with another amount a wrong amount;
  4. the same day and amount at any time, in the order of times; where clocks are to be believed it
     is one sale, or two faults that look like one: a wrong time;
  5. of what has no time to be believed, the same amount within three days is a wrong day; the same
     moment with another amount a wrong amount.
What is left after that is extra in the file or missing from it. Where several sales are alike and
one has no line, nobody can tell which: its finding says how many more are (domain/alike.py).
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from services.payments.domain.alike import amount_key, group_key, with_alike
from services.payments.domain.nearest import closest_pairs
from services.payments.domain.provider_file import ProviderLine
from services.payments.domain.tender import Tender

WRONG_DAY_DAYS = 3
SAME_MOMENT = timedelta(minutes=10)  # clocks of two devices, and the walk between them
NEIGHBORS = 25  # of a line's moment on both sides: so many sales are looked at for a wrong amount
BELIEVED = 0.9  # so many of the lines with a clock agree at the same moment: then clocks count


class FindingKind(StrEnum):
    """What is wrong."""

    MISSING = "missing"
    EXTRA = "extra"
    WRONG_AMOUNT = "wrong_amount"
    WRONG_DAY = "wrong_day"
    WRONG_TIME = "wrong_time"
    DUPLICATE = "duplicate"


class Ended(StrEnum):
    """How a finding came off the work list."""

    PERSON = "person"
    MATCHED_BEFORE = "matched_before"  # an earlier file had this very line: nothing is to be done
    FOUND_LATER = "found_later"  # a later file had the line that was missing
    CORRECTED_LATER = "corrected_later"  # a later file told the line otherwise


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
    """Something to look into. line: None when missing. record: None when extra or duplicate.

    alike_count: how many more it may be as well, since nothing tells them apart.
    matched_by: of a duplicate the earlier file that had this very line and matched it; nothing is
    to be done about it then. "" otherwise.
    """

    kind: FindingKind
    line: ProviderLine | None
    record: Record | None
    alike_count: int = 0
    matched_by: str = ""


@dataclass
class Result:
    """matches: lines and entries that agree, or differ by day or time only.

    offset, spread: by how much the file's clock is usually ahead of ours, and the width of what it
    was found to be; None where no clock was believed.
    """

    matches: list[Match] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    offset: timedelta = timedelta()
    spread: timedelta | None = None


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
    left = work.at_the_same_moment(left)
    if work.result.spread is not None:
        left = work.same_time_of_another_day(left)
        left = work.same_moment(left)
    left = work.same_day(left)
    left = work.same_amount_near(left)
    left = work.same_moment(left)
    work.result.findings += [Finding(FindingKind.EXTRA, line, None) for line in left]
    work.result.findings += [
        Finding(FindingKind.MISSING, None, record)
        for record in work.open.values()
        if first <= record.day <= last and not record.voided
    ]
    work.result.findings = with_alike(work.result)
    return work.result


def told_before(
    findings: Iterable[Finding], lines: Sequence[ProviderLine], earlier: Mapping[int, str]
) -> list[Finding]:
    """Returns the findings; lines that an earlier file matched are told as that.

    earlier: file by row of a line. A number twice in this file is a duplicate all the same.
    """
    first = {line_key(line): line.row for line in reversed(lines)}
    return [
        replace(each, matched_by=earlier.get(each.line.row, ""))
        if each.kind is FindingKind.DUPLICATE and each.line is not None
        and first[line_key(each.line)] == each.line.row else each
        for each in findings
    ]  # fmt: skip


def line_key(line: ProviderLine) -> str:
    """What tells a line from all others: its shop and its number, for sale and refund apart.

    Two shops' own devices may well count from 1: one shop's file must not use up another's lines.
    """
    return f"{'refund' if line.is_refund else 'sale'} {line.shop_place_id} {line.number}"


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

    def same_day(self, lines: Sequence[ProviderLine]) -> list[ProviderLine]:
        """Takes the same amount of the same day, in the order of times."""
        waiting: defaultdict[Hashable, list[Record]] = defaultdict(list)
        for record in sorted(self.open.values(), key=lambda each: each.time, reverse=True):
            waiting[amount_key(record), record.day].append(record)
        left = []
        for line in sorted(lines, key=lambda each: (each.time, each.row)):
            found = waiting.get((amount_key(line), line.day))
            if found:
                record = found.pop()
                if self._has_moments(line, record):
                    self.result.findings.append(Finding(FindingKind.WRONG_TIME, line, record))
                self._take(line, record)
            else:
                left.append(line)
        return left

    def _has_moments(self, line: ProviderLine, record: Record) -> bool:
        """Tells whether the times of both are to be believed."""
        believed = self.result.spread is not None and line.has_clock
        return believed and record.time.date() == record.day

    def at_the_same_moment(self, lines: Sequence[ProviderLine]) -> list[ProviderLine]:
        """Takes the same amount at the same moment; sets offset and spread where clocks agree."""
        timed = [line for line in lines if line.has_clock]
        named = [(each.line, each.record) for each in self.result.matches if each.line.has_clock]
        told = [pair for pair in named if _same_moment(*pair)]
        told += self._moments(timed, timedelta())
        if len(told) < BELIEVED * (len(timed) + len(named)) or not told:
            return list(lines)
        offset = sorted(line.time - record.time for line, record in told)[len(told) // 2]
        pairs = self._moments(timed, offset)
        apart = sorted(line.time - record.time for line, record in pairs or told)
        least, most = apart[len(apart) // 200], apart[-1 - len(apart) // 200]
        self.result.offset = offset
        self.result.spread = min(max((most - least) * 1.1, timedelta(minutes=1)), SAME_MOMENT)
        return self._take_all(lines, pairs)

    def same_time_of_another_day(self, lines: Sequence[ProviderLine]) -> list[ProviderLine]:
        """Takes the same amount at the same time of a day near by."""
        left = list(lines)
        for days in (1, -1, 2, -2, 3, -3):
            timed = [line for line in left if line.has_clock]
            pairs = self._moments(timed, self.result.offset + timedelta(days=days))
            left = self._take_all(left, pairs)
        return left

    def _moments(
        self, lines: Sequence[ProviderLine], ahead: timedelta
    ) -> list[tuple[ProviderLine, Record]]:
        """Returns the closest pairs of one amount, the file's clock set back by ahead. A sale that
        was entered later has the time of its entry, and no moment of its own."""
        ours = [each for each in self.open.values() if each.time.date() == each.day]
        return self._closest(
            lines, ours, lambda line: line.time - ahead, lambda record: record.time,
            lambda line, record: abs(line.time - ahead - record.time) <= SAME_MOMENT,
        )  # fmt: skip

    def same_amount_near(self, lines: Sequence[ProviderLine]) -> list[ProviderLine]:
        """Takes the same amount of a day near by, where no time to be believed speaks against."""
        timed = [each for each in lines if each.has_clock and self.result.spread is not None]
        plain = [each for each in lines if not each.has_clock or self.result.spread is None]
        left = self._of_day_near(plain, list(self.open.values()))
        late = [each for each in self.open.values() if each.time.date() != each.day]
        return left + self._of_day_near(timed, late)

    def _of_day_near(
        self, lines: Sequence[ProviderLine], records: Sequence[Record]
    ) -> list[ProviderLine]:
        pairs = self._closest(
            lines, records, lambda line: line.time, _time_of_its_day,
            lambda line, record: abs(line.day - record.day) <= timedelta(days=WRONG_DAY_DAYS),
        )  # fmt: skip
        return self._take_all(lines, pairs)

    def same_moment(self, lines: Sequence[ProviderLine]) -> list[ProviderLine]:
        """Takes another amount at the same moment: the nearest amount first, then the closest."""
        ours: defaultdict[Hashable, list[tuple[datetime, str]]] = defaultdict(list)
        for record in self.open.values():
            ours[group_key(record)].append((record.time, record.entry_id))
        for times in ours.values():
            times.sort()
        pairs = []
        for line in lines:
            told, times = line.time - self.result.offset, ours.get(group_key(line), [])
            at = bisect_left(times, (told, ""))
            for moment, entry_id in times[max(at - NEIGHBORS, 0) : at + NEIGHBORS]:
                apart = abs(moment - told)
                if line.has_clock and apart <= SAME_MOMENT:
                    yen = abs(line.amount_yen - self.open[entry_id].amount_yen)
                    pairs.append((yen, apart, line.row, entry_id, line))
        taken: set[int] = set()
        for *_, row, entry_id, line in sorted(pairs, key=lambda pair: pair[:4]):
            if row not in taken and entry_id in self.open:
                taken.add(row)
                self._take(line, self.open[entry_id])
        return [line for line in lines if line.row not in taken]

    def _take_all(
        self, lines: Sequence[ProviderLine], pairs: Sequence[tuple[ProviderLine, Record]]
    ) -> list[ProviderLine]:
        """Takes pairs. Returns the lines that are in none."""
        for line, record in pairs:
            self._take(line, record)
        taken = {line.row for line, _record in pairs}
        return [line for line in lines if line.row not in taken]

    def _closest(
        self, lines: Sequence[ProviderLine], records: Sequence[Record],
        told_time: Callable[[ProviderLine], datetime], our_time: Callable[[Record], datetime],
        fits: Callable[[ProviderLine, Record], bool],
    ) -> list[tuple[ProviderLine, Record]]:  # fmt: skip
        """Returns pairs of one amount, the closest first, so that a doubtful one never robs a
        better one."""
        told: defaultdict[Hashable, list[tuple[datetime, ProviderLine]]] = defaultdict(list)
        ours: defaultdict[Hashable, list[tuple[datetime, Record]]] = defaultdict(list)
        for line in lines:
            told[amount_key(line)].append((told_time(line), line))
        for record in records:
            if amount_key(record) in told:
                ours[amount_key(record)].append((our_time(record), record))
        return [
            pair for key, group in ours.items() for pair in closest_pairs(told[key], group, fits)
        ]


def _time_of_its_day(record: Record) -> datetime:
    """A sale that was entered later has the time of its entry: the middle of its day then."""
    if record.time.date() == record.day:
        return record.time
    return datetime.combine(record.day, time(12))


def _same_moment(line: ProviderLine, record: Record) -> bool:
    return line.has_clock and abs(line.time - record.time) <= SAME_MOMENT
