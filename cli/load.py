"""`./meguri load DAY`: a locust scenario against the running platform, with its gate.

It plays in the demo area, never in one with real figures; an area made for it is dropped after.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cli.connection import NotRunning
from cli.words import N_, _
from infra.local.home import ROOT, Home

SCENARIOS = ROOT / "loadtests"
DURATION_S = 60
# What the first visitors met while the others were still coming is not counted.
SPAWN_PER_S = 50
GRACE_S = 60
SHOP = "shotengai-souvenirs"
_ASSET = re.compile(r'(?:href|src)="(/static/[^"#]+)"')


STAYS = N_(
    "The demo was there before: this load's visits and sales stay in its figures. To begin anew:"
    " ./meguri demo --drop"
)


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `load`."""
    parser = subcommands.add_parser("load", help=_("run a load scenario with its gate"))
    days = _("one of: %(names)s") % {"names": ", ".join(scenarios())}
    parser.add_argument("day", metavar="DAY", choices=scenarios(), help=days)
    long = _("5 to 3600 (default: %(usual)s)") % {"usual": DURATION_S}
    parser.add_argument("--seconds", type=_seconds, default=DURATION_S, metavar="S", help=long)
    parser.set_defaults(run=run)


def scenarios() -> list[str]:
    """Returns the names of the scenarios there are."""
    return sorted(path.stem for path in SCENARIOS.glob("[a-z]*.py") if path.stem != "__init__")


def _seconds(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 5 <= int(text) <= 3_600:
        raise argparse.ArgumentTypeError(_("give 5 to 3600 seconds"))
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Runs a scenario. Returns 0 when its gate is passed."""
    from cli.area import load, peers_as_operator  # noqa: PLC0415 - needs the stubs
    from demo import area  # noqa: PLC0415 - as above

    if not os.environ.get("MEGURI_DIRECTORY_ADDRESS"):
        raise NotRunning(arguments.data)
    home = Home(Path(os.environ["MEGURI_DATA"]))
    peers = peers_as_operator(area.AREA)
    made_here = not area.exists(peers)
    logins = area.prepare(home, os.environ.get("MEGURI_DEFAULT_AREA") or "mine", load)
    try:
        report = _locust(arguments.day, arguments.seconds, _surroundings(logins))
    finally:
        if made_here:
            area.drop(home, peers)
        peers.close()
    if not made_here:
        print(_(STAYS), file=sys.stderr)
    if arguments.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        _tell(report)
    return 0 if report["passed"] else 1


def _surroundings(logins: dict[str, dict[str, str]]) -> dict[str, str]:
    """Signs in, looks round and returns what the scenario needs to know."""
    from demo import play  # noqa: PLC0415 - needs the stubs

    edge_url = os.environ["MEGURI_EDGE_URL"]
    host = f"demo.localhost:{urlsplit(edge_url).port or 80}"
    now = datetime.now(UTC)
    stage = play.Stage(edge_url, host, logins["clerk"], now)
    play.wait_until_open(stage)
    clerk, analyst = stage.browser(), stage.browser()
    clerk.sign_in(**logins["clerk"])
    analyst.sign_in(**logins["analyst"])
    counter = clerk.get(f"/till?shop={SHOP}")
    home_page = clerk.get("/").text + clerk.get(f"/g/{stage.stops[0]}").text
    buttons = play.BUTTON.findall(counter.text)
    return {
        "LOAD_HOST_HEADER": host,
        "LOAD_CLERK_COOKIE": clerk.cookie_header(),
        "LOAD_ANALYST_COOKIE": analyst.cookie_header(),
        "LOAD_FORM_TOKEN": counter.field("form_token"),
        "LOAD_SHOP": SHOP,
        "LOAD_PAY": next(value for value in buttons if value.endswith(":acquirer_simulator")),
        "LOAD_TRIP": json.dumps(play.trip(now, 2, 1)),
        "LOAD_STOPS": json.dumps(stage.stops),
        "LOAD_ASSETS": json.dumps(sorted(set(_ASSET.findall(home_page)))),
    }


def _locust(day: str, duration_s: int, surroundings: dict[str, str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="meguri-load-") as folder:
        report = Path(folder) / "report.json"
        command = [
            sys.executable, "-m", "locust", "--headless", "--only-summary", "--reset-stats",
            "--locustfile", str(SCENARIOS / f"{day}.py"), "--host", os.environ["MEGURI_EDGE_URL"],
            "--users", "1000", "--spawn-rate", str(SPAWN_PER_S), "--run-time", f"{duration_s}s",
            "--stop-timeout", "10", "--loglevel", "WARNING",
        ]  # fmt: skip
        done = subprocess.run(
            command, cwd=ROOT, check=False, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=duration_s + GRACE_S,
            env={**os.environ, **surroundings, "LOAD_REPORT": str(report)},
        )  # fmt: skip
        if not report.exists():
            raise FileNotFoundError(f"the scenario made no report: {done.stdout[-400:]}")
        found: dict[str, Any] = json.loads(report.read_text())
        return found


def _tell(report: dict[str, Any]) -> None:
    for name, one in sorted(report["by_request"].items(), key=lambda pair: -pair[1]["p95_ms"]):
        failed = _("failed %(count)3d") % {"count": one["failures"]}
        print(f"{one['requests']:>6}  p50 {one['p50_ms']:>5} ms  p95 {one['p95_ms']:>5} ms  "
              f"{failed}  {name}")  # fmt: skip
    for error in report["errors"]:
        print(error)
    text = _(
        "%(word)s: %(requests)s requests, %(requests_per_s)s/s, %(failures)s failures, p50 "
        "%(p50_ms)s ms, p95 %(p95_ms)s ms (limit %(limit_p95_ms)s), p99 %(p99_ms)s ms"
    )
    print(text % {**report, "word": _("passed") if report["passed"] else _("NOT passed")})
