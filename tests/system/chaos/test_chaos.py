"""`./meguri chaos` stays alive: three short scenarios on one platform, judged by the history check.

Each of payments, PostgreSQL and NATS is killed with -9 while clients sell; the check reads the
clients' own logs, the ledger, the acquirer's own books, the event stream and insights.
"""

import json
import subprocess
from typing import Any

import pytest

from tests.platform import ROOT, without_settings

pytestmark = [pytest.mark.long, pytest.mark.platform]

KILLS = ("payments-kill-service", "payments-kill-postgres", "payments-kill-nats")
PAYMENTS = 60


def chaos(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Runs the command as a person would."""
    return subprocess.run(
        [str(ROOT / "meguri"), "chaos", *arguments], cwd=ROOT, env=without_settings(),
        capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip


def test_nothing_is_lost_and_nothing_doubled_while_parts_are_killed() -> None:
    words = [word for name in KILLS for word in ("--scenario", name)]
    done = chaos("--json", "--payments", str(PAYMENTS), "--seed", "7", *words)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    assert answer["passed"] is True
    assert [each["name"] for each in answer["scenarios"]] == list(KILLS)
    for each in answer["scenarios"]:
        assert (each["passed"], each["lost"], each["doubled"]) == (True, 0, 0)
        assert each["acknowledged"] >= PAYMENTS
        assert each["recovery_s"] > 0  # the kill was felt
        assert each["figures"]["kills"] == 1


def test_an_unknown_scenario_is_one_clear_line() -> None:
    done = chaos("--scenario", "payments-kill-everybody")
    assert done.returncode == 2
    assert done.stderr.strip().splitlines() == [
        "meguri chaos: there is no scenario payments-kill-everybody (see --list)"
    ]


def test_the_scenarios_can_be_listed() -> None:
    found = json.loads(chaos("--list", "--json").stdout)
    assert set(KILLS) < set(found)
