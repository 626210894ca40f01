"""The page of a payment tells its state in words that the books' comparison knows."""

from typing import cast

import pytest

from demo.web import Browser
from loadtests import books
from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.till import words
from tests.unit.chaos.worlds import small_world

STATES = {
    pb.PAYMENT_STATE_CAPTURED: "captured", pb.PAYMENT_STATE_AUTHORIZED: "authorized",
    pb.PAYMENT_STATE_DECLINED: "declined", pb.PAYMENT_STATE_EXPIRED: "expired",
}  # fmt: skip


def page_of(word: str) -> str:
    return f'<h1 class="till-result__word">{word}</h1>'


@pytest.mark.parametrize("state", words.STATES)
def test_a_settled_state_is_known_by_its_word_and_an_open_one_is_open(state: int) -> None:
    word = str(words.STATES[state].word)
    wanted = STATES.get(state, "")  # type: ignore[call-overload] # numbers of the same enum
    assert books.state_of(page_of(word)) == wanted


def test_a_page_without_a_word_tells_nothing() -> None:
    assert books.state_of("") == ""
    assert books.state_of(page_of("")) == ""


def test_every_kind_of_acknowledgement_has_a_name() -> None:
    assert set(books.NAMES) == set(books.KEPT)


class Till:
    """A browser of a clerk to whom the page of a payment says a word."""

    def __init__(self, word: str) -> None:
        self._word = word

    def get(self, _path: str) -> "Till":
        return self

    @property
    def text(self) -> str:
        return page_of(self._word)


@pytest.mark.parametrize(
    ("said", "now", "state"),
    [
        ("ok", "Declined", "captured"),  # what the clerk was told is what is compared
        ("bad", "Declined", "declined"), ("bad", "Not completed", "expired"),
        # Told that it was not taken, and it was: the books must differ.
        ("bad", "Paid", "declined"),
        ("warn", "Paid", ""), ("", "Paid", ""),
    ],
)  # fmt: skip
def test_the_word_of_the_till_is_compared_and_not_what_is_said_later(
    said: str, now: str, state: str
) -> None:
    told = {"payment_id": "p1", "said": said}
    assert books._as_told(told, cast(Browser, Till(now))) == {"payment_id": "p1", "state": state}


def test_a_sale_that_led_to_two_payments_was_acknowledged_twice() -> None:
    """The till was led to one payment, whose page could not be opened; asked again, to another."""
    world = small_world()
    ack = world.ack("key-card")
    answer = {"payment_id": ack["payment_id"], "state": "captured"}
    one = books._acknowledged(ack, ack["payment_id"], answer)
    assert [(each["payment_id"], each["captured_yen"]) for each in one] == [("card", 1300)]
    world.acks += books._acknowledged(ack, "first", answer)
    verdict = world.verdict()
    assert any("key key-card made 2 payments" in each for each in verdict.doubled)
    assert any("first was acknowledged and is not in the ledger" in each for each in verdict.lost)
