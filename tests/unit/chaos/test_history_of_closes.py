"""The check of closes and of the audit chain finds what was planted."""

from collections.abc import Callable

import pytest

from chaos.scenarios.closes import check_told
from tests.unit.chaos.worlds import Line, World, small_world


def _close_twice(world: World) -> None:
    """The same movement in two closes."""
    world.closes[1] |= {name: world.closes[0][name] for name in ("entry_count", "captured_count",
                                                                 "captured_yen")}  # fmt: skip


def _forget_a_late_sale(world: World) -> None:
    world.closes[0] |= {"entry_count": 0, "captured_count": 0, "captured_yen": 0}


def _still_waiting_too(world: World) -> None:
    world.waiting[0] |= {"entry_count": 1, "captured_count": 1, "captured_yen": 500}


def _a_yen_less(world: World) -> None:
    world.closes[0]["captured_yen"] -= 1


def _two_of_one_number(world: World) -> None:
    world.closes[1]["number"] = 1


def _a_gap(world: World) -> None:
    world.closes[1]["number"] = 3


def _said_of_none(world: World) -> None:
    world.closes_said.pop()


def _forged(world: World) -> None:
    world.audit |= {"sound": False, "faults": ["AUDIT_FAULT_TAMPERED"]}


def _unsound_without_a_word(world: World) -> None:
    world.audit["sound"] = False


def _never_sealed(world: World) -> None:
    world.audit |= {"waiting_count": 1}


def _a_link_too_few(world: World) -> None:
    world.audit["link_count"] -= 1


@pytest.mark.parametrize(
    ("plant", "text"),
    [
        (_close_twice, "2 movements in closes or waiting, payments call for 1"),
        (_forget_a_late_sale, "captured_yen is 0, payments say 500"),
        (_still_waiting_too, "captured_yen is 1000, payments say 500"),
        (_a_yen_less, "captured_yen is 499, payments say 500"),
        (_two_of_one_number, "numbered [1, 1]"),
        (_a_gap, "numbered [1, 3]"),
        (_said_of_none, "2 closes, events tell of 1"),
        (_forged, "AUDIT_FAULT_TAMPERED"),
        (_unsound_without_a_word, "not sound"),
        (_never_sealed, "wait for their seal"),
        (_a_link_too_few, "links for"),
    ],
)
def test_what_does_not_agree_is_found(plant: Callable[[World], None], text: str) -> None:
    world = small_world()
    assert world.verdict().clean
    plant(world)
    verdict = world.verdict()
    assert not verdict.clean
    assert any(text in each for each in verdict.problems), verdict.problems


def told(key: str, close_id: str, **changes: int) -> Line:
    """What a closer was told."""
    return {"key": key, "close_id": close_id, "number": 1, "entry_count": 3,
            "captured_yen": 900, **changes}  # fmt: skip


def test_a_close_that_was_told_twice_is_one_close() -> None:
    stored = [told("", "a"), told("", "b")]
    assert check_told([told("k", "a"), told("k", "a"), told("l", "b")], stored) == []


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ([told("k", "a"), told("k", "b")], "key k made 2 closes"),
        ([told("k", "a"), told("l", "a")], "2 keys made the close a"),
        ([told("k", "gone")], "acknowledged and is not there"),
        ([told("k", "a", captured_yen=901)], "is not what was acknowledged"),
        ([told("k", "a", number=2)], "is not what was acknowledged"),
    ],
)
def test_what_closers_were_told_is_held_against_what_is_there(lines: list[Line], text: str) -> None:
    assert any(text in each for each in check_told(lines, [told("", "a"), told("", "b")]))
