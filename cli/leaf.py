"""`./meguri leaf`: a NATS server at another place of the area, such as the cave."""

import argparse
import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

from nats import errors

from cli.words import _, told
from infra.local import binaries, leaf, nats, prepare
from infra.local import home as homes
from infra.local.bus_layout import LEAF, OPERATOR, SENSOR
from infra.local.home import Home

CONFIG = "nats.conf"
# Of what may have been stolen with a place; folders that were made earlier hold the operator's.
RENEWED = (LEAF, SENSOR, OPERATOR)


class LeafRefused(Exception):
    """The server at a place cannot be made or run as asked; the text says why."""


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `leaf`."""
    parser = subcommands.add_parser("leaf", help="a message server at another place")
    parser.add_argument("name", help="of the place: letters a-z and digits, such as cave")
    parser.add_argument(
        "--hub", metavar="HOST[:PORT]", help="under which this installation is found from there"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        required=True,
        help="to carry there; with --run the one that was carried",
    )
    parser.add_argument(
        "--run",
        action="store_true",
        dest="runs",
        help="at the place: run the server until it is stopped",
    )
    parser.add_argument(
        "--new-passwords",
        action="store_true",
        dest="renews",
        help="first: after a theft; the folders of all places and all sensors need them",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Makes the folder of a place, or runs the server there."""
    try:
        if arguments.runs:
            return _serve(arguments.folder)
        answer = _make(arguments)
    except (LeafRefused, leaf.LeafNameInvalid, homes.FileDamaged) as error:
        print(told(str(error)), file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps(answer))
    else:
        print(_("Made %(folder)s. It holds passwords: carry it to the place, show it to nobody.")
              % {"folder": answer["folder"]})  # fmt: skip
    return 0


def _make(arguments: argparse.Namespace) -> dict[str, str]:
    name = _one_name(arguments.name)
    home = Home(Path(arguments.data))
    authority = home.secrets / "tls" / "mqtt" / "ca.pem"
    if not arguments.hub:
        raise LeafRefused("--hub is missing: under which name is this machine found from there?")
    if not authority.exists():
        raise LeafRefused("this data folder was never started; run ./meguri up first")
    hub = arguments.hub if ":" in arguments.hub else f"{arguments.hub}:{nats.LEAF_PORT}"
    if arguments.renews:
        _renew(home)
    passwords = homes.ensure_passwords(home).nats
    path = leaf.write_leaf(arguments.folder, name, hub, passwords, authority.read_bytes())
    return {"folder": str(arguments.folder), "config": str(path), "hub": hub, "name": name}


def _renew(home: Home) -> None:
    """Errors: LeafRefused while the platform runs, which knows the old ones."""
    try:
        with homes.lock(home):
            homes.renew_bus_passwords(home, RENEWED)
    except homes.AlreadyRunning as error:
        raise LeafRefused(f"{error}; see ./meguri status, end it with ./meguri down") from error


def _one_name(text: str) -> str:
    """Returns the name of the place. Errors: LeafRefused, LeafNameInvalid."""
    names = leaf.leaf_names(text)
    if len(names) != 1:
        raise LeafRefused(
            f"{text!r} names {len(names)} places; say one, such as cave: each has a folder of its"
            " own"
        )
    return names[0]


def _serve(folder: Path) -> int:
    """Runs the server in its folder, and makes the stream that keeps batches there."""
    path = folder / CONFIG
    if not path.exists():
        raise LeafRefused(f"{path} is missing; make it with ./meguri leaf NAME --hub HOST")
    config = json.loads(path.read_text())
    users = {each["user"]: each["password"] for each in config["authorization"]["users"]}
    command = [str(binaries.find("nats-server")), "--config", CONFIG]
    with subprocess.Popen(command, cwd=folder, start_new_session=True) as process:
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: process.terminate())
        url = f"nats://127.0.0.1:{config['port']}"
        try:
            asyncio.run(prepare.prepare_streams(url, OPERATOR, users[OPERATOR], [leaf.stream()]))
        except (OSError, errors.Error) as error:
            process.terminate()
            raise LeafRefused(
                f"the message server does not start; is port {config['port']} taken?"
            ) from error
        return 0 if process.wait() in {0, 1} else 1  # it ends with 1 after a signal
