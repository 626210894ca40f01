"""`./meguri up`: starts everything and says where it is."""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from cli import build, present, words
from cli.running import enrolled, room
from cli.words import _
from infra.local import home as homes
from infra.local import logs
from infra.local.home import ROOT, Home, Settings
from infra.local.main import Order, StartRefused
from infra.local.main import run as supervise
from infra.local.table import by_name

POLL_S = 0.05
STARTED = frozenset({"ready", "failed", "stopped"})


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `up`."""
    parser = subcommands.add_parser("up", help=_("set up if needed and start everything"))
    parser.add_argument("--detach", action="store_true", help=_("return once all is healthy"))
    parser.add_argument("--port", type=_port, metavar="N", help=_("port of the pages (8080)"))
    parser.add_argument(
        "--domain",
        metavar="NAME[:PORT]",
        help=_("serve phones under this name, with a certificate"),
    )
    parser.add_argument(
        "--public-url", metavar="URL", help=_("address that a tunnel or proxy of others gives it")
    )
    parser.add_argument("--certificate", metavar="FILE", help=_("use this certificate (PEM)"))
    parser.add_argument("--key", metavar="FILE", help=_("private key of the certificate (PEM)"))
    parser.add_argument(
        "--acme-directory",
        metavar="URL",
        help=_("get certificates from this authority (RFC 8555) instead of a public one"),
    )
    parser.add_argument(
        "--acme-root", metavar="FILE", help=_("root certificate of that authority (PEM)")
    )
    parser.add_argument(
        "--backup-to", metavar="FOLDER",
        help=_("copy each night's backup there too, such as onto a USB stick; \"\" for nowhere"),
    )  # fmt: skip
    parser.add_argument(
        "--without-backup", action="store_true",
        help=_("start a newer version though no backup of the older one's data can be made"),
    )  # fmt: skip
    parser.add_argument(
        "--only", metavar="NAMES", default="", help=_("start only these components")
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Starts the platform; stays until Ctrl-C, or with --detach until all is healthy."""
    home = Home(Path(arguments.data).resolve())
    problem = _wrong_usage(arguments)
    if problem:
        print(f"meguri up: {words.told(problem)}", file=sys.stderr)
        return 2
    home.make()  # before anything waits for it
    if _is_only_a_medium(arguments) and homes.supervisor_of(home):
        return _choose_medium(home, arguments)
    order = _order(arguments, home)
    homes.read_first(home)  # before anything starts, since nobody could be shown them
    if not arguments.without_backup:
        _back_up_before_update(home, as_json=arguments.json)
    announce = _announcer(home, as_json=arguments.json)
    if arguments.detach:
        return _detach(home, order, announce)
    threading.Thread(target=_announce_when_started, args=(home, announce), daemon=True).start()
    try:
        return supervise(order, sys.stderr)
    except StartRefused as error:
        return _refuse(str(error), as_json=arguments.json)


def _is_only_a_medium(arguments: argparse.Namespace) -> bool:
    others = (arguments.port, arguments.domain, arguments.public_url, arguments.certificate,
              arguments.key, arguments.acme_directory, arguments.acme_root)  # fmt: skip
    chosen = arguments.backup_to is not None
    return chosen and not arguments.only and all(each is None for each in others)


def _choose_medium(home: Home, arguments: argparse.Namespace) -> int:
    """Where it runs already nothing has to stop for this: the backup of tonight is made and copied
    now, so that whoever put the medium in sees whether it works. Errors: Refused."""
    from cli import backup, kept_backups  # noqa: PLC0415 - as below

    kept = Settings.load(home)
    kept.backup_to = _absolute(arguments.backup_to)
    kept.save(home)
    build.build(types=False)
    record = kept_backups.make_nightly(home, backup.make)
    if arguments.json:
        print(json.dumps(msgspec.to_builtins(record), ensure_ascii=False))
    else:
        kept_backups.show(home, sys.stdout)
    return 0 if not record.copy_problem else 1


def _back_up_before_update(home: Home, *, as_json: bool) -> None:
    """Nobody has to think of it: what a newer version does to tables cannot be taken back, but
    the data of before can be had again. Errors: Refused."""
    from cli import backup, kept_backups  # noqa: PLC0415 - most starts are no update

    file = kept_backups.before_update(home, backup.build_and_make)
    if file and not as_json:
        text = _("This is another version: the data as it was is in %(file)s. To go back: put the"
                 " old files in place, then ./meguri restore %(file)s --really")  # fmt: skip
        print(words.hinted(text % {"file": file}), file=sys.stderr)


