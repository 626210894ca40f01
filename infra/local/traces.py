"""One request through all parts, put together from the lines it left in the logs.

A step is a line whose event is `step` (kit/telemetry.py); any other line belongs to a request by
its `trace_id`. Old log files are read too, as far as they are still there.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from infra.local.logs import is_step, parse

_LONGEST_MS = 86_400_000.0
_ID = re.compile(r"[0-9a-f]{6,32}")
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")


@dataclass(frozen=True)
class Step:
    """What one part did for a request. ms: how long. failed: name of the error, "" for none.

    parent_id is empty for the first step, and for one whose caller recorded nothing.
    """

    trace_id: str
    step_id: str
    parent_id: str
    service: str
    name: str
    began: datetime
    ms: float
    failed: str


@dataclass
class Request:
    """Everything known of one request. lines: what was logged meanwhile, in order of time."""

    trace_id: str
    steps: list[Step] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)

    def in_order(self) -> list[tuple[int, Step]]:
        """Returns the steps with their depth, callers before what they called, by time."""
        known = {each.step_id for each in self.steps}
        by_time = sorted(self.steps, key=lambda step: step.began, reverse=True)
        # The last to be looked at lies at the bottom; a step is followed by what it called.
        waiting = [(0, each) for each in by_time if each.parent_id not in known]
        found: list[tuple[int, Step]] = []
        while waiting:
            depth, step = waiting.pop()
            found.append((depth, step))
            waiting += [(depth + 1, each) for each in by_time if each.parent_id == step.step_id]
        return found


def may_be_id(text: str) -> bool:
    """Tells whether a text can be the id of a request, its beginning, or the number of an error."""
    return bool(_ID.fullmatch(text))


def read(folder: Path, wanted: str) -> list[Request]:
    """Returns the requests whose id begins so, or whose error page told this number.

    wanted: see may_be_id. Usually one; with few letters there may be several. Time: all logs twice.
    """
    found: dict[str, Request] = {}
    for record in _records(folder):
        key = _trace_of(record)
        if key and (key.startswith(wanted) or record.get("number") == wanted):
            found.setdefault(key, Request(key))
    for record in _records(folder):
        request = found.get(_trace_of(record))
        if request is None:
            continue
        step = _step(record)
        if step is None:
            request.lines.append(record)
        elif all(each.step_id != step.step_id for each in request.steps):
            request.steps.append(step)
    for request in found.values():
        request.lines.sort(key=lambda record: str(record["time"]))
    return list(found.values())


def last(folder: Path, count: int) -> list[Step]:
    """Returns the first steps of the last recorded requests, the newest first."""
    roots = [
        step
        for record in _records(folder)
        if (step := _step(record)) is not None and not step.parent_id
    ]
    return sorted(roots, key=lambda step: step.began, reverse=True)[:count]


def _records(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.jsonl")):
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                # Nearly all lines are of no request: they are not worth reading as JSON.
                if '"step"' in line or '"trace_id"' in line:
                    yield parse(path.name.split(".", 1)[0], line)


def _trace_of(record: dict[str, Any]) -> str:
    match = _TRACEPARENT.fullmatch(str(record.get("step", "")))
    return match[1] if match else str(record.get("trace_id", ""))


def _step(record: dict[str, Any]) -> Step | None:
    own = _TRACEPARENT.fullmatch(str(record.get("step", "")))
    if not is_step(record) or own is None:
        return None
    parent = _TRACEPARENT.fullmatch(str(record.get("parent", "")))
    try:
        began, ms = datetime.fromisoformat(str(record["timestamp"])), float(record["ms"])
    except (KeyError, ValueError):
        return None
    if began.tzinfo is None or not 0 <= ms < _LONGEST_MS:  # nan is no time either
        return None
    return Step(
        own[1], own[2], parent[2] if parent else "", str(record.get("service", "")),
        str(record.get("name", "")), began, ms, str(record.get("failed", "")),
    )  # fmt: skip


def as_json(requests: Sequence[Request]) -> str:
    """Returns requests as one JSON document."""
    return json.dumps(
        [
            {
                "trace_id": each.trace_id,
                "steps": [
                    {"depth": depth, "service": step.service, "name": step.name,
                     "began": step.began.isoformat(), "ms": step.ms, "failed": step.failed}
                    for depth, step in each.in_order()
                ],
                "lines": each.lines,
            }
            for each in requests
        ],
        ensure_ascii=False,
    )  # fmt: skip
