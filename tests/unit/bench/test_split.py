"""Where the time of hearing goes: from the page of metrics, and from what processes spent."""

import os
import subprocess
import sys
import time

import pytest
from prometheus_client import generate_latest

from bench import cpu
from bench.insights.split import STEPS, steps_of
from kit import telemetry


def test_steps_are_summed_over_the_sources() -> None:
    before = steps_of(generate_latest().decode())
    for source, seconds in (("payments", 1.5), ("itinerary", 0.25)):
        telemetry.HEARING_SECONDS.labels("insights", source, "write").inc(seconds)
    after = steps_of(generate_latest().decode())
    assert after["write"] - before["write"] == pytest.approx(1.75)
    assert after["read"] == before["read"]


def test_the_steps_are_those_that_are_documented() -> None:
    assert set(STEPS) == {"fetch", "read", "inbox", "handle", "write", "acknowledge"}


def test_what_children_spend_is_counted_while_they_live_and_after() -> None:
    work = "import time\nwhile time.process_time() < 0.3: pass\nprint('done', flush=True)\ninput()"
    before = cpu.family_s(os.getpid())
    with subprocess.Popen(
        [sys.executable, "-c", work], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout
        assert child.stdin
        child.stdout.readline()
        alive = cpu.family_s(os.getpid())
        assert alive - before >= 0.25
        child.stdin.write(b"\n")
    deadline = time.monotonic() + 10
    while cpu.family_s(os.getpid()) < alive - 0.02 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert cpu.family_s(os.getpid()) >= alive - 0.02
    assert cpu.family_s(2**30) == 0.0
