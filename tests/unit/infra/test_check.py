"""`./meguri check` on a machine that is slow."""

from pathlib import Path

import pytest

from cli import check

LATE = f"{check.NO_HELPER}: No status file found\nerror: INTERNAL ERROR"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[bool]:
    """Whether mypy was asked for helpers, call by call, in a tree without its cache."""
    found: list[bool] = []

    def tool(_name: str, *arguments: str) -> str:
        found.append("--num-workers" in arguments)
        return LATE if found[-1] else ""

    monkeypatch.setattr(check, "ROOT", tmp_path)
    monkeypatch.setattr(check, "_tool", tool)
    return found


def test_types_are_looked_at_by_one_process_where_helpers_start_too_late(
    calls: list[bool],
) -> None:
    assert check.STEPS["types"]() == ""
    assert calls == [True, False]


def test_what_mypy_complains_of_is_told_as_it_is(
    calls: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "_tool", lambda *_: "a.py:1: error")
    assert check.STEPS["types"]() == "a.py:1: error"
    assert calls == []
