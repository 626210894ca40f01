"""Mistakes are made on one copy, one after the other: none is there when the next one is tried."""

from pathlib import Path

import pytest

from tests.mutants import __main__ as mutants
from tests.mutants.mutant import Mutant

# Ends with 1, as a test that failed, where `a` or `b` is not as expected; with 5 where the other
# one is not: that is noticed by nobody. Leaves something behind, as a fault test does.
LOOK = """
import sys, tempfile, a, b
mine, other = (a, b) if sys.argv[1] == "a" else (b, a)
tempfile.mkdtemp()
sys.exit(5 if other.N != 1 else mine.N != 1)
"""


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> mutants.Workshop:
    root = tmp_path / "root"
    root.mkdir()
    for name in ("a.py", "b.py"):
        (root / name).write_text("N = 1\n")
    monkeypatch.setattr(mutants, "ROOT", root)
    (tmp_path / "workshop").mkdir()
    return mutants.Workshop(tmp_path / "workshop")


def mistake(name: str, wrong: str, right: str = "N = 1") -> Mutant:
    return Mutant(f"{name}.py", right, wrong, ("-c", LOOK, name, "pytest"))


def test_a_mistake_is_there_for_its_own_tests_alone(workshop: mutants.Workshop) -> None:
    for name, wrong in (("a", "N = 2"), ("b", "N = 3"), ("a", "N = 4"), ("b", "N = 2")):
        assert workshop.notices(wrong, mistake(name, wrong))


def test_what_changes_nothing_survives_what_was_noticed_before(workshop: mutants.Workshop) -> None:
    """Of the same size and within the same second: Python must not run what it compiled before."""
    for _ in range(2):
        assert workshop.notices("wrong", mistake("a", "N = 2"))
        assert workshop.notices("the same", mistake("a", "N=  1")) is False


def test_what_cannot_be_tried_is_said(workshop: mutants.Workshop) -> None:
    assert workshop.notices("elsewhere", mistake("a", "N = 2", right="N = 7")) is None


def test_nothing_is_left_beside_the_copy(workshop: mutants.Workshop, tmp_path: Path) -> None:
    """A scenario that failed keeps the whole platform, and there are hundreds of mistakes."""
    workshop.notices("wrong", mistake("a", "N = 2"))
    assert [each.name for each in (tmp_path / "workshop").iterdir()] == ["tree"]
