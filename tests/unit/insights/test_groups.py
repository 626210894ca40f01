"""Groups of ten and the chance that is added to them."""

import math
import uuid
from collections import Counter
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from services.insights.domain.groups import EPSILON, GROUP, chance, whole


@dataclass(frozen=True)
class Said:
    """Something heard."""

    event_id: str


def likely(added: int) -> float:
    """How likely a number is as chance: the distribution as it is written down."""
    alpha = math.exp(-EPSILON)
    return (1 - alpha) / (1 + alpha) * alpha ** abs(added)


def test_chance_is_spread_as_it_is_written_down() -> None:
    """Else the promise above is one about another program."""
    tries = 20_000
    found = Counter(chance([f"{number}-{n}" for n in range(GROUP)], "good")
                    for number in range(tries))  # fmt: skip
    for added in range(-5, 6):
        expected = tries * likely(added)
        assert abs(found[added] - expected) < 5 * math.sqrt(expected), added
    assert min(found) < -5 < 5 < max(found)


def test_chance_follows_from_the_events_alone_and_differs_for_each_count() -> None:
    ids = [str(uuid.uuid5(uuid.NAMESPACE_OID, str(n))) for n in range(GROUP)]
    assert len({chance(ids, "good") for _ in range(50)}) == 1
    several = {(chance([*ids, str(n)], "good"), chance([*ids, str(n)], "hard")) for n in range(200)}
    assert len(several) > 10
    assert any(one != other for one, other in several)


@given(st.integers(0, 45))
def test_groups_are_whole_and_in_the_order_of_hearing(count: int) -> None:
    heard = [Said(str(number)) for number in range(count)]
    groups = whole(heard)
    assert [each for group in groups for each in group.events] == heard[: count // GROUP * GROUP]
    assert all(len(group.events) == GROUP for group in groups)
    assert all(group.ids == tuple(each.event_id for each in group.events) for group in groups)


def test_a_noisy_sum_is_the_sum_with_the_chance_of_its_name() -> None:
    [group] = whole([Said(f"{number}") for number in range(GROUP)])
    for what in ("country/JP", "country/KR"):
        found = group.noisy(what, lambda each: int(each.event_id) < 4)
        assert found == 4 + chance(group.ids, what)
