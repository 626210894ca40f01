"""After midnight nothing of the day is left in a sensor's memory: neither key nor addresses."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.home import ROOT
from services.visitor_sense.sensor import credential as credentials
from tests.memory import memory_of
from tests.service.visitor_sense.test_privacy import MARKERS, SSID, Search, needles
from tests.unit.visitor_sense import made

KEY = os.urandom(32)
# The sensor's own program, with frames from the standard input in the place of a radio.
SENSOR = """
import sys
from datetime import date
from services.visitor_sense.sensor import main as sensor
from services.visitor_sense.sensor.batches import Batcher, Boot, Counters, DayKey

async def watch(credential, spool, interface):
    key = DayKey(date(2026, 11, 21), 1, bytes.fromhex(sys.stdin.readline()))
    batcher = Batcher(credential, Boot(), key, Counters())
    for _ in range(int(sys.stdin.readline())):
        batcher.feed(1_700_000_000_000, 127, bytes.fromhex(sys.stdin.readline()))
    print("heard", flush=True)
    sys.stdin.readline()

sensor.watch = watch
sys.executable = sys.argv.pop(1)
sensor.main()
"""


def hits(pid: int, search: Search) -> list[bytes]:
    """Returns what is found in a process."""
    try:
        return [found for part in memory_of(pid) for found in search.hits(part)]
    except PermissionError:
        pytest.skip("this machine lets no process look into another")


def test_a_sensor_s_memory_holds_nothing_of_the_day_before(tmp_path: Path) -> None:
    after = tmp_path / "after"
    after.write_text("#!/bin/sh\necho after\nexec sleep 60\n")
    after.chmod(0o700)
    credential = tmp_path / "gate-1.json"
    credentials.write_credential(credential, credentials.make_credential("mine", "gate-1", "gate"))
    frames = [made.probe(one, made.ssid(SSID) + made.RATES + made.HT) for one in MARKERS]
    lines = [KEY.hex(), str(len(frames)), *(frame.hex() for frame in frames)]
    search = Search([*needles(MARKERS, [SSID]), KEY, KEY.hex().encode()])
    process = subprocess.Popen(
        [sys.executable, "-c", SENSOR, str(after), "--credential", str(credential),
         "--interface", "wlan0mon"],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}"},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n".join(lines) + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "heard\n"
        assert KEY in hits(process.pid, search)  # it would be found
        process.stdin.write("midnight\n")
        process.stdin.flush()
        assert process.stdout.readline() == "after\n"
        assert hits(process.pid, search) == []
    finally:
        process.kill()
        process.communicate()
