"""Logs: one JSON object a line in a file per component, and readable lines on the console."""

import contextlib
import json
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

STEP = "step"  # kit/telemetry.py writes it
ROTATE_BYTES = 10 * 1024 * 1024
KEPT_FILES = 5
_WIDTH = 18
# What a server warns of that is none here, and why. The first line somebody reads should not be it.
_HARMLESS = {
    "Memory overcommit must be enabled": "vm.overcommit_memory is 0 on this machine: harmless here,"
    " it matters where Valkey saves to the disk",
}
_SHOWN_FIRST = ("timestamp", "time", "level", "event", "text", "component")


class LogFile:
    """The log of one component, kept to a bounded size."""

    def __init__(self, folder: Path, component: str, console: TextIO | None = None) -> None:
        self._path = folder / f"{component}.jsonl"
        self._component, self._console = component, console
        self._lost = 0
        self._file = self._path.open("a", encoding="utf-8")

    def write(self, line: str) -> None:
        """Takes one line of output, JSON or not."""
        record = parse(self._component, line)
        self._keep(record)
        if self._console is not None and not is_step(record):
            print(readable(record), file=self._console, flush=True)

    def close(self) -> None:
        """Closes the file."""
        with contextlib.suppress(OSError):
            self._file.close()

    def _keep(self, record: dict[str, Any]) -> None:
        """Writes a record, or counts it as lost: a full disk must not end what it is about."""
        try:
            if self._file.closed:
                self._file = self._path.open("a", encoding="utf-8")
            if self._lost:
                lost = parse(self._component, f"the disk took no log: {self._lost} lines are lost")
                self._file.write(json.dumps(lost, ensure_ascii=False) + "\n")
            self._file.write(json.dumps(record, ensure_ascii=False) + "\n")
            self._file.flush()
            self._lost = 0
            if self._file.tell() > ROTATE_BYTES:
                self._rotate()
        except OSError:
            self._lost += 1
            with contextlib.suppress(OSError):
                self._file.close()  # drops what it holds, which would fail for ever

    def _rotate(self) -> None:
        self._file.close()
        for number in range(KEPT_FILES - 1, 0, -1):
            older = self._path.with_suffix(f".{number}.jsonl")
            if older.exists():
                older.replace(self._path.with_suffix(f".{number + 1}.jsonl"))
        self._path.replace(self._path.with_suffix(".1.jsonl"))
        self._file = self._path.open("a", encoding="utf-8")


def parse(component: str, line: str) -> dict[str, Any]:
    """Returns a line of output as a record with component and time."""
    line = line.rstrip("\n")
    line = next((calm for known, calm in _HARMLESS.items() if known in line), line)
    if line.startswith("{"):
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            record = {"text": line}
    else:
        record = {"text": line}
    return {"component": component, "time": record.get("timestamp") or _now(), **record}


def readable(record: dict[str, Any]) -> str:
    """Returns a record as one line for people."""
    text = str(record.get("event", record.get("text", "")))
    level = str(record.get("level", ""))
    rest = " ".join(f"{name}={value}" for name, value in record.items() if name not in _SHOWN_FIRST)
    warned = f"{level.upper()} " if level in {"warning", "error", "critical"} else ""
    return f"{record['component']:<{_WIDTH}} │ {warned}{text} {rest}".rstrip()


def tail(folder: Path, component: str, count: int) -> list[dict[str, Any]]:
    """Returns the last records of a component, steps of traces left out."""
    path = folder / f"{component}.jsonl"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", errors="replace") as file:
        records = (parse(component, line) for line in file)
        return list(deque((each for each in records if not is_step(each)), maxlen=count))


def is_step(record: dict[str, Any]) -> bool:
    """Tells whether a record is a step of a trace: many, and for `./meguri trace` alone."""
    return record.get("event") == STEP


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
