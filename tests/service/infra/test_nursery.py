"""What the nursery loads before it forks: everything exists, nothing that a fork may not share."""

import json
import subprocess
import sys

from infra.local.home import ROOT
from infra.local.nursery_main import OF_SERVICES, SHARED
from infra.local.table import COMPONENTS

LOAD = """
import importlib, json, sys, threading
from infra.local.nursery_main import OF_SERVICES, SHARED
from infra.local.nats_library import load_nats
load_nats()
absent = "aiohttp" not in sys.modules
for name in (*SHARED, *OF_SERVICES):
    importlib.import_module(name)
print(json.dumps([absent, sorted(sys.modules), threading.active_count()]))
"""


def test_all_of_it_can_be_loaded_without_threads_numpy_or_websockets() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOAD], cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    without_aiohttp, modules, threads = json.loads(done.stdout)
    assert without_aiohttp
    assert "numpy" not in modules  # forks would share its random numbers
    assert threads == 1


def test_no_module_is_loaded_that_is_started_itself() -> None:
    started = {component.module[0] for component in COMPONENTS if component.module}
    assert not started & {*SHARED, *OF_SERVICES}
