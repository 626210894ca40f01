"""`./meguri load DAY`: a day of visitors against the running platform, with its gate and report.

It plays in demo areas, never in one with real figures; an area made for it is dropped after.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from cli.connection import NotRunning
from cli.words import N_, _, told
from infra.local.home import ROOT

SCENARIOS = ROOT / "loadtests" / "days"
USUAL_S, STEP_S = 60, 20
AREAS_MOST = 150
STAYS = N_(
    "The demo was there before: this load's visits and sales stay in its figures. To begin anew:"
    " ./meguri demo --drop"
)

# What a run tells while it goes on, and what its gate says. In reports it stays in English.
SENTENCES = (
    N_("making the area"),
    N_("making areas"),
    N_("the platform with nobody there"),
    N_("pass %(number)s of %(all)s: %(kind)s"),
    N_("%(day)s: %(times)s times the load, %(seconds)s s"),
    N_("%(day)s: %(seconds)s s, a part every %(every)s s"),
    N_("%(day)s: %(seconds)s s"),
    N_("%(part)s killed, healthy again after %(seconds)s s"),
    N_("the planner compiles its search"),
    N_("comparing what was acknowledged with the books"),
    N_("%(failed)s of %(all)s requests failed (%(share)s succeeded, %(again)s of them at a second"
       " or third try; limit %(limit)s)"),
    N_("%(failed)s of %(all)s requests failed, %(again)s were sent twice: their connection had just"
       " been ended for idleness"),
    N_("%(failed)s of %(all)s requests failed"),
    N_("%(reached)s of %(asked)s arrivals set out in time (%(share)s, limit %(limit)s)"),
    N_("slowest kind of request: %(kind)s, p95 %(got)s ms, limit %(limit)s ms"),
    N_("%(name)s %(got)s ms, limit %(limit)s ms"),
    N_("%(paid)s of %(all)s sales were paid (limit %(limit)s)"),
    N_("%(done)s of %(asked)s batches of sensors were acknowledged"),
    N_("was not looked at"),
    N_("%(shown)s of %(all)s pages carry the notice, %(seconds)s s after the closure was raised"),
    N_("%(shown)s of %(all)s pages are without it again, %(seconds)s s after the cave was opened"),
    N_("%(given)s given back, %(left)s unused tickets left, %(sold)s sold in this run"),
    N_("%(open)s days open, %(then)s of them as the cave was closed; %(hit)s planned anew,"
       " %(unheard)s not told, %(left)s left as they were, %(wet)s still lead into the cave"),
    N_("%(more)s tickets sold later than %(seconds)s s after the closing"),
    N_("%(killed)s of %(all)s parts killed, %(healthy)s healthy again"),
    N_("%(sales)s sales, %(again)s of them asked again with their number, %(open)s without an"
       " outcome, %(paid)s paid"),
    N_("%(sales)s sales acknowledged, %(lost)s lost, %(doubled)s doubled"),
    N_("%(asked)s batches of sensors acknowledged, %(kept)s counted"),
    N_("%(asked)s scans acknowledged, %(kept)s kept"),
    N_("%(asked)s ratings acknowledged, %(kept)s kept"),
    N_("%(asked)s plans acknowledged, %(kept)s kept"),
)  # fmt: skip


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `load`."""
    parser = subcommands.add_parser("load", help=_("run a load scenario with its gate"))
    add = parser.add_argument
    days = _("one of: %(names)s") % {"names": ", ".join(scenarios())}
    add("day", metavar="DAY", choices=scenarios(), help=days)
    long = _("5 to 3600 (default: %(usual)s; of each step: %(step)s)")
    add("--seconds", type=_seconds, default=0, metavar="S",
        help=long % {"usual": USUAL_S, "step": STEP_S})  # fmt: skip
    times = _("so many times the load of the day (default: 1)")
    add("--times", type=_times, default=1.0, metavar="X", help=times)
    cold = _("empty Valkey and start the edge anew before it; else pages are opened first")
    add("--cold", action="store_true", help=cold)
    steps = _("at a quarter, half, once and twice the load: what a request costs as it grows")
    add("--steps", action="store_true", help=steps)
    kills = _("on a platform of its own, while each part is killed once, a minute apart")
    add("--kill-each", action="store_true", help=kills)
    areas = _("areas that are made for national (default: as many as a minute and a half allows)")
    add("--areas", type=_areas, default=0, metavar="N", help=areas)
    edge = _("ask here instead, such as at a proxy before the pages")
    add("--edge", default="", metavar="URL", help=edge)
    folder = _("folder of the report (default: load in the data folder)")
    add("--report", type=Path, default=None, metavar="DIR", help=folder)
    parser.set_defaults(run=run)


