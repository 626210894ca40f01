"""The life of a payment: whatever is asked in whatever order, its books stay sound."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kit.pure.errors import Refusal
from kit.pure.event import Event
from services.payments.domain import payment as life
from services.payments.domain.errors import (
    AlreadyResolved,
    AmountTooLarge,
    Unresolved,
    WrongBusinessDate,
    WrongState,
)
from services.payments.domain.events import (
    PaymentCaptured,
    PaymentDeclined,
    PaymentExpired,
    PaymentRefunded,
    PaymentVoided,
    RefundChannel,
)
from services.payments.domain.ledger import EntryKind, JournalEntry
from services.payments.domain.payment import Payment, State, changed
from services.payments.domain.provider import (
    DONE,
    NEVER_RECEIVED,
    UNANSWERED,
    UNREACHED,
    Answer,
    Outcome,
)
from services.payments.domain.refund import (
    OPEN,
    Refund,
    RefundState,
    refund_order,
    settle_refund,
    start_refund,
)
from services.payments.domain.settle import AUTHORIZATION_LIFE, Settled, settle
from tests.examples import share
from tests.unit.payments.sample import ID, NOW, TODAY, fresh

REFUSED = Answer(Outcome.REFUSED, "insufficient_funds")
ANSWERS = st.sampled_from([DONE, REFUSED, UNANSWERED, UNREACHED, NEVER_RECEIVED])


def answered(payment: Payment, answer: Answer) -> Settled:
    """The step under way, answered."""
    return settle(payment, life.order_of(payment).key, answer, NOW)


def captured(amount_yen: int = 1000) -> Payment:
    """A payment that was captured at once."""
    return answered(fresh(amount_yen), DONE).payment


def authorized(amount_yen: int = 1000) -> Payment:
    """A payment that waits for its capture."""
    return answered(fresh(amount_yen, capture_at_once=False), DONE).payment


def refund_of(amount_yen: int, channel: RefundChannel = RefundChannel.PROVIDER) -> Refund:
    """A refund of the sample payment."""
    return Refund(
        area="mine", refund_id=f"refund-{amount_yen}", payment_id=ID, amount_yen=amount_yen,
        channel=channel, reason="wrong size", refunded_by="clerk-1", business_date=TODAY,
        create_time=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "state", "event"),
    [
        (DONE, State.CAPTURED, "PaymentCaptured"),
        (REFUSED, State.DECLINED, "PaymentDeclined"),
        (UNREACHED, State.DECLINED, "PaymentDeclined"),
        (UNANSWERED, State.UNKNOWN, "PaymentBecameUnknown"),
        (NEVER_RECEIVED, State.EXPIRED, "PaymentExpired"),
    ],
)
def test_what_an_answer_makes_of_a_new_payment(answer: Answer, state: State, event: str) -> None:
    settled = answered(fresh(), answer)
    assert settled.payment.state is state
    assert [type(each).__name__ for each in settled.events] == [event]
    assert bool(settled.entries) is (state is State.CAPTURED)
    assert settled.events[0].version == settled.payment.version > fresh().version


@pytest.mark.parametrize("answer", [DONE, REFUSED, NEVER_RECEIVED])
def test_an_unknown_payment_is_resolved_once_and_only_once(answer: Answer) -> None:
    unknown = answered(fresh(), UNANSWERED).payment
    assert answered(unknown, UNANSWERED).events == ()
    resolved = answered(unknown, answer).payment
    assert resolved.pending is None
    with pytest.raises(AlreadyResolved):
        settle(resolved, ID, DONE, NOW)


def test_an_answer_to_another_step_is_not_taken_for_this_one() -> None:
    with pytest.raises(AlreadyResolved):
        settle(fresh(), "another-step", DONE, NOW)


def test_a_partial_capture_releases_the_rest() -> None:
    started = life.start_capture(authorized(1000), 400, key="c", now=NOW, today=TODAY)
    settled = answered(started, DONE)
    assert (settled.payment.captured_yen, settled.payment.authorized_yen) == (400, 1000)
    (event,) = settled.events
    assert isinstance(event, PaymentCaptured)
    assert event.amount_yen == settled.entries[0].amount_yen == 400


@pytest.mark.parametrize("amount_yen", [-1, 1001])
def test_no_more_is_captured_than_authorized(amount_yen: int) -> None:
    with pytest.raises(AmountTooLarge):
        life.start_capture(authorized(1000), amount_yen, key="c", now=NOW, today=TODAY)


def test_a_refused_capture_leaves_the_authorization() -> None:
    started = life.start_capture(authorized(), 0, key="c", now=NOW, today=TODAY)
    assert answered(started, REFUSED).payment.state is State.AUTHORIZED
    unknown = answered(started, UNANSWERED).payment
    assert unknown.state is State.UNKNOWN
    assert answered(unknown, NEVER_RECEIVED).payment.state is State.AUTHORIZED


def test_a_void_of_a_capture_turns_its_entry_round() -> None:
    paid = answered(fresh(), DONE)
    voided = answered(life.start_void(paid.payment, key="v", now=NOW, today=TODAY), DONE)
    assert voided.payment.state is State.VOIDED
    (event,) = voided.events
    assert isinstance(event, PaymentVoided)
    assert event.amount_yen == 1000
    sums: dict[str, int] = {}
    for entry in (*paid.entries, *voided.entries):
        for posting in entry.postings:
            sums[posting.account] = sums.get(posting.account, 0) + posting.amount_yen
    assert set(sums.values()) == {0}


def test_a_void_of_an_authorization_moves_no_money() -> None:
    voided = answered(life.start_void(authorized(), key="v", now=NOW, today=TODAY), DONE)
    (event,) = voided.events
    assert isinstance(event, PaymentVoided)
    assert (event.amount_yen, event.authorized_yen, voided.entries) == (0, 1000, ())


def test_a_sale_of_another_day_is_refunded_not_voided() -> None:
    with pytest.raises(WrongBusinessDate):
        life.start_void(captured(), key="v", now=NOW, today=TODAY + timedelta(days=1))


def test_an_authorization_runs_out_after_its_life_and_not_before() -> None:
    held = authorized()
    late = NOW + AUTHORIZATION_LIFE
    with pytest.raises(WrongState):
        life.start_expiry(held, key="e", now=late - timedelta(seconds=1), today=TODAY)
    started = life.start_expiry(held, key="e", now=late, today=TODAY)
    for answer in (DONE, REFUSED):
        settled = answered(started, answer)
        assert settled.payment.state is State.EXPIRED
        assert isinstance(settled.events[0], PaymentExpired)


def test_an_authorization_that_could_not_be_released_still_holds() -> None:
    late = NOW + AUTHORIZATION_LIFE
    started = life.start_expiry(authorized(), key="e", now=late, today=TODAY)
    unknown = answered(started, UNANSWERED).payment
    for waiting, answer in ((started, UNREACHED), (unknown, NEVER_RECEIVED)):
        settled = answered(waiting, answer)
        assert (settled.payment.state, settled.events) == (State.AUTHORIZED, ())
        again = life.start_expiry(settled.payment, key="e2", now=late, today=TODAY)
        assert answered(again, DONE).payment.state is State.EXPIRED


def test_nothing_starts_while_a_step_is_under_way() -> None:
    for waiting in (fresh(), answered(fresh(), UNANSWERED).payment):
        with pytest.raises(Unresolved):
            life.start_void(waiting, key="v", now=NOW, today=TODAY)
        with pytest.raises(Unresolved):
            life.start_capture(waiting, 0, key="c", now=NOW, today=TODAY)
        with pytest.raises(Unresolved):
            start_refund(waiting, refund_of(1))


@pytest.mark.parametrize("state", [State.VOIDED, State.DECLINED, State.EXPIRED])
def test_final_states_stay(state: State) -> None:
    final = changed(captured(), state=state)
    assert life.TRANSITIONS[state] == frozenset()
    with pytest.raises(WrongState):
        life.start_void(final, key="v", now=NOW, today=TODAY)
    with pytest.raises(WrongState):
        start_refund(final, refund_of(1))


def test_refunds_under_way_count_against_what_is_left() -> None:
    after, first = start_refund(captured(1000), refund_of(700))
    with pytest.raises(AmountTooLarge):
        start_refund(after, refund_of(301))
    with pytest.raises(WrongState):
        life.start_void(after, key="v", now=NOW, today=TODAY)
    declined = settle_refund(after, first, REFUSED, NOW, same_date_yen=0)
    assert (declined.refund.state, declined.payment.left_yen) == (RefundState.DECLINED, 1000)
    with pytest.raises(AlreadyResolved):
        settle_refund(declined.payment, declined.refund, DONE, NOW, same_date_yen=0)


def test_a_refund_is_asked_of_the_provider_under_its_own_key() -> None:
    payment, refund = start_refund(captured(), refund_of(10))
    order = refund_order(payment, refund)
    assert (order.key, order.payment_id, order.amount_yen) == ("refund-10", ID, 10)


SAYS: dict[EntryKind, type[PaymentCaptured | PaymentVoided | PaymentRefunded]] = {
    EntryKind.CAPTURE: PaymentCaptured,
    EntryKind.VOID: PaymentVoided,
    EntryKind.REFUND: PaymentRefunded,
}


class Books(RuleBasedStateMachine):
    """Random histories of one payment; after every step the books must prove themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.payment = fresh(capture_at_once=False)
        self.refunds: list[Refund] = []
        self.events: list[Event] = []
        self.entries: list[JournalEntry] = []
        self.keys = 0

    @rule(answer=ANSWERS)
    def answer(self, answer: Answer) -> None:
        if self.payment.pending is None:
            return
        self._keep(answered(self.payment, answer))

    @rule(amount_yen=st.integers(-5, 1100))
    def capture(self, amount_yen: int) -> None:
        self._try(
            lambda key: life.start_capture(self.payment, amount_yen, key=key, now=NOW, today=TODAY)
        )

    @rule(days=st.integers(0, 1))
    def void(self, days: int) -> None:
        today = TODAY + timedelta(days=days)
        self._try(lambda key: life.start_void(self.payment, key=key, now=NOW, today=today))

    @rule()
    def expire(self) -> None:
        late = NOW + AUTHORIZATION_LIFE
        self._try(lambda key: life.start_expiry(self.payment, key=key, now=late, today=TODAY))

    @rule(amount_yen=st.integers(-5, 1100), channel=st.sampled_from(RefundChannel))
    def refund(self, amount_yen: int, channel: RefundChannel) -> None:
        wanted = replace(refund_of(amount_yen, channel), refund_id=f"r{len(self.refunds)}")
        try:
            self.payment, started = start_refund(self.payment, wanted)
        except Refusal:
            return
        self.refunds.append(started)

    @rule(answer=ANSWERS, which=st.integers(0, 5))
    def answer_refund(self, answer: Answer, which: int) -> None:
        if which >= len(self.refunds) or self.refunds[which].state not in OPEN:
            return
        settled = settle_refund(
            self.payment, self.refunds[which], answer, NOW, same_date_yen=self.payment.refunded_yen
        )
        self.refunds[which], self.payment = settled.refund, settled.payment
        self.events += settled.events
        self.entries += settled.entries

    def _try(self, start: Callable[[str], Payment]) -> None:
        self.keys += 1
        try:
            self.payment = start(f"step-{self.keys}")
        except Refusal:
            return

    def _keep(self, settled: Settled) -> None:
        self.payment = settled.payment
        self.events += settled.events
        self.entries += settled.entries

    @invariant()
    def sums_hold(self) -> None:
        payment = self.payment
        gone = sum(r.amount_yen for r in self.refunds if r.state is RefundState.REFUNDED)
        assert payment.refunded_yen == gone
        assert gone + payment.reserved_yen <= payment.captured_yen <= payment.authorized_yen
        assert sum(p.amount_yen for e in self.entries for p in e.postings) == 0

    @invariant()
    def money_is_posted_and_said_once(self) -> None:
        kinds = [entry.kind for entry in self.entries]
        assert kinds.count(EntryKind.CAPTURE) <= 1
        assert kinds.count(EntryKind.VOID) <= 1
        for kind, event_type in SAYS.items():
            posted = sum(entry.amount_yen for entry in self.entries if entry.kind is kind)
            said = [event for event in self.events if isinstance(event, event_type)]
            assert posted == sum(event.amount_yen for event in said)

    @invariant()
    def versions_only_rise(self) -> None:
        versions = [event.version for event in self.events]
        assert versions == sorted(set(versions))

    @invariant()
    def nothing_follows_a_final_outcome(self) -> None:
        final = (PaymentDeclined, PaymentExpired, PaymentVoided)
        ends = [number for number, event in enumerate(self.events) if isinstance(event, final)]
        assert not ends or ends == [len(self.events) - 1]


TestBooks = Books.TestCase
TestBooks.settings = settings(share(60), stateful_step_count=30)


def test_a_changed_copy_is_checked_like_a_new_payment() -> None:
    with pytest.raises(AssertionError, match="captured more"):
        changed(captured(), captured_yen=10**6)
    with pytest.raises(AssertionError, match="refunded more"):
        changed(captured(), refunded_yen=10**6)
    with pytest.raises(TypeError, match="refund_yen"):
        changed(captured(), refund_yen=1)
