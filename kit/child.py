"""Processes of their own, for work that must neither hold up nor fill the service beside it.

A child is given no secret of the service: only what Python needs to start. What a stranger sent is
read in one that lives for that alone, with bounds on its memory and its time: whatever is in it,
the service goes on and the system has its memory back.
"""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Bounds:
    """memory_bytes: of its address space. cpu_s: of computing. wait_s: until it is given up."""

    memory_bytes: int
    cpu_s: int
    wait_s: float


class ChildEnded(Exception):
    """A child ended without an answer: it ran into its bounds, or is broken."""


async def start(
    module: str, *arguments: str, quiet: bool = False, more: Mapping[str, str] | None = None
) -> Process:
    """Starts a module as a program with open pipes. quiet: what it says of errors, which could
    quote what it reads, goes nowhere. more: variables for it. Errors: OSError.

    It ends with this process, however that ends, as long as the thread that starts it lives.
    """
    passed = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "kit.tied", str(os.getpid()), module, *arguments,
        stdin=PIPE, stdout=PIPE, stderr=DEVNULL if quiet else None,
        cwd=ROOT, env={**passed, "PYTHONPATH": str(ROOT), **(more or {})},
    )  # fmt: skip


async def end(process: Process) -> None:
    """Ends a child and waits until it is gone."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


async def ask_once(module: str, body: bytes, bounds: Bounds) -> bytes:
    """Starts a module for one question and returns what it writes. It has to call
    kit.bounded.keep_within, and to read its input to the end before it does anything with it.

    Errors: ChildEnded; TimeoutError and OSError where the machine is too busy for a child.
    """
    process = await start(module, str(bounds.memory_bytes), str(bounds.cpu_s), quiet=True)
    try:
        async with asyncio.timeout(bounds.wait_s):
            await _give(process, body)
            answer = await _pipe(process.stdout).read()
            await process.wait()
    finally:
        if process.returncode is None:
            await end(process)
    if process.returncode:
        raise ChildEnded(f"{module} ended with {process.returncode}")
    return answer


async def _give(process: Process, body: bytes) -> None:
    source = _pipe(process.stdin)
    try:
        source.write(body)
        await source.drain()
    except (RuntimeError, ConnectionError) as error:  # uvloop's word for it is the former
        await end(process)
        raise OSError(f"a child ended with {process.returncode} before it read") from error
    source.close()


def _pipe(pipe: T | None) -> T:
    if pipe is None:
        raise AssertionError("a child has pipes")
    return pipe
