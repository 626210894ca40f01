"""Which words `./meguri test` hands to pytest, and where tests write."""

import argparse
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cli import test as command
from infra.local import bytecode
from infra.local.home import ROOT
from tests.conftest import pytest_collection_modifyitems


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """The words of each run of pytest, none of which takes place."""
    made: list[list[str]] = []

    def note(runs: list[list[str]], counts: "Counter[str]", folder: str, **_: Any) -> bool:
        made.extend(runs)
        return False

    monkeypatch.setattr(command, "_pytest", note)
    monkeypatch.setattr(bytecode, "keep", lambda _: 0)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return made


def run(*words: str) -> int:
    return command.run(argparse.Namespace(rest=list(words), json=False))


def folders(words: list[str]) -> set[str]:
    return {"/".join(word.split("/")[:2]) for word in words if word.startswith("tests/")}


@pytest.mark.parametrize("options", [[], ["--durations=5"], ["-k", "ledger"]])
def test_without_files_all_phases_run_with_all_examples(
    runs: list[list[str]], options: list[str]
) -> None:
    assert run(*options) == 0
    assert [folders(words) for words in runs] == [
        *[{"tests/unit"}] * 2,
        *[{"tests/pages"}] * 2,
        {"tests/contract", "tests/service"},
        {"tests/system"},
        {"tests/system"},
    ]
    assert [words[0] for words in runs[-2:]] == [
        "tests/system",
        "tests/system/supervisor/test_faults.py",
    ]
    assert ["-n" in words for words in runs] == [False] * 4 + [True, True, False]
    assert (
        "--ignore=tests/system/supervisor/test_faults.py" in runs[-2]
    )  # what measures times runs alone
    for words in runs:
        assert "--hypothesis-profile=whole" in words
        assert words[len(words) - len(options) :] == options  # what a person says is said last


def test_quick_phases_run_at_once_and_others_one_after_another() -> None:
    assert [[phase.name for phase in phases] for phases in command._stages()] == [
        ["unit", "pages"], ["contract and service"], ["system"], ["faults"],
    ]  # fmt: skip


def test_files_marked_long_are_begun_first(request: pytest.FixtureRequest) -> None:
    made: list[pytest.Item] = [
        pytest.Function.from_parent(request.node.parent, name=name, callobj=lambda: None)
        for name in ("test_a", "test_b", "test_c")
    ]
    made[1].add_marker("long")
    pytest_collection_modifyitems(made)
    assert [item.name for item in made] == ["test_b", "test_a", "test_c"]


@pytest.mark.parametrize("folder", ["tests/unit", "tests/unit/"])
def test_each_file_of_quick_tests_is_in_one_share(runs: list[list[str]], folder: str) -> None:
    run(folder, "-x")
    assert [words[-1] for words in runs] == ["-x", "-x"]
    shares = [[word for word in words if word.endswith(".py")] for words in runs]
    dealt = [word for words in shares for word in words]
    there = [path.relative_to(ROOT) for path in (ROOT / "tests/unit").rglob("test_*.py")]
    assert sorted(dealt) == sorted(map(str, there))
    sizes = [sum((ROOT / word).stat().st_size for word in words) for words in shares]
    assert max(sizes) < 1.1 * min(sizes)


def test_folders_of_a_slower_phase_share_their_workers(runs: list[list[str]]) -> None:
    run("tests/service", "-x")
    assert runs == [["tests/service", "-n", "4", *command.BY_FILE, "-x"]]


def test_one_file_or_test_runs_alone(runs: list[list[str]]) -> None:
    one = "tests/unit/infra/test_test.py::test_one_file_or_test_runs_alone"
    run("tests/unit/infra/test_test.py")
    run(one)
    assert runs == [["tests/unit/infra/test_test.py"], [one]]


def test_files_of_a_run_go_to_memory_only_where_there_is_room(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(command, "MEMORY", tmp_path)
    monkeypatch.setattr(command, "MEMORY_FREE_BYTES", 0)
    with command._folder_of_the_run() as folder:
        (Path(folder) / "left").touch()
        assert Path(folder).parent == tmp_path
        assert Path(folder).stat().st_mode & 0o777 == 0o711
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(command, "MEMORY_FREE_BYTES", 1 << 62)
    with command._folder_of_the_run() as folder:
        assert list(tmp_path.iterdir()) == []


def test_a_folder_somebody_chose_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    with command._folder_of_the_run() as folder:
        assert Path(folder).parent == tmp_path
    assert tmp_path.exists()
