"""The simulator's own truth: a key is taken once, and no more moves than was charged."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.acquirer.books import Books, KeyReused
from simulators.acquirer.scenarios import BY_ENDING, MAX_ORDERED, Orders, Scenario

SALE = {"amount_yen": 1000, "tender": "card", "capture": True}


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    made = Books(tmp_path / "books.sqlite3")
    yield made
    made.close()


def test_the_same_request_is_charged_once(books: Books) -> None:
    first = books.perform("key-1", "take", "key-1", SALE)
    assert books.perform("key-1", "take", "key-1", SALE) == first
    assert [each["captured_yen"] for each in books.charges()] == [1000]
    with pytest.raises(KeyReused):
        books.perform("key-1", "take", "key-1", {**SALE, "amount_yen": 1001})


def test_a_refusal_is_remembered(books: Books) -> None:
    assert books.perform("key-1", "take", "key-1", SALE, "card_expired").status == "refused"
    assert books.perform("key-1", "take", "key-1", SALE).reason == "card_expired"
    assert books.charges() == []


def test_a_fenced_key_is_refused_when_it_arrives(books: Books) -> None:
    assert books.look_up("key-1", fence=False) is None
    assert books.look_up("key-1", fence=True) is None
    assert books.perform("key-1", "take", "key-1", SALE).reason == "fenced"
    assert books.charges() == []


def test_capture_refund_and_void_stay_within_the_charge(books: Books) -> None:
    books.perform("key-1", "take", "key-1", {**SALE, "capture": False})
    assert books.perform("c-1", "capture", "key-1", {"amount_yen": 1001}).status == "refused"
    assert books.perform("c-2", "capture", "key-1", {"amount_yen": 600}).status == "done"
    assert books.perform("c-3", "capture", "key-1", {"amount_yen": 100}).status == "refused"
    assert books.perform("r-1", "refund", "key-1", {"amount_yen": 601}).status == "refused"
    assert books.perform("r-2", "refund", "key-1", {"amount_yen": 600}).status == "done"
    assert books.perform("v-1", "void", "key-1", {"amount_yen": 600}).reason == "refunded"
    assert books.perform("x-1", "refund", "key-9", {"amount_yen": 1}).reason == "unknown_charge"


def test_books_outlive_the_process(tmp_path: Path) -> None:
    before = Books(tmp_path / "books.sqlite3")
    before.perform("key-1", "take", "key-1", SALE)
    before.close()
    after = Books(tmp_path / "books.sqlite3")
    assert after.look_up("key-1", fence=False) is not None
    after.close()


def test_scenarios_come_by_order_first_and_by_ending_else() -> None:
    orders = Orders()
    orders.order(Scenario.LATE, 2)
    assert [orders.choose(9901) for _ in range(3)] == [
        Scenario.LATE, Scenario.LATE, Scenario.DECLINE
    ]  # fmt: skip
    assert orders.choose(1300) is Scenario.APPROVE
    assert orders.choose(19_903) is BY_ENDING[9903]
    for count in (-1, MAX_ORDERED + 1):
        with pytest.raises(ValueError, match="count"):
            orders.order(Scenario.LATE, count)
    orders.order(Scenario.LATE, 2)
    orders.order(Scenario.APPROVE, 0)
    assert orders.choose(9901) is Scenario.DECLINE  # what was ordered is forgotten
