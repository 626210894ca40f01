"""Sales that a customer has to finish: in progress is no answer yet, and names the payment."""

from datetime import timedelta

import pytest

from services.payments.domain.errors import AlreadyResolved
from services.payments.domain.payment import (
    Payment,
    State,
    is_with_customer,
    order_of,
    start_capture,
    start_void,
)
from services.payments.domain.provider import (
    DONE,
    IN_PROGRESS,
    UNANSWERED,
    Answer,
    Outcome,
    time_of,
)
from services.payments.domain.settle import Settled, settle
from tests.unit.payments.sample import NOW, TODAY, fresh

WAITS = Answer(Outcome.IN_PROGRESS, provider_ref="checkout-1", customer_code="https://qr.example/1")
PAID = Answer(Outcome.DONE, provider_ref="payment-1")


def told(sale: Payment, *answers: Answer) -> Settled:
    """A sale after answers, one second apart."""
    settled = Settled(sale)
    for number, answer in enumerate(answers):
        now = NOW + timedelta(seconds=number)
        settled = settle(settled.payment, sale.payment_id, answer, now)
    return settled


def test_in_progress_changes_no_state_and_says_nothing() -> None:
    settled = told(fresh(), WAITS)
    assert settled.payment.state is State.CREATED
    assert settled.payment.provider_ref == "checkout-1"
    assert is_with_customer(settled.payment)
    assert (settled.events, settled.entries) == ((), ())


def test_the_same_word_again_is_no_change() -> None:
    once = told(fresh(), WAITS).payment
    assert told(once, WAITS).payment is once
    assert told(fresh(), IN_PROGRESS).payment.version == fresh().version


@pytest.mark.parametrize("before", [(WAITS,), (WAITS, UNANSWERED), (UNANSWERED, WAITS), ()])
def test_the_end_names_the_payment_and_posts_once(before: tuple[Answer, ...]) -> None:
    sale = fresh()
    settled = told(sale, *before, PAID)
    assert settled.payment.state is State.CAPTURED
    assert settled.payment.provider_ref == "payment-1"
    assert len(settled.events) == len(settled.entries) == 1
    assert settled.events[0].version == settled.payment.version
    with pytest.raises(AlreadyResolved):
        settle(settled.payment, sale.payment_id, WAITS, NOW)


def test_old_news_before_the_end_changes_nothing_afterwards() -> None:
    assert told(fresh(), WAITS, UNANSWERED, WAITS).payment.state is State.UNKNOWN


def test_later_steps_know_the_payment_by_its_provider_s_name() -> None:
    held = told(fresh(capture_at_once=False), PAID).payment
    capture = order_of(start_capture(held, 0, key="k", now=NOW, today=TODAY))
    assert (capture.provider_ref, capture.captured) == ("payment-1", False)
    taken = told(fresh(), PAID).payment
    void = order_of(start_void(taken, key="k", now=NOW, today=TODAY))
    assert (void.provider_ref, void.captured) == ("payment-1", True)


def test_a_name_in_the_answer_to_another_step_renames_nothing() -> None:
    taken = told(fresh(), PAID).payment
    started = start_void(taken, key="void-1", now=NOW, today=TODAY)
    voided = settle(started, "void-1", Answer(Outcome.DONE, provider_ref="refund-9"), NOW).payment
    assert (voided.state, voided.provider_ref) == (State.VOIDED, "payment-1")
    assert settle(started, "void-1", DONE, NOW).payment == voided


def test_a_code_is_in_no_text_of_an_answer() -> None:
    assert "qr.example" not in repr(WAITS)


def test_a_key_tells_when_it_was_made() -> None:
    # The example of RFC 9562.
    made = time_of("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    assert made.isoformat(timespec="seconds") == "2022-02-22T19:22:22+00:00"
