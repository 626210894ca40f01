"""Whatever is killed comes back by itself; a killed supervisor leaves nothing behind.

Kills real processes of a platform of its own with -9 and measures from the kill to health.
"""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platform import Platform, alive, descendants, running

pytestmark = pytest.mark.platform

# platform.md, F1: healthy within 3 s, PostgreSQL within 5 s; doubled for a busy test machine.
SLACK = 2.0
LIMITS_S = {"postgres": 5.0 * SLACK}
ORPHANS_GONE_S = 2.0


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform that the tests of this file break in turn."""
    with running(tmp_path_factory.mktemp("victim") / "巡り data") as platform:
        yield platform


# All services are kept by the same keeper; `./meguri chaos` kills the others under load.
@pytest.mark.parametrize(
    "name", ["nats", "postgres", "valkey", "acquirer_simulator", "payments", "edge"]
)
def test_a_killed_component_comes_back(victim: Platform, name: str) -> None:
    killed = victim.kill(name)
    victim.wait_healthy(name, after=killed, timeout_s=LIMITS_S.get(name, 3.0 * SLACK))
    others = [c for c in victim.components() if c["name"] != name]
    assert all(component["health"] == "ok" for component in others), others
    assert victim.component(name)["restarts"] >= 1


def test_a_killed_nursery_only_costs_speed(victim: Platform) -> None:
    """The process that others are forked from is a convenience, not a part."""
    nursery = next(
        process
        for process in descendants(victim.supervisor)
        if b"nursery_main" in Path(f"/proc/{process}/cmdline").read_bytes()
    )
    before = {c["name"]: c["pid"] for c in victim.components()}
    os.kill(nursery, signal.SIGKILL)
    killed = victim.kill("insights")
    victim.wait_healthy("insights", after=killed, timeout_s=3.0 * SLACK)
    after = {c["name"]: c["pid"] for c in victim.components()}
    assert {n: p for n, p in after.items() if n != "insights"} == {
        n: p for n, p in before.items() if n != "insights"
    }


def test_a_component_that_dies_again_and_again_is_reported_and_still_recovers(
    victim: Platform,
) -> None:
    for _ in range(5):
        killed = victim.kill("valkey")
        victim.wait_healthy("valkey", after=killed, timeout_s=12)
    for component in victim.components():
        assert component["health"] == "ok", component


def test_a_killed_supervisor_leaves_no_orphan_and_the_next_up_works(victim: Platform) -> None:
    family = descendants(victim.supervisor)
    os.kill(victim.supervisor, signal.SIGKILL)
    time.sleep(ORPHANS_GONE_S)
    assert alive(family) == set()
    assert victim.status()["phase"] == "stopped"
    state = victim.up()
    assert "first_logins" not in state
    assert json.loads(victim.get("/readyz"))["status"] == "ok"


def test_a_killed_supervisor_may_be_replaced_at_once(victim: Platform) -> None:
    """PostgreSQL may still be going down: the new one waits for it instead of giving up."""
    os.kill(victim.supervisor, signal.SIGKILL)
    state = victim.up()
    assert all(component["health"] == "ok" for component in state["components"])
