"""Children: no secrets, bounds that hold, nothing left behind."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from infra.local.spawn import lives
from kit import child

BOUNDS = child.Bounds(memory_bytes=200_000_000, cpu_s=20, wait_s=20.0)
PROGRAM = "tests.service.kit.greedy"


async def told(what: str, bounds: child.Bounds = BOUNDS) -> str:
    return (await child.ask_once(PROGRAM, what.encode(), bounds)).decode().strip()


async def test_a_child_answers() -> None:
    assert await told("鍾乳洞") == "鍾乳洞"


async def test_a_child_holds_nothing_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEGURI_DATABASE_PASSWORD", "secret")
    monkeypatch.setenv("LANG", "C.UTF-8")
    names = set((await told("environment")).split())
    assert {"LANG", "PYTHONPATH"} <= names
    assert not any("MEGURI" in name for name in names)


async def test_a_child_lets_the_service_go_first() -> None:
    assert int(await told("nice")) > os.nice(0)


async def test_memory_is_bounded() -> None:
    with pytest.raises(child.ChildEnded):
        await told("memory")


async def test_computing_is_bounded() -> None:
    began = time.monotonic()
    with pytest.raises(child.ChildEnded, match=PROGRAM):
        await told("compute", replace(BOUNDS, cpu_s=1))
    assert time.monotonic() - began < BOUNDS.wait_s


@pytest.mark.parametrize("error", [RuntimeError, BrokenPipeError])
async def test_a_child_that_ends_before_it_reads_is_the_machines_fault(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*_: object) -> None:
        raise error("the handler is closed")

    monkeypatch.setattr(asyncio.StreamWriter, "write", closed)
    with pytest.raises(OSError, match="before it read"):
        await told("wait")


@pytest.mark.parametrize("end", ["deadline", "caller"])
async def test_a_child_that_nobody_waits_for_is_ended(
    end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[asyncio.subprocess.Process] = []
    has_begun = asyncio.Event()
    start = child.start

    async def noted(*arguments: str, quiet: bool = False) -> asyncio.subprocess.Process:
        begun.append(await start(*arguments, quiet=quiet))
        has_begun.set()
        return begun[0]

    monkeypatch.setattr(child, "start", noted)
    waits = replace(BOUNDS, wait_s=0.3 if end == "deadline" else 20.0)
    asked = asyncio.create_task(told("wait", waits))
    if end == "caller":
        await has_begun.wait()
        asked.cancel()
    with pytest.raises(TimeoutError if end == "deadline" else asyncio.CancelledError):
        await asked
    assert begun[0].returncode is not None


STARTS_ONE = """
import asyncio
from kit import child

async def main():
    process = await child.start("tests.service.kit.greedy", "200000000", "20")
    process.stdin.write(b"compute")
    await process.stdin.drain()
    process.stdin.close()
    print(process.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def test_a_child_that_computes_does_not_outlive_who_started_it() -> None:
    """It would look at its input only when it is done."""
    parent = subprocess.Popen([sys.executable, "-c", STARTS_ONE], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        process = int(parent.stdout.readline())
    until(lambda: b"greedy" in Path(f"/proc/{process}/cmdline").read_bytes())
    parent.kill()
    parent.wait()
    until(lambda: not lives(process))


def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    ends = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_a_program_whose_parent_is_gone_already_does_not_begin() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kit.tied", "1", "tests.service.kit.greedy"],
        capture_output=True, check=False, timeout=30,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, b"")
