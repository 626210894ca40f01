"""Which findings are of sales that nothing tells apart.

Ten sales of 500 yen within a minute and nine lines in the file: one line is missing, and nobody can
know of which sale. The finding then names one and says how many more it may be as well.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.payments.domain.matching import Finding, Match, Record, Result
    from services.payments.domain.provider_file import ProviderLine

DAYS_NEAR = range(-3, 4)  # matching.WRONG_DAY_DAYS on both sides


def with_alike(result: "Result") -> "list[Finding]":
    """Returns the findings with alike_count. Those of lines with a reference of ours stay at 0."""
    near = _Near(result)
    return [replace(each, alike_count=near.count(each)) for each in result.findings]


def group_key(each: "ProviderLine | Record") -> Hashable:
    """Returns what a line and its entry have in common, whatever the amount."""
    return each.shop_place_id, each.tender, each.is_refund


def amount_key(each: "ProviderLine | Record") -> Hashable:
    """Returns what a line and its entry have in common, the amount too."""
    return each.shop_place_id, each.tender, each.is_refund, each.amount_yen


def _is_named(each: "Match | Finding") -> bool:
    line, record = each.line, each.record
    return bool(line and record and line.reference in record.references)


class _Times:
    """Times by key, counted within a span."""

    def __init__(self, given: Iterable[tuple[Hashable, datetime]]) -> None:
        self._times: defaultdict[Hashable, list[datetime]] = defaultdict(list)
        for key, moment in given:
            self._times[key].append(moment)
        for times in self._times.values():
            times.sort()

    def count(self, key: Hashable, first: datetime, last: datetime) -> int:
        times = self._times.get(key, [])
        return bisect_right(times, last) - bisect_left(times, first)


class _Near:
    """What stands near each other. Without clocks to be believed that is the whole day."""

    def __init__(self, result: "Result") -> None:
        self._spread = result.spread
        plain = [each for each in result.matches if not _is_named(each)]
        open_ = [each for each in result.findings if not _is_named(each)]
        self._records = _Times((amount_key(each.record), each.record.time) for each in plain)
        self._lines = _Times((amount_key(each.line), each.line.time) for each in plain)
        self._missing = _Times(
            (amount_key(each.record), each.record.time)
            for each in open_ if each.record and each.kind in ("missing", "wrong_day")
        )  # fmt: skip
        self._of_group = {
            kind: _Times(
                (group_key(each.record), each.record.time)
                for each in open_ if each.record and each.kind == kind
            )
            for kind in ("missing", "wrong_amount")
        }  # fmt: skip
        self._odd = {
            kind: _Times(
                (group_key(each.line), each.line.time)
                for each in open_ if each.line and each.kind == kind
            )
            for kind in ("extra", "wrong_amount")
        }  # fmt: skip

    def count(self, finding: "Finding") -> int:
        """Returns how many more a finding may be about."""
        if finding.kind == "duplicate" or _is_named(finding):
            return 0
        if finding.record is None:
            return self._of_line(finding)
        record = finding.record
        first, last = self._span(record.time, record.day)
        found = self._records.count(amount_key(record), first, last)
        if finding.kind == "wrong_time":  # a match, too: itself is among them
            return found - 1
        if finding.kind == "wrong_day":
            found -= 1
            for days in DAYS_NEAR:
                around = timedelta(days=days)
                found += self._missing.count(amount_key(record), first + around, last + around)
            return found - 1
        other = "missing" if finding.kind == "wrong_amount" else "wrong_amount"
        found += self._of_group[other].count(group_key(record), first, last)
        if finding.kind == "wrong_amount" and finding.line is not None:
            found += self._of_group["wrong_amount"].count(group_key(record), first, last) - 1
            first, last = self._span(finding.line.time, finding.line.day)
            found += self._odd["extra"].count(group_key(finding.line), first, last)
        return found

    def _of_line(self, finding: "Finding") -> int:
        if finding.line is None:
            return 0
        line = finding.line
        first, last = self._span(line.time, line.day)
        found = self._lines.count(amount_key(line), first, last)
        return found + self._odd["wrong_amount"].count(group_key(line), first, last)

    def _span(self, moment: datetime, day: date) -> tuple[datetime, datetime]:
        if self._spread is None:
            return datetime.combine(day, time()), datetime.combine(day, time.max)
        return moment - self._spread, moment + self._spread
