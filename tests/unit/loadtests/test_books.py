"""The page of a payment tells its state in words that the books' comparison knows."""

import pytest

from loadtests import books
from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.till import words

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
