"""A ticket paid in parts: whatever the order of parts, faults and returns, it ends either paid with
one ticket or given back without."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.payments.domain.errors import NeedsConnection, SplitSaleEnded
from services.payments.domain.payment import Payment, State, changed, order_of, start_void
from services.payments.domain.price_class import TicketLine
from services.payments.domain.provider import DONE, UNANSWERED, Answer, Outcome
from services.payments.domain.receipt import Item
from services.payments.domain.settle import settle
from services.payments.domain.split_sale import SplitParty, SplitSale, SplitState, Void, way_back
from services.payments.domain.ticket import Standing, Ticket, decide, issue_of_split, standing
from tests.unit.payments.sample import ID, NOW, TODAY, fresh

REFUSED = Answer(Outcome.REFUSED, reason="insufficient_funds")
TOTAL_YEN = 3000
PARTY = SplitParty(
    site_place_id="cave", lines=(TicketLine("adult", 1, 2), TicketLine("child", 2, 1)), persons=3,
    day=TODAY,
)  # fmt: skip
LINES = (
    Item(name="大人", quantity=2, unit_amount_yen=1200, tax_rate_percent=10),
    Item(name="中学生", quantity=1, unit_amount_yen=600, tax_rate_percent=10),
)


def sale(**changes: Any) -> SplitSale:
    usual: dict[str, Any] = {
        "area": "mine", "split_sale_id": ID, "shop_place_id": "gate", "total_yen": TOTAL_YEN,
        "items": LINES, "opened_by": "clerk-1", "clerk_id": "", "business_date": TODAY,
        "create_time": NOW, "party": PARTY,
    }  # fmt: skip
    return SplitSale(**{**usual, **changes})


def begun(of: SplitSale, amount_yen: int) -> Payment:
    """A part whose provider was not heard yet, with an id of its own."""
    made = fresh(amount_yen, items=of.share_of(amount_yen, 10), split_sale_id=ID)
    number = f"{len(of.parts):012d}"
    return changed(made, payment_id=f"00000000-0000-7000-8000-{number}")


def part(of: SplitSale, amount_yen: int, answer: Answer = DONE) -> SplitSale:
    made = begun(of, amount_yen)
    return of.with_part(settle(made, order_of(made).key, answer, NOW).payment)


class InParts(RuleBasedStateMachine):
    """One sale, as the writer keeps it: after each settled step the ticket is made where due."""

    def __init__(self) -> None:
        super().__init__()
        self.sale = sale()
        self.made: list[Ticket] = []

    def written(self, known: Payment) -> None:
        """What the writer does with a changed part (app/commit.py: Pages.issue)."""
        self.sale = self.sale.with_seen({known.payment_id: known})
        if self.sale.is_complete and not self.sale.is_issued:
            self.made.append(issue_of_split(self.sale))
            self.sale = replace(self.sale, is_issued=True)

    @precondition(lambda self: self.sale.open_yen and len(self.sale.parts) < 12)
    @rule(share=st.floats(0.01, 1), answer=st.sampled_from([DONE, REFUSED, UNANSWERED]))
    def takes(self, share: float, answer: Answer) -> None:
        """A part, whatever its provider says or does not say."""
        amount_yen = max(1, int(self.sale.open_yen * share))
        self.sale.check_part(amount_yen, TODAY, practice=True, waited=False)
        made = begun(self.sale, amount_yen)
        self.sale = self.sale.with_part(made)
        self.written(settle(made, order_of(made).key, answer, NOW).payment)

    def pick(self, data: st.DataObject, *, pending: bool) -> Payment | None:
        fit = [
            each for each in self.sale.parts
            if (each.pending is not None) is pending
            and (pending or each.state is State.CAPTURED)
        ]  # fmt: skip
        return data.draw(st.sampled_from(fit)) if fit else None

    @rule(data=st.data(), answer=st.sampled_from([DONE, REFUSED]))
    def is_told(self, data: st.DataObject, answer: Answer) -> None:
        """The provider is asked again, or its webhook comes."""
        if known := self.pick(data, pending=True):
            self.written(settle(known, order_of(known).key, answer, NOW).payment)

    @rule(data=st.data(), answer=st.sampled_from([DONE, REFUSED, UNANSWERED]))
    def is_voided(self, data: st.DataObject, answer: Answer) -> None:
        """One part is taken back by itself."""
        if known := self.pick(data, pending=False):
            asked = start_void(known, key=f"{ID[:-1]}f", now=NOW, today=TODAY)
            self.sale = self.sale.with_seen({asked.payment_id: asked})
            self.written(settle(asked, order_of(asked).key, answer, NOW).payment)

    @rule()
    def is_given_back(self) -> None:
        """Somebody gives all of it back."""
        self.sale = replace(self.sale, give_back_time=NOW)

    @invariant()
    def one_ticket_at_most_and_it_holds_only_for_all_of_the_money(self) -> None:
        """Whatever happened so far."""
        assert len(self.made) <= 1
        for made in self.made:
            holds = standing(made, self.sale) is Standing.VALID
            settled = not any(each.pending for each in self.sale.parts if each.captured_yen)
            assert holds is (self.sale.state is SplitState.PAID and settled)
        if self.sale.is_complete:
            assert self.made

    def teardown(self) -> None:
        """In the end all is paid with a ticket, or all is back without one."""
        for known in self.sale.parts:
            if known.pending is not None:
                self.written(settle(known, order_of(known).key, DONE, NOW).payment)
        if self.sale.give_back_time is None and self.sale.open_yen:
            self.takes(1.0, DONE)
        if self.sale.give_back_time is None:
            assert [standing(each, self.sale) for each in self.made] == [Standing.VALID]
            assert sum(p.captured_yen for p in self.sale.parts if p.state is State.CAPTURED) == (
                TOTAL_YEN
            )
            return
        for known in self.sale.parts:
            if isinstance(way_back(known, TODAY, provider_refunds=True), Void):
                asked = start_void(known, key=f"{ID[:-1]}e", now=NOW, today=TODAY)
                self.written(settle(asked, order_of(asked).key, DONE, NOW).payment)
        assert self.sale.state is SplitState.GIVEN_BACK
        assert all(standing(each, self.sale) is Standing.CANCELED for each in self.made)


TestInParts = InParts.TestCase


@given(cuts=st.lists(st.integers(1, TOTAL_YEN - 1), max_size=6, unique=True))
def test_shares_of_a_ticket_sum_up_and_its_party_is_whole(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), TOTAL_YEN]
    split = sale()
    for least, most in pairwise(edges):
        assert not split.is_complete
        split = part(split, most - least)
    made = issue_of_split(split)
    assert (made.persons, made.amount_yen, made.lines) == (3, TOTAL_YEN, PARTY.lines)
    assert (made.ticket_id, made.split_sale_id, made.payment_id) == (ID, ID, None)
    shared = sum(line.amount_yen for each in split.parts for line in each.items)
    assert shared == TOTAL_YEN


def test_no_ticket_is_made_of_a_sale_that_is_not_paid() -> None:
    with pytest.raises(AssertionError):
        issue_of_split(part(sale(), 2999))


def test_a_part_of_a_ticket_needs_a_signal_and_comes_on_its_day() -> None:
    split = sale()
    with pytest.raises(NeedsConnection):
        split.check_part(1, TODAY, practice=True, waited=True)
    with pytest.raises(SplitSaleEnded):
        split.check_part(1, TODAY + timedelta(days=1), practice=True, waited=False)
    replace(split, party=None).check_part(1, TODAY + timedelta(days=1), practice=True, waited=True)


def test_refunds_end_it_be_they_only_under_way_and_practice_stays_practice() -> None:
    split = part(part(sale(), 1000), 2000)
    made = issue_of_split(split)
    assert made.practice
    assert decide(made, split, used=False, gate_is_ours=True, today=TODAY).reason == "practice"
    for changes in ({"reserved_yen": 1}, {"refunded_yen": 1}):
        touched = changed(split.parts[0], **changes)
        after = split.with_seen({touched.payment_id: touched})
        assert standing(made, after) is Standing.REFUNDED
    assert standing(replace(made, withdrawn=True), split) is Standing.WITHDRAWN


def test_nothing_is_made_while_a_part_is_asked_back_and_it_is_made_when_that_is_refused() -> None:
    split = part(sale(), 1000)
    asked = start_void(split.parts[0], key=ID, now=NOW, today=TODAY)
    split = part(split.with_seen({asked.payment_id: asked}), 2000)
    assert (split.state, split.open_yen) == (SplitState.OPEN, 0)
    assert not split.is_complete
    kept = settle(asked, ID, REFUSED, NOW).payment
    after = split.with_seen({kept.payment_id: kept})
    assert after.is_complete
    assert standing(issue_of_split(after), split) is Standing.UNRESOLVED
