"""`./meguri trace ID`: one request through all parts; without an ID, the requests of late."""

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cli.words import _
from infra.local import home as homes
from infra.local import logs, traces
from infra.local.home import Home
from infra.local.traces import Request, Step
from kit.pure.errors import Refusal

SHOWN = 20
WIDTH = 24  # of the bar that shows when a step ran


class NoSuchRequest(Refusal):
    """No line of the logs that are still there belongs to such a request."""


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `trace`."""
    trace = subcommands.add_parser("trace", help=_("follow one request through all parts"))
    trace.add_argument(
        "id", nargs="?", default="", metavar="ID",
        help=_("number of an error page, or a trace_id of the logs, 6 letters or more of it;"
               " without it the last recorded requests are listed"),
    )  # fmt: skip
    trace.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints what is known. Errors: NoSuchRequest."""
    home = Home(Path(arguments.data).resolve())
    if not arguments.id:
        return _print_last(home, as_json=arguments.json)
    wanted = arguments.id.lower().strip()
    found = traces.read(home.log, wanted) if traces.may_be_id(wanted) else []
    if not found:
        raise NoSuchRequest(
            _("no request %(id)s is in the logs; one in ten is recorded step by step, and of the"
              " others only what was logged is known. ./meguri trace lists the last ones")
            % {"id": arguments.id[:40]}
        )  # fmt: skip
    sys.stdout.write(traces.as_json(found) + "\n" if arguments.json else "\n".join(_lines(found)))
    return 0


def _print_last(home: Home, *, as_json: bool) -> int:
    steps = traces.last(home.log, SHOWN)
    if as_json:
        told = [{"trace_id": each.trace_id, "service": each.service, "name": each.name,
                 "began": each.began.isoformat(), "ms": each.ms, "failed": each.failed}
                for each in steps]  # fmt: skip
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        return 0
    if not steps:
        runs = bool(homes.supervisor_of(home))
        sys.stdout.write(
            (_("nothing was recorded yet") if runs else _("nothing was recorded here")) + "\n"
        )
    for each in steps:
        sys.stdout.write(
            f"{each.trace_id[:12]}  {_clock(each.began)}  {each.ms:8.1f} ms"
            f"  {each.service}  {each.name}{_failed(each)}\n"
        )
    return 0


def _lines(found: list[Request]) -> Iterator[str]:
    for request in found:
        yield f"{request.trace_id}"
        steps = request.in_order()
        if steps:
            first = min(step.began for _depth, step in steps)
            whole = max(_offset_ms(first, step) + step.ms for _depth, step in steps)
            for depth, step in steps:
                yield _step_line(depth, step, _offset_ms(first, step), whole)
        else:
            yield _("its steps were not recorded: one request in ten is")
        for record in request.lines:
            yield f"  {record['time']}  {logs.readable(record)}"
        yield ""


def _step_line(depth: int, step: Step, offset_ms: float, whole_ms: float) -> str:
    begin = round(WIDTH * offset_ms / whole_ms) if whole_ms else 0
    length = max(1, round(WIDTH * step.ms / whole_ms)) if whole_ms else 1
    bar = (" " * begin + "━" * length)[:WIDTH].ljust(WIDTH)
    name = f"{'  ' * depth}{step.service}  {step.name}"
    return f"  {offset_ms:8.1f} ms  {step.ms:8.1f} ms  {bar}  {name}{_failed(step)}"


def _failed(step: Step) -> str:
    return f"  ✗ {step.failed}" if step.failed else ""


def _offset_ms(first: datetime, step: Step) -> float:
    return (step.began - first).total_seconds() * 1000


def _clock(at: datetime) -> str:
    return at.astimezone().strftime("%H:%M:%S")
