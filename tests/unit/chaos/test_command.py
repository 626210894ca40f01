"""What `./meguri chaos` plays for what is asked, and how it says so again."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from chaos import run as runs
from chaos.faults import FAULTS
from chaos.scenarios import SCENARIOS
from cli import chaos as command


def parsed(*words: str) -> argparse.Namespace:
    """What the command line becomes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    command.register(parser.add_subparsers())
    return parser.parse_args(["chaos", *words])


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], dict[str, Any]]]:
    """What would have been played; everything passes."""
    found: list[tuple[list[str], dict[str, Any]]] = []

    def play(names: list[str], **more: Any) -> dict[str, Any]:
        found.append((names, more))
        sys.stdout.write("a part speaks in this process\n")
        scenarios = [
            {"name": name, "seed": more["seed"], "passed": True, "acknowledged": 5, "faults": 1,
             "lost": 0, "doubled": 0, "recovery_s": 0.5, "figures": {}, "problems": []}
            for name in names
        ]  # fmt: skip
        return {"passed": True, "full": more["full"], "took_s": 1.0, "scenarios": scenarios}

    monkeypatch.setattr(runs, "run", play)
    return found


Played = list[tuple[list[str], dict[str, Any]]]


def test_everything_is_all_but_what_takes_long(played: Played) -> None:
    assert command.run(parsed()) == 0
    [(names, more)] = played
    assert names == [name for name, each in SCENARIOS.items() if not each.apart]
    assert (more["full"], more["minutes"], more["payments"]) == (False, 0.0, 0)


def test_the_answer_is_one_document_whatever_parts_say_meanwhile(
    played: Played, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = parsed("--scenario", "valkey-gone")
    asked.json = True
    assert command.run(asked) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["passed"]
    assert "a part speaks" in said.err


def test_faults_play_their_scenarios_once_and_tell_each(
    played: Played, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run(parsed("--faults")) == 0
    [(names, _)] = played
    assert sorted(names) == sorted(
        name for each in FAULTS if not each.apart for name in each.scenarios
    )
    shared = [not SCENARIOS[name].alone for name in names]
    assert shared == sorted(shared, reverse=True)  # those that share a platform come first
    lines = capsys.readouterr().out.splitlines()
    told = [line.split()[:2] for line in lines if line[:1] == "F" and line[1:2].isdigit()]
    skipped = {"F14"}
    assert told == [[each.name, "skipped" if each.name in skipped else "passed"] for each in FAULTS]


def test_a_soak_is_played_alone_or_with_the_faults(played: Played) -> None:
    command.run(parsed("--soak", "30"))
    command.run(parsed("--faults", "f2,F14", "--soak", "2.5"))
    assert [names for names, _ in played] == [["soak"], ["supervisor-killed", "soak"]]
    assert [more["minutes"] for _, more in played] == [30.0, 2.5]


def test_faults_in_full_are_of_one_seed(played: Played) -> None:
    command.run(parsed("--faults", "--full"))
    command.run(parsed("--full", "--scenario", "valkey-gone"))
    command.run(parsed("--full", "--scenario", "leaf-cut", "--seeds", "1"))
    assert [(more["seeds"], more["payments"]) for _, more in played] == [
        (1, command.FAULTS_FULL_PAYMENTS), (0, 0), (1, 0),
    ]  # fmt: skip


@pytest.mark.parametrize("words", [["--faults", "F16"], ["--scenario", "no-*"],
                                   ["--scenario", "soa*"]])  # fmt: skip
def test_what_there_is_not_is_one_line(
    played: Played, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert command.run(parsed(*words)) == 2
    assert not played
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_list_tells_the_fault_of_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run(parsed("--list")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(SCENARIOS)
    assert any(line.split()[:2] == ["partitions", "F6"] for line in lines)
    command.run(argparse.Namespace(**{**vars(parsed("--list")), "json": True}))
    assert json.loads(capsys.readouterr().out)["partitions"]["faults"] == ["F6"]


def test_a_report_says_the_command_without_the_folder(played: Played, tmp_path: Path) -> None:
    words = ("--faults", "F6,F2", "--seed", "9", "--report", str(tmp_path / "somewhere"))
    assert command.run(parsed(*words)) == 0
    page = (tmp_path / "somewhere" / "chaos.md").read_text()
    assert "`./meguri chaos --faults F6,F2 --seed 9 --report FOLDER`" in page
    assert str(tmp_path) not in page


@pytest.mark.parametrize("words", [["--soak", "1"], ["--soak", "x"], ["--clients", "1"],
                                   ["--payments", "19"], ["--seeds", "0"],
                                   ["--seeds", "1e3"]])  # fmt: skip
def test_sizes_have_bounds(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        parsed(*words)
