"""`./meguri demo`: simulated visitors in an area of its own; `--drop` removes it."""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from cli import terminal, words
from cli.connection import NotRunning
from cli.words import _
from infra.local.home import ROOT, Home

VISITORS, SEED = 240, 1
SENSOR_DEADLINE_S = 60


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `demo`."""
    parser = subcommands.add_parser("demo", help=_("play a simulated half day of visitors"))
    parser.add_argument("--visitors", type=_people, default=VISITORS, metavar="N",
                        help=_("people, 1 to 5,000 (default: %(count)d)")
                        % {"count": VISITORS})  # fmt: skip
    parser.add_argument("--seed", type=int, default=SEED, metavar="S",
                        help=_("same seed, same visitors"))  # fmt: skip
    parser.add_argument("--drop", action="store_true", help=_("remove the demo area everywhere"))
    parser.set_defaults(run=run)


def _people(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= 5_000:
        raise argparse.ArgumentTypeError("give a number from 1 to 5,000")
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Plays or drops the demo area. Returns the exit code."""
    if not os.environ.get("MEGURI_DIRECTORY_ADDRESS"):
        raise NotRunning(arguments.data)
    home = Home(Path(os.environ["MEGURI_DATA"]))
    answer = _drop(home) if arguments.drop else _play(home, arguments)
    if arguments.json:
        print(json.dumps(answer, ensure_ascii=False))
    else:
        _tell(answer)
    return 0 if answer.get("failed", 0) == 0 else 1


def _drop(home: Home) -> dict[str, Any]:
    from cli.area import peers_as_operator  # noqa: PLC0415 - needs the stubs, which `up` makes
    from demo import area  # noqa: PLC0415 - as above

    peers = peers_as_operator(area.AREA)
    try:
        return {"area": area.AREA, "dropped": area.drop(home, peers)}
    finally:
        peers.close()


def _play(home: Home, arguments: argparse.Namespace) -> dict[str, Any]:
    from cli.area import load, peers_as_operator  # noqa: PLC0415 - as above
    from demo import area, play, visitors  # noqa: PLC0415 - as above

    started = time.monotonic()
    line = _Line()
    peers = peers_as_operator(area.AREA)
    try:
        if area.was_cut_short(home, peers):
            print(_("The last demo was cut short; this one goes on with its area, with new"
                    " passwords."), file=sys.stderr)  # fmt: skip
    finally:
        peers.close()
    line.say(_("making the demo area"))
    logins = area.prepare(home, os.environ.get("MEGURI_DEFAULT_AREA") or "mine", load)
    edge_url = os.environ["MEGURI_EDGE_URL"]
    host = f"{area.AREA}.localhost:{urlsplit(edge_url).port or 80}"
    folder = home.data / "areas" / area.AREA
    now, zone = datetime.now(UTC), json.loads((folder / "area.json").read_bytes())["time_zone"]
    length = play.length_of_play(now, ZoneInfo(zone))
    stage = play.Stage(edge_url, host, logins["clerk"], now, length)
    play.wait_until_open(stage)
    parties = visitors.make_parties(
        arguments.seed, arguments.visitors, len(stage.stops),
        _ids(folder / "shops.csv", "shop_place_id"), _ids(folder / "pois.csv", "poi_id"),
    )  # fmt: skip
    listening = _Listening(home, parties, stage.end)
    tally = play.play(
        stage, parties, lambda done, sofar: line.say(_sofar(done, len(parties), sofar))
    )
    line.say(_("the sensor is sending"))
    heard = listening.result()
    line.end()
    return {
        "area": area.AREA,
        "url": f"http://{host}/",
        "demo": True,
        "seed": arguments.seed,
        **{name: tally.counts.get(name, 0) for name in (
            "visitors", "parties", "pages", "scans", "plans", "payments", "canceled", "refunds",
            "admissions", "admitted", "ratings", "surveys", "failed",
        )},
        "complaints": [f"{text} ({n}×)" for text, n in tally.complaints.most_common(5)],
        "probe_requests": heard,
        "duration_s": round(time.monotonic() - started, 1),
        "logins": logins,
    }  # fmt: skip


