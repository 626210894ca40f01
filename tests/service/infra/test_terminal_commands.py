"""What others wrote cannot steer the terminal of a command that tells of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.home import ROOT


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_command_tells_of_a_hostile_name_plainly(tmp_path: Path, options: list[str]) -> None:
    command = [sys.executable, "-P", "-m", "cli", "restore", "x\x1b[2J\x9bb", "--data"]
    done = subprocess.run(
        [*command, str(tmp_path / "data"), *options], cwd=ROOT, capture_output=True, check=False,
        env={"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "PATH": ""},
    )  # fmt: skip
    assert done.returncode == 1
    told = (done.stdout + done.stderr).decode()
    assert "\\u001b[2J\\u009bb" in told
    assert not set(told) & {"\x1b", "\x9b"}