def _detach(home: Home, order: Order, announce: Callable[[dict[str, Any]], int]) -> int:
    before = home.state_file.stat().st_mtime_ns if home.state_file.exists() else 0
    with (home.log / "supervisor.stderr").open("wb") as last_words:
        process = subprocess.Popen(
            [sys.executable, "-m", "infra.local.main"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=last_words,
            cwd=ROOT,
            start_new_session=True,
        )
    if process.stdin is not None:
        process.stdin.write(msgspec.json.encode(order))
        process.stdin.close()
    progress = present.Progress(sys.stderr)
    while True:
        state = homes.read_state(home)
        fresh = home.state_file.exists() and home.state_file.stat().st_mtime_ns != before
        if fresh and state.get("phase") in STARTED:
            progress.end()
            return announce(state)
        if process.poll() is not None:
            progress.end()
            return _refuse(_last_words(home, process.pid), as_json=False)
        if fresh and state:  # the file may have come after it was read
            progress.show(state)
        time.sleep(POLL_S)


def _announce_when_started(home: Home, announce: Callable[[dict[str, Any]], int]) -> None:
    while homes.supervisor_of(home) != os.getpid():
        time.sleep(POLL_S)
    while (state := homes.read_state(home)).get("phase") not in STARTED:
        time.sleep(POLL_S)
    announce(state)


def _announcer(home: Home, *, as_json: bool) -> Callable[[dict[str, Any]], int]:
    def announce(state: dict[str, Any]) -> int:
        # Until somebody has seen them, first passwords stay where the next start finds them.
        shown = _take_first(home) if state["phase"] == "ready" else {}
        answer = state | enrolled(home, str(state.get("area", ""))) | room(home) | shown
        if as_json:
            print(json.dumps(answer, ensure_ascii=False, indent=2), flush=True)
        elif state["phase"] == "ready":
            present.table(answer, sys.stdout)
            present.welcome(answer, sys.stdout)
        if state["phase"] == "ready":
            return 0
        _tell_failure(home, state)
        present.disk(answer["disk"], sys.stderr)  # it may be why
        return 1

    return announce


def _take_first(home: Home) -> dict[str, Any]:
    """Returns the first passwords, which are shown once and then kept nowhere."""
    first = homes.read_first(home)
    home.first_file.unlink(missing_ok=True)
    return first


def _tell_failure(home: Home, state: dict[str, Any]) -> None:
    problem = words.told(state["problem"] or "it was stopped")
    print(f"meguri up: {problem}", file=sys.stderr)
    if state.get("failed"):
        for record in logs.tail(home.log, state["failed"], 12):
            print(f"  {logs.readable(record)}", file=sys.stderr)


def _last_words(home: Home, process: int) -> str:
    refusal = home.run / f"refused.{process}.json"
    if refusal.exists():
        text = str(json.loads(refusal.read_text())["problem"])
        refusal.unlink()
        return text
    return (home.log / "supervisor.stderr").read_text(errors="replace").strip()


def _refuse(text: str, *, as_json: bool) -> int:
    print(f"meguri up: {words.told(text)}", file=sys.stderr)
    if as_json:
        print(json.dumps({"error": words.hinted(text)}, ensure_ascii=False))
    return 1


def _order(arguments: argparse.Namespace, home: Home) -> Order:
    kept = Settings.load(home)
    domain = kept.domain if arguments.domain is None else arguments.domain
    return Order(
        data=str(home.data),
        area=arguments.area or kept.area,
        domain=domain,
        certificate=_absolute(arguments.certificate) or (kept.certificate if domain else ""),
        key=_absolute(arguments.key) or (kept.key if domain else ""),
        tunnel_url=kept.tunnel_url if arguments.public_url is None else arguments.public_url,
        port=arguments.port,
        only=tuple(name for name in arguments.only.split(",") if name),
        acme_directory=arguments.acme_directory or (kept.acme_directory if domain else ""),
        acme_root=_absolute(arguments.acme_root) or (kept.acme_root if domain else ""),
        backup_to=_backup_to(arguments, kept),
    )


def _backup_to(arguments: argparse.Namespace, kept: Settings) -> str:
    if arguments.backup_to is None:
        return kept.backup_to
    return _absolute(arguments.backup_to)


def _wrong_usage(arguments: argparse.Namespace) -> str:
    unknown = [name for name in arguments.only.split(",") if name and name not in by_name()]
    if unknown:
        return f"there is no component {unknown[0]}; there are {', '.join(by_name())}"
    if arguments.public_url and not arguments.public_url.startswith("https://"):
        return "--public-url begins with https://"
    if bool(arguments.certificate) != bool(arguments.key):
        return "--certificate and --key go together"
    if arguments.acme_directory and not arguments.acme_directory.startswith("https://"):
        return "--acme-directory begins with https://"
    return _wrong_path(arguments)


def _wrong_path(arguments: argparse.Namespace) -> str:
    if arguments.backup_to and not Path(arguments.backup_to).is_dir():
        return f"{arguments.backup_to} is no folder; put the medium in, then name a folder on it"
    for path in (arguments.certificate, arguments.key, arguments.acme_root):
        if path and not Path(path).is_file():
            return f"{path} is not a file"
    return ""


def _absolute(path: str | None) -> str:
    return str(Path(path).resolve()) if path else ""


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= 65535):
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)
