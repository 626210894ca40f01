"""`./meguri replay`: what was said is said again; what was buried is delivered again."""

import argparse
import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from cli import terminal
from cli.connection import NotRunning, running_machine
from cli.words import _
from infra.local.areas import zone_of_data
from infra.local.home import Home
from infra.local.table import SERVICES
from kit import config
from kit.bus import Bus
from kit.db import Database
from kit.pure import local_time
from kit.replay import BEGINNING, dead_letters, deliver_again, replay

CONNECT_S = 10.0


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `replay`."""
    parser = subcommands.add_parser("replay", help=_("say events again after a loss of NATS"))
    parser.add_argument(
        "--service", choices=SERVICES, default="", help=_("only what this service said")
    )
    parser.add_argument(
        "--since", type=_date, metavar="DATE", default=BEGINNING,
        help=_("only what happened from this day on (UTC)"),
    )  # fmt: skip
    parser.add_argument(
        "--dead", action="store_true",
        help=_("list dead letters; with --service deliver those of its events again"),
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Replays. Fails when nothing runs or something could not be delivered again."""
    if arguments.dead:
        return asyncio.run(_dead(arguments))
    return asyncio.run(_outboxes(arguments))


async def _outboxes(arguments: argparse.Namespace) -> int:
    said = {}
    for service in [arguments.service] if arguments.service else SERVICES:
        database = Database(_database_url(arguments.data, service), pool_max=2)
        await database.open()
        try:
            said[service] = await replay(
                database, service, arguments.since, _progress(service), partial(_left, service)
            )
        finally:
            await database.close()
        if not arguments.json:
            print(_("%(service)s: %(count)d events said again")
                  % {"service": service, "count": said[service]})  # fmt: skip
    if arguments.json:
        print(json.dumps({"replayed": said}))
    return 0


async def _dead(arguments: argparse.Namespace) -> int:
    if not os.environ.get("MEGURI_NATS_URL"):
        raise NotRunning(arguments.data)
    bus = Bus(config.load("replay"))
    async with asyncio.timeout(CONNECT_S):
        await bus.open()
    letters: list[dict[str, Any]] = []
    zone = zone_of_data(Home(Path(arguments.data)))
    try:
        async for letter in dead_letters(bus.stream, arguments.service or "*"):
            told: dict[str, Any] = {
                "consumer": letter.consumer, "subject": letter.subject, "event_id": letter.event_id,
                "buried_time": letter.buried_time.isoformat(timespec="seconds"),
                "reason": letter.reason,
            }  # fmt: skip
            if arguments.service:
                told["delivered"] = await deliver_again(bus.stream, letter)
            letters.append(told)
            if not arguments.json:
                print(_line(told, local_time.told(letter.buried_time, zone)))
    finally:
        await bus.close()
    if arguments.json:
        print(json.dumps({"dead_letters": letters}, ensure_ascii=False))
    elif not letters:
        print(_("there are no dead letters"))
    return 0 if all(told.get("delivered", True) for told in letters) else 1


def _left(service: str, count: int) -> None:
    if count:
        text = _("%(service)s: %(count)d events are refused; its log names them")
        print(text % {"service": service, "count": count}, file=sys.stderr)


def _line(told: dict[str, Any], time: str) -> str:
    marks = {None: "", True: _("delivered again"), False: _("its body is gone; it stays")}
    words = (time, told["consumer"], told["subject"], told["event_id"],
             told["reason"], marks[told.get("delivered")])  # fmt: skip
    return "  ".join(word for word in words if word)


def _database_url(data: str, service: str) -> str:
    given = os.environ.get(f"MEGURI_{service.upper()}_DATABASE_URL")
    if given:
        return given
    machine = running_machine(Home(Path(data)))
    if machine is None:
        raise NotRunning(data)
    return machine.database_url(service)


def _progress(service: str) -> Any:
    def told(done: int, whole: int) -> None:
        if sys.stderr.isatty():
            end = "\n" if done == whole else ""
            terminal.redraw(sys.stderr, f"{service}: {done:,} / {whole:,}", end)

    return told


def _date(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise argparse.ArgumentTypeError("a day is written like 2026-11-28") from None
