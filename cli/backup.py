"""`./meguri backup FILE` and `./meguri restore FILE`: for the day the machine is no more."""

import argparse
import json
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from cli import build, kept_backups, terminal
from cli.connection import running_machine
from cli.words import N_, _, hinted, told
from infra.local import backup, moving, restore
from infra.local import home as homes
from infra.local.archive import Refused
from infra.local.areas import zone_of_data
from infra.local.dumps import Apart, Server
from infra.local.home import Home, Settings
from infra.local.kept_backups import folder_of, newest
from infra.local.table import SERVICES
from kit.pure import local_time

_STEPS = {
    "check": N_("reading the backup"), "files": N_("media, settings, keys"),
}  # fmt: skip


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `backup` and `restore`."""
    saving = subcommands.add_parser(
        "backup", help=_("write all databases, media and settings to a file")
    )
    saving.add_argument(
        "file", metavar="FILE", type=Path, nargs="?", help=_("such as /media/stick/meguri")
    )
    saving.add_argument(
        "--nightly", action="store_true",
        help=_("as every night: beside the data, copied where up --backup-to says"),
    )  # fmt: skip
    saving.set_defaults(run=run_backup)
    restoring = subcommands.add_parser("restore", help=_("make the data folder as a backup has it"))
    restoring.add_argument(
        "file", metavar="FILE", type=Path, nargs="?",
        help=_("what backup wrote (default: the newest beside the data)"),
    )  # fmt: skip
    restoring.add_argument(
        "--really", action="store_true",
        help=_("also where there is data; it is kept beside"),
    )  # fmt: skip
    restoring.add_argument(
        "--trial", action="store_true",
        help=_("to look at beside what runs: without payment providers and public address"),
    )  # fmt: skip
    restoring.add_argument(
        "--databases-at", type=int, metavar="PORT", default=0,
        help=_("into the PostgreSQL at this port instead, such as a cluster's"),
    )  # fmt: skip
    restoring.set_defaults(run=run_restore)


def run_backup(arguments: argparse.Namespace) -> int:
    """Backs up, while everything runs or while nothing does."""
    started, home = time.monotonic(), Home(Path(arguments.data).resolve())
    if bool(arguments.file) == arguments.nightly:
        text = "name a file, or say --nightly for one beside the data"
        print(f"meguri backup: {told(text)}", file=sys.stderr)
        return 2
    if arguments.nightly:
        record = kept_backups.make_nightly(home, make)
        if arguments.json:
            print(json.dumps(msgspec.to_builtins(record), ensure_ascii=False))
        else:
            kept_backups.show(home, sys.stdout)
        return 0
    made = make(home, arguments.file)
    if arguments.json:
        print(json.dumps(_answer(made, started), ensure_ascii=False))
        return 0
    text = _("Backup as of %(time)s, of %(size)s MB, in %(file)s. It holds keys and passwords: keep"
             " it where only you get at it, away from this machine.")  # fmt: skip
    size = f"{made['bytes'] / 1e6:,.1f}"
    print(text % {"time": _time_of(made, home), "size": size, "file": made["file"]})
    return 0


def make(home: Home, file: Path) -> dict[str, Any]:
    """Makes a backup, showing each step. Errors: Refused."""
    steps = len(SERVICES) + 1
    return backup.make(home, file, _aparts(), _told(steps), _running_server(home))


def build_and_make(home: Home, file: Path) -> dict[str, Any]:
    """As make, for a command before which nothing was built. Errors: Refused."""
    build.build(types=False)  # the backup reads with it
    return make(home, file)


def run_restore(arguments: argparse.Namespace) -> int:
    """Restores into a data folder on which nothing runs, or into a cluster's databases."""
    started, home = time.monotonic(), Home(Path(arguments.data).resolve())
    if arguments.databases_at:
        return _move(arguments, home, started)
    if process := homes.supervisor_of(home):
        raise Refused(
            "platform_running",
            f"Meguri is running on {home.data} (process {process}); end it with ./meguri down, then"
            " restore",
        )
    done = restore.restore(
        home,
        arguments.file or _newest(home),
        _told(len(SERVICES) + 1),
        really=arguments.really,
        trial=arguments.trial,
    )
    if arguments.json:
        print(json.dumps(_answer(done, started), ensure_ascii=False))
        return 0
    restored = _("Restored as of %(time)s. Start it with ./meguri up")
    print(hinted(restored % {"time": _time_of(done, home)}))
    if done["missing"]:
        text = _("The backup held no %(file)s, so new passwords between the parts were made."
                 " People sign in as before; whoever cannot gets a new password with"
                 " ./meguri area password %(area)s admin")  # fmt: skip
        told = {"file": done["missing"][0], "area": Settings.load(home).area}
        print(hinted(text % told))
    if done["kept"]:
        print(_("What was there before is kept in %(folder)s") % {"folder": done["kept"]})
    return 0


def _move(arguments: argparse.Namespace, home: Home, started: float) -> int:
    done = moving.into_server(
        arguments.file or _newest(home), arguments.databases_at, _told(len(SERVICES) + 1),
        really=arguments.really,
    )  # fmt: skip
    if arguments.json:
        print(json.dumps(_answer(done, started), ensure_ascii=False))
        return 0
    print(_("The databases at port %(port)s are those of %(time)s. Now start the services there.")
          % {"port": done["port"], "time": _time_of(done, home)})  # fmt: skip
    return 0


def _newest(home: Home) -> Path:
    """Returns the newest backup that made itself. Errors: Refused."""
    folder = folder_of(home)
    found = newest(folder)
    if found is None:
        raise Refused("backup_missing", f"There is no backup in {folder}: name a file")
    return found


def _time_of(found: dict[str, Any], home: Home) -> str:
    """Returns when a backup was made, in the time of the area it is of."""
    return local_time.told(datetime.fromisoformat(found["made_time"]), zone_of_data(home))


def _aparts() -> tuple[Apart, ...]:
    from services.visitor_sense.cli import without_pseudonyms  # noqa: PLC0415 - needs the stubs

    counts = ("addresses", "devices")
    return (
        Apart("visitor_sense", "zone_hours", counts, without_pseudonyms, "holds_values",
              "holds_values"),
        Apart("visitor_sense", "zone_minutes", ("near",), without_pseudonyms, "holds_values",
              "holds_values"),
    )  # fmt: skip


def _running_server(home: Home) -> Server | None:
    machine = running_machine(home)
    if machine is None:
        return None
    if "postgres" not in machine.ports:
        raise Refused(
            "no_database", "What runs has no database; end it with ./meguri down, then try again"
        )
    return Server(machine.ports["postgres"], machine.passwords.postgres)


def _answer(found: dict[str, Any], started: float) -> dict[str, Any]:
    return found | {"seconds": round(time.monotonic() - started, 1)}


def _told(steps: int) -> Any:
    """Returns what shows each step: one line that changes, plain lines where nobody watches."""
    count = 0

    def told(step: str) -> None:
        nonlocal count
        count += 1
        text = f"{count}/{steps} {_(_STEPS[step]) if step in _STEPS else step}"
        if sys.stderr.isatty():
            terminal.redraw(sys.stderr, text, end="\n" if count == steps else "")
        else:
            print(text, file=sys.stderr, flush=True)

    return told
