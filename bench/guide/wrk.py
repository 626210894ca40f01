"""The client: wrk, one thread, so that it leaves the other core to what it asks."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

CONNECTIONS = 16
SCRIPT = Path(__file__).with_name("wrk.lua")


def program() -> str | None:
    """Returns wrk, None where it is not installed."""
    return shutil.which("wrk")


def ask(
    port: int, path: str, asked: Sequence[tuple[str, str]], seconds: int, host: str
) -> dict[str, float]:
    """Asks one address for some seconds. asked: pairs of Accept-Language and ETag ("" for none).

    Returns answers, answers a second, bytes an answer, p50 and p99 in ms. Errors: RuntimeError,
    also for a single answer that failed.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.writelines(f"{language}\t{etag}\n" for language, etag in asked)
        file.flush()
        done = subprocess.run(
            [program() or "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(SCRIPT),
             f"http://127.0.0.1:{port}{path}", "--", file.name, host],
            capture_output=True, text=True, check=False, timeout=seconds + 30,
        )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if line.startswith("JSON ")]
    if done.returncode != 0 or not lines:
        raise RuntimeError(f"wrk failed: {done.stderr[-400:]}")
    found = json.loads(lines[0].removeprefix("JSON "))
    if found["failed"] or not found["requests"]:
        raise RuntimeError(f"{found['failed']} of {found['requests']} answers failed: {path}")
    return {
        "answers": found["requests"],
        "per_second": found["requests"] * 1e6 / found["us"],
        "bytes": found["bytes"] / found["requests"],
        "p50_ms": found["p50_us"] / 1e3,
        "p99_ms": found["p99_us"] / 1e3,
    }
