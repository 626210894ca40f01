"""First passwords are told once, and only by a start that came to its end."""

import json
from pathlib import Path

import pytest

from cli import up
from infra.local.home import Home

FIRST = {"first_logins": {"admin": {"user": "admin", "password": "abcde-fghij"}}}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    made.first_file.parent.mkdir(parents=True, exist_ok=True)
    made.first_file.write_text(json.dumps(FIRST))
    return made


def state(phase: str) -> dict[str, object]:
    return {"phase": phase, "problem": "edge does not start", "failed": "", "components": [],
            "url": "http://127.0.0.1:1"}  # fmt: skip


@pytest.mark.parametrize("as_json", [True, False])
def test_a_start_that_failed_leaves_them_for_the_next_one(
    home: Home, capsys: pytest.CaptureFixture[str], *, as_json: bool
) -> None:
    tell = up._announcer(home, as_json=as_json)
    assert tell(state("failed")) == 1
    assert "abcde" not in capsys.readouterr().out
    assert up._announcer(home, as_json=True)(state("ready")) == 0
    assert json.loads(capsys.readouterr().out)["first_logins"] == FIRST["first_logins"]
    assert not home.first_file.exists()
