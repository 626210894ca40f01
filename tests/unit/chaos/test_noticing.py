"""A mistake is noticed by a check that failed, and by nothing that could not run."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants import mutant
from tests.mutants.noticing import noticed

TESTS, SCENARIO = mutant.pytest("tests/unit"), mutant.chaos("payments-kill-each")
LOST = "  FAILED: 40 acknowledged, 1 lost, 0 doubled, recovery 1.2 s, 60.0 s; kills 1\n"
NEVER_BEGAN = "  FAILED: the platform does not start: ImportError\n"


@pytest.mark.parametrize(
    ("command", "code", "stderr", "wanted"),
    [
        (TESTS, 1, "", True),
        (TESTS, 0, "", False),
        (TESTS, 2, "", False),  # a test file that cannot be imported
        (TESTS, 3, "", False),
        (TESTS, 4, "", False),
        (TESTS, 5, "", False),  # nothing collected
        (TESTS, -9, "", False),
        (SCENARIO, 1, LOST, True),
        (SCENARIO, 0, "", False),
        (SCENARIO, 1, "Traceback (most recent call last):\nImportError: no name", False),
        (SCENARIO, 1, NEVER_BEGAN, False),
        (SCENARIO, 2, "meguri chaos: there is no scenario", False),
        (SCENARIO, 130, LOST, False),
    ],
)
def test_only_a_check_that_failed_notices(
    command: tuple[str, ...], code: int, stderr: str, *, wanted: bool
) -> None:
    assert noticed(command, code, stderr) is wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("def test_it():\n    assert False\n", True),
        ("def test_it():\n    assert True\n", False),
        ("import nothing_of_this_name\ndef test_it():\n    assert True\n", False),
    ],
)
def test_a_broken_import_is_no_failed_test(tmp_path: Path, text: str, *, wanted: bool) -> None:
    (tmp_path / "test_one.py").write_text(text)
    command = mutant.pytest("test_one.py")
    done = subprocess.run(
        [sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert noticed(command, done.returncode, done.stderr) is wanted
