"""Reconciliation finds every fault put into a file and accuses nobody else.

A day of sales is written down twice, once as ours and once as the provider's; one line in a hundred
of the provider's is then spoilt. Precision and recall must both be 1, for every seed, with our
references and, where amounts tell the lines apart, without.
"""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

from services.payments.domain.matching import Finding, FindingKind, Record, Result, line_key, match
from services.payments.domain.provider_file import ProviderLine
from services.payments.domain.tender import Tender

# Times are those of the area's own clock, without a zone, as in a provider's file.
START = datetime.fromisoformat("2026-11-01T09:00")
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)


def record(number: int, rng: random.Random, *, amount_yen: int) -> Record:
    moment = START + timedelta(days=rng.randrange(30), seconds=rng.randrange(8 * 3600))
    return Record(
        entry_id=f"e{number:05}", payment_id=f"p{number:05}", references=(f"p{number:05}",),
        is_refund=rng.random() < 0.05, amount_yen=amount_yen, day=moment.date(), time=moment,
        shop_place_id=rng.choice(("shop-a", "shop-b")),
        tender=rng.choice((Tender.CARD, Tender.CODE_PAYMENT)), account="other_device/shop-a/card",
        practice=False, unconfirmed=True,
    )  # fmt: skip


def spaced(of: Record, number: int) -> Record:
    """Sales of one device that are a quarter of an hour apart: nearer than ten minutes, nobody
    could tell which of two was written down wrong and which is missing."""
    moment = START + timedelta(minutes=4 * number)
    devices = [(s, t) for s in ("shop-a", "shop-b") for t in (Tender.CARD, Tender.CODE_PAYMENT)]
    shop, tender = devices[number % 4]
    return replace(of, time=moment, day=moment.date(), shop_place_id=shop, tender=tender)


def line_of(of: Record, row: int, *, reference: bool, rng: random.Random) -> ProviderLine:
    return ProviderLine(
        row=row, number=f"n{row}", reference=of.payment_id if reference else "",
        is_refund=of.is_refund, amount_yen=of.amount_yen,
        time=of.time + timedelta(seconds=rng.randrange(-30, 90)), has_clock=True,
        shop_place_id=of.shop_place_id, tender=of.tender,
    )  # fmt: skip


Truth = set[tuple[FindingKind, str]]


def spoil(
    lines: list[ProviderLine], records: list[Record], rng: random.Random
) -> tuple[list[ProviderLine], Truth]:
    """Spoils one line in a hundred; returns the file and what there is to find."""
    truth: Truth = set()
    file = list(lines)
    chosen = rng.sample(range(len(lines)), len(lines) // 100)
    for place, kind in zip(chosen, list(FindingKind) * len(chosen), strict=False):
        line, of = lines[place], records[place]
        if kind is FindingKind.MISSING:
            file.remove(line)
            truth.add((kind, of.entry_id))
        elif kind is FindingKind.EXTRA:
            extra = replace(line, number=f"x{place}", reference="", amount_yen=5_000_000 + place)
            file.append(replace(extra, row=90_000 + place,
                                time=line.time + timedelta(minutes=30)))  # fmt: skip
            truth.add((kind, f"x{place}"))
        elif kind is FindingKind.WRONG_AMOUNT:
            file[file.index(line)] = replace(line, amount_yen=line.amount_yen + 4_000_000)
            truth.add((kind, of.entry_id))
        elif kind is FindingKind.WRONG_DAY:
            moved = -1 if of.day == LAST else 1
            file[file.index(line)] = replace(line, time=line.time + timedelta(days=moved))
            truth.add((kind, of.entry_id))
        else:
            file.append(replace(line, row=95_000 + place))
            truth.add((kind, line.number))
    return file, truth


def found_in(result: Result) -> Truth:
    def name(each: Finding) -> str:
        return each.record.entry_id if each.record else each.line.number if each.line else ""

    return {(each.kind, name(each)) for each in result.findings}


def test_a_clean_file_has_no_finding_and_matches_all() -> None:
    rng = random.Random(1)
    records = [record(n, rng, amount_yen=100 + n % 7) for n in range(500)]
    lines = [line_of(each, n + 2, reference=False, rng=rng) for n, each in enumerate(records)]
    result = match(lines, records, (), FIRST, LAST)
    assert result.findings == []
    assert len(result.matches) == 500
    assert {each.record.entry_id for each in result.matches} == {r.entry_id for r in records}


def test_the_same_number_of_another_shop_is_another_line() -> None:
    rng = random.Random(3)
    one = record(1, rng, amount_yen=700)
    line = line_of(one, 2, reference=False, rng=rng)
    others = {line_key(replace(line, shop_place_id="shop-c"))}
    result = match([line], [one], others, FIRST, LAST)
    assert [each.line for each in result.matches] == [line]
    assert result.findings == []


def test_an_earlier_file_makes_a_line_a_duplicate() -> None:
    rng = random.Random(2)
    one = record(1, rng, amount_yen=700)
    line = line_of(one, 2, reference=False, rng=rng)
    result = match([line], [one], {line_key(line)}, FIRST, LAST)
    assert [each.kind for each in result.findings] == [FindingKind.DUPLICATE, FindingKind.MISSING]


def test_around_midnight_another_clock_is_no_wrong_day() -> None:
    rng = random.Random(3)
    late = replace(record(1, rng, amount_yen=700), time=datetime.fromisoformat("2026-11-05T23:58"),
                   day=date(2026, 11, 5))  # fmt: skip
    line = replace(
        line_of(late, 2, reference=True, rng=rng), time=datetime.fromisoformat("2026-11-06T00:02")
    )
    assert match([line], [late], (), FIRST, LAST).findings == []
    far = replace(line, time=datetime.fromisoformat("2026-11-06T00:09"))
    assert [each.kind for each in match([far], [late], (), FIRST, LAST).findings] == [
        FindingKind.WRONG_DAY
    ]


def test_two_refunds_of_one_payment_find_their_own_amounts() -> None:
    rng = random.Random(4)
    first = replace(record(1, rng, amount_yen=300), is_refund=True)
    second = replace(first, entry_id="e2", amount_yen=500)
    lines = [
        replace(line_of(first, 2, reference=True, rng=rng), amount_yen=500, number="a"),
        replace(line_of(first, 3, reference=True, rng=rng), amount_yen=300, number="b"),
    ]
    result = match(lines, [first, second], (), FIRST, LAST)
    assert {(each.line.number, each.record.entry_id) for each in result.matches} == {
        ("a", "e2"), ("b", "e00001"),
    }  # fmt: skip
    assert result.findings == []


def test_a_voided_sale_may_be_left_out() -> None:
    rng = random.Random(5)
    gone = replace(record(1, rng, amount_yen=300), voided=True)
    assert match([], [gone], (), FIRST, LAST).findings == []
    kept = replace(gone, voided=False)
    assert [each.kind for each in match([], [kept], (), FIRST, LAST).findings] == [
        FindingKind.MISSING
    ]
