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


# What is put into a file; a wrong time is what two of them look like.
MADE = [each for each in FindingKind if each is not FindingKind.WRONG_TIME]
Truth = set[tuple[FindingKind, str]]


def spoil(
    lines: list[ProviderLine], records: list[Record], rng: random.Random
) -> tuple[list[ProviderLine], Truth]:
    """Spoils one line in a hundred; returns the file and what there is to find."""
    truth: Truth = set()
    file = list(lines)
    chosen = rng.sample(range(len(lines)), len(lines) // 100)
    for place, kind in zip(chosen, MADE * len(chosen), strict=False):
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


PRICES = (300, 500, 500, 800, 1000, 1300, 2000)
WINDOW = timedelta(minutes=10)


def busy(number: int, rng: random.Random) -> Record:
    """Sales of a busy counter: few prices, and bursts within the same second."""
    made = record(number, rng, amount_yen=rng.choice(PRICES))
    moment = made.time.replace(minute=made.time.minute - made.time.minute % 5, second=0)
    if rng.random() < 0.5:
        moment += timedelta(seconds=rng.randrange(300))
    return replace(made, time=moment, day=moment.date(), is_refund=False)


def spoil_busy(
    lines: list[ProviderLine], records: list[Record], rng: random.Random
) -> tuple[list[ProviderLine], list[Finding]]:
    """Spoils one line in a hundred as it happens: extra lines of the usual prices, slips of 10 yen.
    Returns the file and what there is to find."""
    file, truth = list(lines), []
    chosen = rng.sample(range(len(lines)), len(lines) // 100)
    for place, kind in zip(chosen, MADE * len(chosen), strict=False):
        line, of = lines[place], records[place]
        at = file.index(line)
        if kind is FindingKind.MISSING:
            del file[at]
            truth.append(Finding(kind, None, of))
        elif kind is FindingKind.EXTRA:
            extra = replace(line, number=f"x{place}", reference="", row=90_000 + place,
                            time=line.time.replace(hour=21))  # fmt: skip
            file.append(extra)
            truth.append(Finding(kind, extra, None))
        elif kind is FindingKind.DUPLICATE:
            file.append(replace(line, row=95_000 + place))
            truth.append(Finding(kind, line, None))
        else:
            days = timedelta(days=-1 if of.day == LAST else 1)
            file[at] = (
                replace(line, amount_yen=line.amount_yen + 10)
                if kind is FindingKind.WRONG_AMOUNT else replace(line, time=line.time + days)
            )  # fmt: skip
            truth.append(Finding(kind, file[at], of))
    return file, truth


def check_findings(result: Result, truth: list[Finding]) -> int:
    """Every fault is found and nothing else: by its own name, or as one of those alike, where the
    finding says that there are more. Returns how many could not be told apart."""

    def name(each: Finding) -> tuple[FindingKind, str]:
        of_line = each.line.number if each.line else ""
        return each.kind, each.record.entry_id if each.record else of_line

    def about(each: Finding) -> tuple[FindingKind, str, Tender, int, datetime]:
        thing = each.record or each.line
        assert thing is not None
        return each.kind, thing.shop_place_id, thing.tender, thing.amount_yen, thing.time

    open_ = {name(each): each for each in truth}
    assert len(open_) == len(truth)
    found = []
    for each in result.findings:  # an extra line and a missing one of the same day and amount
        if each.kind is FindingKind.WRONG_TIME:
            found += [replace(each, kind=FindingKind.EXTRA, record=None),
                      replace(each, kind=FindingKind.MISSING, line=None)]  # fmt: skip
        else:
            found.append(each)
    assert len(found) == len(truth)
    doubtful = [each for each in found if open_.pop(name(each), None) is None]
    for each in doubtful:
        *kind, at = about(each)
        alike = [
            key for key, other in open_.items()
            if list(about(other))[:-1] == kind and abs(about(other)[-1] - at) <= WINDOW
        ]  # fmt: skip
        assert each.alike_count > 0, f"{name(each)} is wrong and does not say so"
        assert alike, f"{name(each)} is of no fault"
        del open_[alike[0]]
    assert open_ == {}
    return len(doubtful)


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


def test_a_wrong_amount_is_that_of_the_nearest_amount_and_not_of_the_nearest_moment() -> None:
    rng = random.Random(4)
    far, near = record(1, rng, amount_yen=777), record(2, rng, amount_yen=1234)
    far = replace(far, is_refund=False, shop_place_id="shop-a", tender=Tender.CARD)
    near = replace(far, entry_id="near", payment_id="near", amount_yen=1234,
                   time=far.time + timedelta(minutes=3))  # fmt: skip
    line = replace(line_of(far, 2, reference=False, rng=rng), amount_yen=1235)
    found = match([line], [far, near], set(), FIRST, LAST).findings
    pairs = [(each.kind, each.record and each.record.entry_id) for each in found]
    assert pairs == [(FindingKind.WRONG_AMOUNT, "near"), (FindingKind.MISSING, far.entry_id)]


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


def test_of_equal_sales_the_closest_in_time_is_taken_and_the_one_without_a_line_is_missing() -> (
    None
):
    rng = random.Random(6)
    one = replace(record(1, rng, amount_yen=500), is_refund=False)
    sales = [replace(one, entry_id=f"e{n}", time=one.time.replace(hour=9 + n)) for n in range(12)]
    lines = [line_of(each, n + 2, reference=False, rng=rng) for n, each in enumerate(sales)]
    result = match(lines[1:], sales, (), FIRST, LAST)
    assert [(each.kind, each.record) for each in result.findings] == [
        (FindingKind.MISSING, sales[0])
    ]  # in the order of times it was the last one
    assert result.findings[0].alike_count == 0


def test_of_sales_of_one_moment_nobody_can_tell_which_is_missing_and_the_finding_says_so() -> None:
    rng = random.Random(7)
    one = replace(record(1, rng, amount_yen=500), is_refund=False)
    sales = [replace(one, entry_id=f"e{n}") for n in range(3)]
    other = replace(one, entry_id="other", amount_yen=700)
    lines = [line_of(each, n + 2, reference=False, rng=rng) for n, each in enumerate(sales)]
    result = match([lines[1], lines[2]], [*sales, other], (), FIRST, LAST)
    assert {(each.record.amount_yen, each.alike_count) for each in result.findings
            if each.record} == {(500, 2), (700, 0)}  # fmt: skip
    by_day = [replace(line, has_clock=False, time=line.time.replace(hour=0, minute=0))
              for line in lines[1:]]  # fmt: skip
    found = match(by_day, [*sales, other], (), FIRST, LAST).findings
    assert {(each.record.amount_yen, each.alike_count) for each in found if each.record} == {
        (500, 2), (700, 0),
    }  # fmt: skip


def test_a_provider_s_clock_that_is_six_minutes_ahead_is_set_back_first() -> None:
    rng = random.Random(8)
    one = replace(record(1, rng, amount_yen=500), is_refund=False)
    sales = [replace(one, entry_id=f"e{n}", time=one.time.replace(hour=9, minute=0)
                     + timedelta(minutes=17 * n)) for n in range(30)]  # fmt: skip
    lines = [line_of(each, n + 2, reference=False, rng=rng) for n, each in enumerate(sales)]
    lines = [replace(line, time=line.time + timedelta(minutes=6)) for line in lines]
    result = match(lines[:11] + lines[12:], sales, (), FIRST, LAST)
    (missing,) = result.findings
    assert (missing.record, missing.alike_count) == (sales[11], 0)


def test_clocks_of_another_zone_still_pair_day_by_day() -> None:
    rng = random.Random(9)
    records = [replace(record(n, rng, amount_yen=100 + n), is_refund=False) for n in range(60)]
    lines = [replace(each, time=each.time - timedelta(hours=9)) for each in (
        line_of(of, n + 2, reference=False, rng=rng) for n, of in enumerate(records))]  # fmt: skip
    result = match(lines, records, (), FIRST, LAST)
    assert len(result.matches) == 60
    assert {each.kind for each in result.findings} <= {FindingKind.WRONG_DAY}
