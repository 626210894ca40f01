"""Pairs that are found by neighbors only are those that a search of all pairs finds."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.payments.domain.matching import FindingKind, Record, match
from services.payments.domain.nearest import closest_pairs
from services.payments.domain.provider_file import ProviderLine
from services.payments.domain.tender import Tender

START = datetime.fromisoformat("2026-11-02T09:00")
# Powers of two and their like: no two distances are equal, so there is one right answer.
MOMENTS = [START + timedelta(seconds=3**power) for power in range(14)]


def all_pairs(
    lefts: list[datetime], rights: list[datetime], most: timedelta
) -> list[tuple[datetime, datetime]]:
    """What is meant, looking at all pairs."""
    pairs = sorted((abs(left - right), left, right) for left in lefts for right in rights)
    taken: list[tuple[datetime, datetime]] = []
    for distance, left, right in pairs:
        used = {each for pair in taken for each in pair}
        if distance <= most and left not in used and right not in used:
            taken.append((left, right))
    return taken


@given(st.lists(st.booleans(), max_size=14), st.permutations(MOMENTS), st.integers(0, 3**13))
def test_neighbors_give_the_same_pairs_as_all_pairs(
    sides: list[bool], moments: list[datetime], most_s: int
) -> None:
    lefts = [moment for moment, side in zip(moments, sides, strict=False) if side]
    rights = [moment for moment, side in zip(moments, sides, strict=False) if not side]
    most = timedelta(seconds=most_s)
    found = closest_pairs(
        [(each, each) for each in lefts], [(each, each) for each in rights],
        lambda left, right: abs(left - right) <= most,
    )  # fmt: skip
    assert list(found) == all_pairs(lefts, rights, most)


def test_of_equals_those_given_first_come_first() -> None:
    twice = [(START, 1), (START, 2)]
    assert list(closest_pairs(twice, twice, lambda *_: True)) == [(1, 1), (2, 2)]


def test_thousands_of_one_price_are_looked_at_a_few_times_each() -> None:
    looks = 0

    def fits(_left: int, _right: int) -> bool:
        nonlocal looks
        looks += 1
        return True

    many = [(START + timedelta(seconds=each), each) for each in range(3_000)]
    later = [(moment + timedelta(days=1), each) for moment, each in many]
    assert sum(1 for _ in closest_pairs(many, later, fits)) == 3_000
    assert looks <= 3 * 6_000


def record(number: int, moment: datetime, day: date | None = None) -> Record:
    return Record(
        entry_id=f"e{number:05}", payment_id=f"p{number}", references=(), is_refund=False,
        amount_yen=1_300, day=day or moment.date(), time=moment, shop_place_id="shop-a",
        tender=Tender.CODE_PAYMENT, account="a", practice=False,
    )  # fmt: skip


def line(
    row: int, moment: datetime, amount_yen: int = 1_300, *, clock: bool = True
) -> ProviderLine:
    return ProviderLine(
        row=row, number=f"n{row}", reference="", is_refund=False, amount_yen=amount_yen,
        time=moment, has_clock=clock, shop_place_id="shop-a", tender=Tender.CODE_PAYMENT,
    )  # fmt: skip


def test_a_whole_file_of_the_wrong_day_is_told_line_by_line() -> None:
    day = timedelta(days=1)
    ours = [record(each, START + timedelta(minutes=each)) for each in range(400)]
    told = [line(each, START + day + timedelta(minutes=each)) for each in range(400)]
    result = match(told, ours, (), START.date(), START.date() + day)
    assert {each.kind for each in result.findings} == {FindingKind.WRONG_DAY}
    assert len(result.matches) == len(result.findings) == 400


def test_a_sale_that_was_entered_days_later_is_near_its_own_day() -> None:
    own_day = START.date()
    entered = record(1, START + timedelta(days=9), day=own_day)
    told = line(2, START + timedelta(days=3))
    result = match([told], [entered], (), own_day, own_day + timedelta(days=3))
    assert [each.kind for each in result.findings] == [FindingKind.WRONG_DAY]
    too_far = line(2, START + timedelta(days=4))
    result = match([too_far], [entered], (), own_day, own_day + timedelta(days=4))
    assert {each.kind for each in result.findings} == {FindingKind.EXTRA, FindingKind.MISSING}


def test_a_line_without_a_clock_hides_nobody_of_the_same_moment() -> None:
    ours = [record(1, START)]
    between = line(2, START + timedelta(minutes=1), 99, clock=False)
    told = line(3, START + timedelta(minutes=2), 1_400)
    result = match([between, told], ours, (), START.date(), START.date())
    kinds = {(each.kind, each.line and each.line.row) for each in result.findings}
    assert kinds == {(FindingKind.WRONG_AMOUNT, 3), (FindingKind.EXTRA, 2)}