def scenarios() -> list[str]:
    """Returns the names of the days there are."""
    return sorted(path.stem for path in SCENARIOS.glob("[a-z]*.py") if path.stem != "__init__")


def _seconds(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 5 <= int(text) <= 3_600:
        raise argparse.ArgumentTypeError(_("give 5 to 3600 seconds"))
    return int(text)


def _times(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.05 <= value <= 20:
        raise argparse.ArgumentTypeError(_("give 0.05 to 20"))
    return value


def _areas(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= AREAS_MOST:
        given = _("give a number from %(least)s to %(most)s")
        raise argparse.ArgumentTypeError(given % {"least": 1, "most": AREAS_MOST})
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Plays a day. Returns 0 when its gate is passed."""
    from loadtests import command  # noqa: PLC0415 - needs the stubs

    wanted = command.Wanted(
        arguments.day, arguments.report or Path(arguments.data) / "load", arguments.seconds,
        cold=arguments.cold, steps=arguments.steps, edge_url=arguments.edge,
        times=arguments.times, areas=arguments.areas,
        command=told_again(arguments),
    )  # fmt: skip
    if arguments.kill_each:
        from loadtests import killing  # noqa: PLC0415 - as above

        report = killing.run(wanted, _say)
    else:
        if not os.environ.get("MEGURI_DIRECTORY_ADDRESS"):
            raise NotRunning(arguments.data)
        report = command.run(wanted, _say)
    if report["demo_stays"]:
        print(_(STAYS), file=sys.stderr)
    if arguments.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        _tell(report)
    return 0 if report["passed"] else 1


def told_again(arguments: argparse.Namespace) -> str:
    """Returns the command as a report may show it: without folders and addresses."""
    words = ["./meguri", "load", arguments.day]
    words += [f"--seconds {arguments.seconds}"] if arguments.seconds else []
    words += [f"--times {arguments.times:g}"] if arguments.times != 1 else []
    words += [f"--{name.replace('_', '-')}" for name in ("cold", "steps", "kill_each")
              if getattr(arguments, name)]  # fmt: skip
    words += [f"--areas {arguments.areas}"] if arguments.areas else []
    words += ["--edge URL"] if arguments.edge else []
    return " ".join(words)


def _say(text: str) -> None:
    print(f"  {told(text, SENTENCES)}", file=sys.stderr, flush=True)


def _tell(report: dict[str, Any]) -> None:
    for name, one in sorted(report["by_request"].items(), key=lambda pair: -pair[1]["p95_ms"]):
        failed = _("failed %(count)3d") % {"count": one["failures"]}
        print(f"{one['requests']:>6}  p50 {one['p50_ms']:>5} ms  p95 {one['p95_ms']:>5} ms  "
              f"{failed}  {name}")  # fmt: skip
    for error in report["errors"]:
        print(error)
    for step in report["steps"]:
        print(f"{step['factor']:>6g}×  {step['requests_per_s']:>6}/s  p95 {step['p95_ms']:>5} ms  "
              f"{step['cpu_ms_per_request']} ms CPU")  # fmt: skip
    if report["nation"]:
        print(report["nation"]["told"])
    for each in report["verdicts"]:
        print(f"{'✓' if each['passed'] else '✗'} {told(each['text'], SENTENCES)}")
    text = _(
        "%(word)s: %(requests)s requests, %(requests_per_s)s/s, %(failures)s failures, p50 "
        "%(p50_ms)s ms, p95 %(p95_ms)s ms (limit %(limit_p95_ms)s), p99 %(p99_ms)s ms"
    )
    print(text % {**report, "word": _("passed") if report["passed"] else _("NOT passed")})
    print(_("Report: %(file)s") % {"file": report["report"][0]})
