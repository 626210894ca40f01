"""What may be told of sales: sums of many, and shops that let themselves be told, over all time."""

from collections.abc import Iterable, Iterator
from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.insights.domain.sales import Consents, Told, of_many, told

SHOPS = "abcdef"
parts = st.dictionaries(st.sampled_from(SHOPS), st.integers(-200, 1_000), max_size=6)
changes = st.lists(st.tuples(st.sampled_from(SHOPS), st.booleans()), max_size=8)


@pytest.mark.parametrize(
    ("by_shop", "may"),
    [
        ([], True), ([0, 0], True), ([1], False), ([5, 5], False), ([5, 5, 0], False),
        ([5, 5, 5], True), ([70, 20, 10], True), ([71, 20, 9], False), ([-300], False),
        ([500, -400, 300], True), ([-900, 10, 10], False),
    ],
)  # fmt: skip
def test_a_sum_is_told_of_three_of_whom_none_outweighs_the_others(
    by_shop: list[int], *, may: bool
) -> None:
    assert of_many(dict(zip(SHOPS, by_shop, strict=False))) is may


def test_whoever_consents_stands_alone_while_three_are_left() -> None:
    six = dict.fromkeys(SHOPS, 100)
    assert told(six, set()) == Told(whole=True)
    assert told(six, {"a", "b"}) == Told(whole=True, alone=frozenset("ab"))
    assert told(six, {"a", "b", "c"}) == Told(whole=True, alone=frozenset("abc"))
    assert told(six, {"a", "b", "c", "d"}) == Told(whole=True), "e and f would know each other"
    assert told(six, set(SHOPS)) == Told(whole=True, alone=frozenset(SHOPS))


def test_of_few_only_those_are_told_who_consent() -> None:
    assert told({"a": 900, "b": 50}, set()) == Told(whole=False)
    assert told({"a": 900, "b": 50}, {"b"}) == Told(whole=False, alone=frozenset("b"))
    assert told({"a": 900, "b": 50}, {"a", "b", "z"}) == Told(whole=True, alone=frozenset("ab"))
    # Without a sum nobody can be what is left of it, however much the shop that consents outweighs.
    giant = {"a": 900, "b": 50, "c": 50, "d": 50}
    assert told(giant, {"a"}) == Told(whole=False, alone=frozenset("a"))


def test_whoever_takes_consent_back_is_not_what_is_left() -> None:
    four = dict.fromkeys("abcd", 100)
    assert told(four, {"a", "b", "c"}, {"d"}).alone == frozenset()
    # d was read before: with b told now, a and c would be left.
    assert told({**four, "e": 100}, {"b"}, {"b", "d"}).alone == frozenset("b")
    assert told(four, {"b"}, {"b", "d"}).alone == frozenset()


def kept(by_shop: dict[str, int], history: Iterable[tuple[str, bool]]) -> Iterator[Told]:
    """What is told before the first change of consents and after each."""
    now: set[str] = set()
    ever: set[str] = set()
    yield told(by_shop, now, ever)
    for shop, consents in history:
        (now.add if consents else now.discard)(shop)
        ever |= now
        yield told(by_shop, frozenset(now), frozenset(ever))


def rows(by_shop: dict[str, int], answers: Iterable[Told]) -> Iterator[frozenset[str]]:
    """The sums that somebody has read who noted all answers, each as the shops in it."""
    for each in answers:
        yield from (frozenset(shop) for shop in each.alone)
        if each.whole:
            yield frozenset(by_shop)
            yield frozenset(by_shop) - each.alone


def follows(sums: list[frozenset[str]], wanted: frozenset[str]) -> bool:
    """Tells whether adding and subtracting sums gives that of the wanted shops."""

    def vector(shops: frozenset[str]) -> list[int]:
        return [int(shop in shops) for shop in SHOPS]

    known = np.array([vector(each) for each in sums if each] or [[0] * len(SHOPS)])
    more = np.vstack([known, vector(wanted)])
    return bool(np.linalg.matrix_rank(more) == np.linalg.matrix_rank(known))


@given(parts, changes)
def test_nobody_is_worked_out_by_whoever_noted_all_that_was_ever_told(
    by_shop: dict[str, int], history: list[tuple[str, bool]]
) -> None:
    answers = list(kept(by_shop, history))
    consented = {shop for shop, consents in history if consents}
    alone = {shop for each in answers for shop in each.alone}
    assert alone <= consented
    sums = list(rows(by_shop, answers))
    every = chain.from_iterable(combinations(sorted(by_shop), n) for n in range(1, 7))
    for shops in every:
        hidden = {shop: by_shop[shop] for shop in shops if shop not in alone}
        if hidden and follows(sums, frozenset(shops)):
            assert of_many(hidden), shops


@given(parts, changes)
def test_a_sum_of_many_is_told_whoever_consents(
    by_shop: dict[str, int], history: list[tuple[str, bool]]
) -> None:
    if of_many(by_shop):
        assert all(each.whole for each in kept(by_shop, history))


@given(parts, st.sets(st.sampled_from(SHOPS)))
def test_all_who_consent_are_told_all(by_shop: dict[str, int], more: set[str]) -> None:
    assert told(by_shop, set(by_shop) | more) == Told(whole=True, alone=frozenset(by_shop))


def test_nobody_consents_before_they_are_asked() -> None:
    assert Consents() == Consents(frozenset(), frozenset())
