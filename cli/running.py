"""`./meguri down`, `status` and `logs`: about a platform that runs."""

import argparse
import json
import os
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cli import certificates, kept_backups, present
from cli.connection import NotRunning
from cli.words import _, told
from infra.local import home as homes
from infra.local import logs, spawn
from infra.local.home import Home, Settings
from kit import disk

DOWN_TIMEOUT_S = 60.0
POLL_S = 0.05
TAIL_LINES = 20
STATE_WAIT_S = 15.0


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `down`, `status` and `logs`."""
    subcommands.add_parser("down", help=_("stop everything in order")).set_defaults(run=down)
    subcommands.add_parser("status", help=_("show what runs and how it is")).set_defaults(
        run=status
    )
    parser = subcommands.add_parser("logs", help=_("follow the logs"))
    parser.add_argument("name", nargs="?", default="", help=_("component (default: all)"))
    parser.add_argument("--no-follow", action="store_true", help=_("print the last lines and end"))
    parser.set_defaults(run=follow)


def down(arguments: argparse.Namespace) -> int:
    """Stops everything in order; succeeds also when nothing ran."""
    home = Home(Path(arguments.data).resolve())
    process = homes.supervisor_of(home)
    if process:
        os.kill(process, signal.SIGTERM)
        deadline = time.monotonic() + DOWN_TIMEOUT_S
        while homes.supervisor_of(home) or spawn.lives(process):
            if time.monotonic() > deadline:
                os.kill(process, signal.SIGKILL)  # its components die with it
                text = _("it did not stop in time and was killed")
                print(f"meguri down: {text}", file=sys.stderr)
                return 1
            time.sleep(POLL_S)
    text = _("stopped") if process else _("nothing was running")
    print(json.dumps({"stopped": bool(process)}) if arguments.json else f"Meguri: {text}")
    return 0


def status(arguments: argparse.Namespace) -> int:
    """Shows the state. Fails when nothing runs or something is not healthy."""
    home = Home(Path(arguments.data).resolve())
    state = _state(home)
    if not homes.supervisor_of(home):
        gone = {"health": "stopped", "pid": 0}
        components = [c | gone for c in state.get("components", [])]
        state = state | {"phase": "stopped", "components": components}
        if not arguments.json:
            present.disk(room(home)["disk"], sys.stderr)  # it may be why
            raise NotRunning(arguments.data)
    state |= enrolled(home, str(state.get("area", ""))) | room(home)
    state |= kept_backups.told_of(home) | certificates.told_of(home)
    damaged = _damaged(home)
    if damaged and not state.get("problem"):
        state["problem"] = damaged
    if arguments.json:
        print(json.dumps(state, ensure_ascii=False, indent=2))
    else:
        present.table(state, sys.stdout)
        present.welcome(state, sys.stdout)
        kept_backups.show(home, sys.stdout)
        certificates.show(home, sys.stdout)
        present.advice(state, sys.stdout)
    if damaged:
        print(f"meguri status: {told(damaged)}", file=sys.stderr)
    healthy = all(component["health"] == "ok" for component in state["components"])
    full = state["disk"]["state"] == disk.FULL
    return 0 if state["phase"] == "ready" and healthy and not full and not damaged else 1


def _damaged(home: Home) -> str:
    """Returns what the next `up` would be refused for, "" for nothing."""
    try:
        Settings.load(home)
        homes.read_first(home)
    except homes.FileDamaged as error:
        return str(error)
    return ""


def _state(home: Home) -> dict[str, Any]:
    """Returns the state; waits a little where one runs whose state is damaged and comes anew."""
    deadline = time.monotonic() + STATE_WAIT_S
    while not (state := homes.read_state(home)):
        if not homes.supervisor_of(home):
            return {}
        if time.monotonic() > deadline:
            raise homes.FileDamaged(
                f"{home.state_file} is damaged; end what runs with ./meguri down, then start it"
                " with ./meguri up"
            )
        time.sleep(POLL_S)
    return state


def follow(arguments: argparse.Namespace) -> int:
    """Prints the last records of one or all components, and those to come while something runs."""
    home = Home(Path(arguments.data).resolve())
    runs = bool(homes.supervisor_of(home))
    if not runs and not _logged(home):
        raise NotRunning(arguments.data)
    names = [arguments.name] if arguments.name else _logged(home)
    if arguments.name and arguments.name not in _logged(home):
        text = _("there is no log of %(name)s") % {"name": arguments.name}
        print(f"meguri logs: {text}", file=sys.stderr)
        return 1
    records = [record for name in names for record in logs.tail(home.log, name, TAIL_LINES)]
    for record in sorted(records, key=lambda record: str(record["time"])):
        _print(record, as_json=arguments.json)
    if arguments.no_follow:
        return 0
    if not runs:  # nothing would ever come
        raise NotRunning(arguments.data)
    files = {name: (home.log / f"{name}.jsonl").open(encoding="utf-8") for name in names}
    for file in files.values():
        file.seek(0, os.SEEK_END)
    while True:
        for name, file in files.items():
            for line in file:
                _print(logs.parse(name, line), as_json=arguments.json)
        time.sleep(0.2)


def _print(record: dict[str, Any], *, as_json: bool) -> None:
    if logs.is_step(record):
        return
    text = json.dumps(record, ensure_ascii=False) if as_json else logs.readable(record)
    print(text, flush=True)


def _logged(home: Home) -> list[str]:
    return sorted({path.name.split(".", 1)[0] for path in home.log.glob("*.jsonl")})


def room(home: Home) -> dict[str, Any]:
    """Returns `disk`: free_bytes, all_bytes, folder and state (ok, disk_low, disk_full)."""
    return {"disk": {"folder": str(home.data), **asdict(disk.look(home.data))}}


def enrolled(home: Home, area: str) -> dict[str, Any]:
    """Returns the first terminal and sensor, as loading the area left them."""
    return homes.read_enrolled(home, area)