def _ids(path: Path, column: str) -> list[str]:
    """Returns one column of an area's file, in its order; nothing where the file is missing."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row[column] for row in csv.DictReader(file)]


def _sofar(done: int, parties: int, counts: Counter[str]) -> str:
    told = _(
        "%(done)d of %(parties)d parties: %(scans)d scans, %(payments)d payments, %(plans)d plans"
    )
    known = {name: counts[name] for name in ("scans", "payments", "plans")}
    return told % {"done": done, "parties": parties, **known}


class _Listening:
    """The sensor at the gate, playing the hour's probe requests in a process of its own."""

    def __init__(self, home: Home, parties: list[Any], end: datetime) -> None:
        from demo.area import AREA  # noqa: PLC0415 - as above
        from demo.capture import write_capture  # noqa: PLC0415 - as above
        from services.visitor_sense.cli import first_sensor  # noqa: PLC0415 - as above

        self._folder = tempfile.TemporaryDirectory(prefix="meguri-demo-")
        file = Path(self._folder.name) / "hour.pcap"
        self._frames = write_capture(file, parties, (end - timedelta(hours=1)).timestamp())
        command = [sys.executable, "-m", "cli", "sense", "replay", str(file), "--sensor",
                   first_sensor(), "--area", AREA, "--data", str(home.data), "--json"]  # fmt: skip
        # Outlives nothing: result() waits for it or ends it.
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def result(self) -> int:
        """Returns how many probe requests were taken; 0 when the sensor could not send."""
        try:
            said, complaint = self._process.communicate(timeout=SENSOR_DEADLINE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            said, complaint = self._process.communicate()
        self._folder.cleanup()
        if self._process.returncode != 0:
            told = _("the sensor could not send: %(said)s") % {"said": complaint.strip()[-300:]}
            print(told, file=sys.stderr)
            return 0
        return int(json.loads(said)["probe_frames"])


class _Line:
    """One line of progress on stderr; lines of their own where nobody watches a terminal."""

    def __init__(self) -> None:
        self._said_at, self._tty = 0.0, sys.stderr.isatty()

    def say(self, text: str) -> None:
        """Shows how far it is, at most four times a second."""
        now = time.monotonic()
        if now - self._said_at < (0.25 if self._tty else 5.0):
            return
        self._said_at = now
        if self._tty:
            terminal.redraw(sys.stderr, text)
        else:
            print(text, file=sys.stderr, flush=True)

    def end(self) -> None:
        """Clears the line."""
        if self._tty:
            terminal.redraw(sys.stderr)


def _tell(answer: dict[str, Any]) -> None:
    if "dropped" in answer:
        gone = _("The demo area is removed.") if answer["dropped"] else _("There is no demo area.")
        print(gone)
        return
    print(
        _("%(visitors)s visitors in %(duration_s)s s: %(scans)s scans, %(payments)s payments, "
          "%(plans)s plans, %(admissions)s tickets at the gate, %(ratings)s ratings, "
          "%(surveys)s surveys, %(probe_requests)s probe requests; %(failed)s failed") % answer
    )  # fmt: skip
    for complaint in answer["complaints"]:
        print(f"  {complaint}")
    analyst = answer["logins"]["analyst"]
    numbers = {"url": f"{answer['url']}insights", **analyst}
    clerk = {"url": answer["url"], **answer["logins"]["clerk"]}
    print("\n" + _("Look at it:  %(url)s") % answer)
    print(_("Numbers:     %(url)s   %(user)s / %(password)s") % numbers)
    print(_("Opinions:    %(url)s/feedback") % numbers)
    print(_("Till, gate:  %(url)still %(url)sgate   %(user)s / %(password)s") % clerk)
    others = [each for role, each in answer["logins"].items() if role not in {"analyst", "clerk"}]
    if others:
        print(_("To practice the rest:  %(url)slogin") % answer)
        for each in others:
            print(f"  {each['user']:<12} {each['password']}")
    print(words.hinted(_("Remove it:   ./meguri demo --drop")))
