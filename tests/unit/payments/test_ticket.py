"""Who may go in, what a party costs, and that a ticket holds exactly as long as its payment."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.payments.domain.errors import PriceChanged
from services.payments.domain.payment import Payment, State, changed
from services.payments.domain.price_class import (
    ClassKind,
    PriceClass,
    Priced,
    check_class,
    price,
)
from services.payments.domain.provider import DONE
from services.payments.domain.settle import settle
from services.payments.domain.ticket import (
    SOLD_AHEAD_DAYS,
    Outcome,
    Standing,
    Ticket,
    TicketOrder,
    check_origin,
    days_of,
    decide,
    issue,
    scan_time_of,
    sites_of,
    standing,
)
from tests.unit.payments.sample import ID, NOW, TODAY, fresh

ADULT = PriceClass(
    class_id="adult", number=1, site_place_id="cave", gate_place_ids=("gate-a", "gate-b"),
    names={"ja": "大人"}, unit_amount_yen=1300, persons_max=19,
)  # fmt: skip
INFANT = replace(ADULT, class_id="infant", number=2, unit_amount_yen=0)
GROUP = replace(
    ADULT, class_id="group", number=3, unit_amount_yen=1100, persons_min=20, persons_max=999
)
VOUCHER = replace(
    ADULT, class_id="voucher", number=4, unit_amount_yen=0, kind=ClassKind.VOUCHER, persons_max=99
)
EXTRA = replace(ADULT, class_id="extra", number=5, unit_amount_yen=300, kind=ClassKind.ADD_ON)
OTHER = replace(ADULT, class_id="other", number=6, site_place_id="cave-2")
CLASSES = {each.class_id: each for each in (ADULT, INFANT, GROUP, VOUCHER, EXTRA, OTHER)}


def party(*wanted: tuple[str, int], voucher: str = "", gate: str = "gate-a") -> Priced:
    """A party at the test gate."""
    return price(CLASSES, gate, wanted, voucher)


def paid(**changes: object) -> Payment:
    """A captured payment."""
    payment = fresh(2600)
    captured = settle(payment, ID, DONE, NOW).payment
    return changed(captured, **changes)


def ticket(**changes: object) -> Ticket:
    """The paid ticket of two adults today."""
    order = TicketOrder(priced=party(("adult", 2)), told_yen=2600)
    made = replace(issue(order, fresh(2600)), practice=False)
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_family_pays_for_each_and_counts_each() -> None:
    priced = party(("adult", 2), ("infant", 1), ("extra", 2))
    assert (priced.amount_yen, priced.persons) == (3200, 3)
    assert sum(item.amount_yen for item in priced.items) == 3200
    assert [item.name for item in priced.items] == ["大人", "大人"]  # nothing for the infant


@given(st.lists(st.tuples(st.sampled_from(sorted(CLASSES)), st.integers(-1, 1001)), max_size=8))
def test_any_party_is_priced_by_its_lines_or_refused(wanted: list[tuple[str, int]]) -> None:
    try:
        priced = party(*wanted, voucher="V-1")
    except InvalidFields:
        return
    assert priced.amount_yen == sum(CLASSES[name].unit_amount_yen * n for name, n in wanted)
    assert priced.persons == sum(n for name, n in wanted if name != "extra") > 0
    assert sum(item.amount_yen for item in priced.items) == priced.amount_yen


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ([], "lines"),
        ([("adult", 1), ("adult", 1)], "lines"),
        ([("nobody", 1)], "lines[0].class_id"),
        ([("adult", 20)], "lines[0].persons"),
        ([("group", 19)], "lines[0].persons"),
        ([("adult", 1), ("other", 1)], "lines"),
        ([("adult", 1), ("extra", 2)], "lines"),
        ([("extra", 1)], "lines"),
        ([("voucher", 30)], "voucher"),
    ],
)
def test_a_party_that_cannot_be_sold_is_explained(
    wanted: list[tuple[str, int]], field: str
) -> None:
    with pytest.raises(InvalidFields) as refused:
        party(*wanted)
    assert [name for name, _ in refused.value.fields] == [field]


def test_a_gate_of_another_site_sells_nothing_here() -> None:
    with pytest.raises(InvalidFields):
        party(("adult", 1), gate="gate-z")
    assert sites_of(CLASSES.values(), "gate-a") == {"cave", "cave-2"}
    assert sites_of(CLASSES.values(), "gate-z") == frozenset()


@pytest.mark.parametrize(
    "wrong",
    [
        {"class_id": "A!"}, {"number": 0}, {"number": 256}, {"gate_place_ids": ()},
        {"names": {"en": "Adult"}}, {"unit_amount_yen": -1}, {"tax_rate_percent": 5},
        {"persons_min": 5, "persons_max": 4}, {"kind": ClassKind.VOUCHER}, {"site_place_id": ""},
    ],
)  # fmt: skip
def test_a_price_class_that_cannot_be_used_is_explained(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidFields):
        check_class(replace(ADULT, **wrong))  # type: ignore[arg-type]
    assert check_class(ADULT) is ADULT


def test_a_ticket_is_its_payment_s_own_and_of_that_price() -> None:
    made = issue(TicketOrder(priced=party(("adult", 2)), told_yen=2600), fresh(2600))
    assert (made.ticket_id, made.payment_id, made.persons) == (ID, ID, 2)
    assert (made.first_day, made.last_day, made.practice) == (TODAY, TODAY, True)
    with pytest.raises(PriceChanged):
        issue(TicketOrder(priced=party(("adult", 2)), told_yen=2000), fresh(2000))


@pytest.mark.parametrize(
    ("payment", "expected"),
    [
        (fresh(2600), Standing.UNRESOLVED),
        (paid(), Standing.VALID),
        (paid(reserved_yen=1), Standing.REFUNDED),
        (paid(refunded_yen=2600), Standing.REFUNDED),
        (paid(state=State.VOIDED), Standing.CANCELED),
        (paid(state=State.UNKNOWN), Standing.UNRESOLVED),
        (paid(state=State.DECLINED), Standing.NOT_PAID),
        (paid(state=State.EXPIRED), Standing.NOT_PAID),
        (paid(state=State.AUTHORIZED), Standing.UNRESOLVED),
    ],
)
def test_a_ticket_holds_exactly_as_long_as_its_payment(
    payment: Payment, expected: Standing
) -> None:
    assert standing(ticket(), payment) is expected
    assert standing(ticket(withdrawn=True), payment) is Standing.WITHDRAWN


def test_a_void_under_way_already_closes_the_gate() -> None:
    under_way = changed(fresh(2600), state=State.CAPTURED, authorized_yen=2600, captured_yen=2600)
    assert standing(ticket(), under_way) is Standing.UNRESOLVED


@given(
    days=st.integers(-500, 500), used=st.booleans(), ours=st.booleans(), valid=st.booleans(),
    practice=st.booleans(),
)  # fmt: skip
def test_only_a_valid_unused_ticket_of_the_day_goes_in(
    days: int,
    *,
    used: bool,
    ours: bool,
    valid: bool,
    practice: bool,
) -> None:
    payment = paid() if valid else paid(state=State.VOIDED)
    decision = decide(
        ticket(practice=practice), payment, used=used, gate_is_ours=ours,
        today=TODAY + timedelta(days=days),
    )  # fmt: skip
    holds = valid and not used and ours and days == 0
    assert (decision.outcome is Outcome.ADMITTED) == (holds and not practice)
    assert (decision.outcome is Outcome.PRACTICE) == (holds and practice)
    assert bool(decision.reason) == (decision.outcome is not Outcome.ADMITTED)


@pytest.mark.parametrize(
    ("change", "outcome", "reason"),
    [
        (dict, Outcome.ADMITTED, ""),
        (lambda: {"used": True}, Outcome.ALREADY_USED, "already_used"),
        (lambda: {"gate_is_ours": False}, Outcome.REFUSED, "other_gate"),
        (lambda: {"today": TODAY - timedelta(1)}, Outcome.REFUSED, "not_yet"),
        (lambda: {"today": TODAY + timedelta(1)}, Outcome.REFUSED, "expired"),
    ],
)
def test_the_gate_says_why(
    change: Callable[[], dict[str, object]], outcome: Outcome, reason: str
) -> None:
    usual: dict[str, object] = {"used": False, "gate_is_ours": True, "today": TODAY}
    decision = decide(ticket(), paid(), **{**usual, **change()})  # type: ignore[arg-type]
    assert (decision.outcome, decision.reason) == (outcome, reason)


@pytest.mark.parametrize("day", [TODAY - timedelta(1), TODAY + timedelta(SOLD_AHEAD_DAYS + 1)])
def test_a_day_too_far_off_is_not_sold(day: date) -> None:
    assert days_of(None, TODAY) == (TODAY, TODAY)
    with pytest.raises(InvalidFields):
        days_of(day, TODAY)


@pytest.mark.parametrize("origin", ["jp", "JPN", "J", "日本", "1A"])
def test_an_origin_is_a_country_or_nothing(origin: str) -> None:
    assert [check_origin(each) for each in ("JP", "ZZ", "")] == ["JP", "ZZ", ""]
    with pytest.raises(InvalidFields):
        check_origin(origin)


def test_a_clock_that_cannot_be_right_is_not_believed() -> None:
    hour = timedelta(hours=1)
    assert scan_time_of(NOW - hour, NOW) == NOW - hour
    assert scan_time_of(NOW + hour, NOW) == NOW
    assert scan_time_of(NOW - timedelta(days=15), NOW) == NOW
