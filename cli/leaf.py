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
from infra.local.bus_layout import OPERATOR
from infra.local.home import Home

CONFIG = "nats.conf"


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
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Makes the folder of a place, or runs the server there."""
    try:
        if arguments.runs:
            return _serve(arguments.folder)
        answer = _make(arguments)
    except (LeafRefused, leaf.LeafNameInvalid) as error:
        print(told(str(error)), file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps(answer))
    else:
        print(_("Made %(folder)s. It holds passwords: carry it to the place, show it to nobody.")
              % {"folder": answer["folder"]})  # fmt: skip
    return 0


def _make(arguments: argparse.Namespace) -> dict[str, str]:
    (name,) = leaf.leaf_names(arguments.name) or ("",)
    home = Home(Path(arguments.data))
    authority = home.secrets / "tls" / "mqtt" / "ca.pem"
    if not arguments.hub:
        raise LeafRefused("--hub is missing: under which name is this machine found from there?")
    if not authority.exists():
        raise LeafRefused("this data folder was never started; run ./meguri up first")
    hub = arguments.hub if ":" in arguments.hub else f"{arguments.hub}:{nats.LEAF_PORT}"
    passwords = homes.ensure_passwords(home).nats
    path = leaf.write_leaf(arguments.folder, name, hub, passwords, authority.read_bytes())
    return {"folder": str(arguments.folder), "config": str(path), "hub": hub, "name": name}


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
