"""`./meguri containers`: makes what docker-compose.yml needs, with random secrets; what a cluster
needs with --kubernetes (cli/kubernetes.py)."""

import argparse
import json
import os
import shutil
from pathlib import Path

from cli import kubernetes
from infra.local import authority, bus_layout, files, nats, valkey
from infra.local import home as homes
from infra.local.home import ROOT, Home
from infra.local.machine import OPERATOR
from infra.local.table import SERVICES, by_name

NOBODY_ELSE = 10001  # the user of infra/Dockerfile


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `containers`."""
    parser = subcommands.add_parser("containers", help="make secrets and keys for docker compose")
    parser.add_argument(
        "--kubernetes",
        metavar="FOLDER",
        type=Path,
        help="make a folder for kubectl apply -k instead",
    )
    parser.add_argument(
        "--cluster",
        action="store_true",
        help="with --kubernetes: for three nodes or more instead of one",
    )
    parser.add_argument(
        "--host",
        default=kubernetes.NO_HOST,
        help="with --kubernetes: the name under which phones find the pages",
    )
    parser.add_argument(
        "--registry", default="", help="with --kubernetes: where the images were put"
    )
    parser.add_argument("--tag", default="latest", help="with --kubernetes: of the images")
    parser.add_argument(
        "--from",
        dest="source",
        metavar="DATA",
        type=Path,
        help="with --kubernetes: take keys and passwords of an installation that moves",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Writes var/containers, or the folder for Kubernetes; run again it keeps what is there."""
    if arguments.kubernetes:
        return _for_kubernetes(arguments)
    folder = ROOT / "var" / "containers"
    make(Home(folder), arguments.area or "mine")
    answer = {"folder": str(folder), "next": "docker compose --env-file var/containers/env up"}
    print(json.dumps(answer) if arguments.json else f"Made {folder}\nNext: {answer['next']}")
    return 0


def _for_kubernetes(arguments: argparse.Namespace) -> int:
    home = Home(arguments.kubernetes)
    home.make()
    if arguments.source:
        kubernetes.take_over(home, arguments.source)
    overlay = kubernetes.CLUSTER if arguments.cluster else kubernetes.SMALL
    place = kubernetes.Place(
        arguments.area or "mine", overlay, arguments.host, arguments.registry, arguments.tag
    )
    made = kubernetes.make(home, place)
    answer = {"folder": str(home.data), "next": f"kubectl apply -k {home.data}"}
    print(json.dumps(answer) if arguments.json else f"Made {made}\nNext: {answer['next']}")
    return 0


def make(home: Home, area: str) -> None:
    """Makes secrets, keys, certificates and configuration of servers for containers."""
    home.make()
    (home.data / "data").mkdir(exist_ok=True)
    passwords = homes.ensure_passwords(home)
    authority.ensure_token_keys(home.secrets)
    names = [*SERVICES, "edge", "mqtt", OPERATOR]
    host = os.environ.get("MEGURI_MQTT_HOST", "")
    authority.ensure_certificates(home.secrets / "tls", names, {"mqtt": host} if host else {})
    for name in names:
        shutil.copytree(home.secrets / "tls" / name, home.data / "tls" / name, dirs_exist_ok=True)
    for name in ("token_public.pem", "token_private.pem", "audit_private.pem",
                 authority.GADGET_KEY):  # fmt: skip
        shutil.copy(home.secrets / name, home.data / name)
    door = nats.Gadgets(
        host="0.0.0.0", port=by_name()["nats"].mqtt_port, tls="/etc/meguri/tls",  # noqa: S104 - inside a container
        issuer=authority.gadget_issuer(home.secrets), usher=passwords.nats[nats.USHER],
    )  # fmt: skip
    users = bus_layout.users(passwords.nats)
    _let_servers_read(nats.write_config(home.data, users, "/data", door))
    (home.data / "tls" / "mqtt" / "key.pem").chmod(0o644)  # the folder above keeps strangers out
    _let_servers_read(valkey.write_config(home.data, passwords.valkey, "* -::*"))
    user, group = _give_to_user(home.data)
    values = {
        "MEGURI_USER": f"{user}:{group}",
        "MEGURI_DEFAULT_AREA": area,
        "MEGURI_POSTGRES_PASSWORD": passwords.postgres,
        "MEGURI_VALKEY_PASSWORD": passwords.valkey,
        "MEGURI_COOKIE_SECRET": passwords.cookie,
        **{f"MEGURI_{n.upper()}_DATABASE_PASSWORD": p for n, p in passwords.databases.items()},
        **{f"MEGURI_{n.upper()}_NATS_PASSWORD": p for n, p in passwords.nats.items()},
    }
    text = "".join(f"{name}={value}\n" for name, value in values.items())
    files.write_private(home.data / "env", text.encode())


def _give_to_user(folder: Path) -> tuple[int, int]:
    """Returns as whom containers run: as who made their files, or as nobody else where that is
    root: root without a right still owns what is root's. Such files are handed over.
    """
    if os.getuid() != 0:
        return os.getuid(), os.getgid()
    for path in (folder / "data", folder / "tls", *folder.glob("*.pem")):
        for each in (path, *path.rglob("*")):
            os.chown(each, NOBODY_ELSE, NOBODY_ELSE, follow_symlinks=False)
    return NOBODY_ELSE, NOBODY_ELSE


def _let_servers_read(config: Path) -> None:
    """Servers of others run as users of their own; the folder above keeps strangers out."""
    config.parent.chmod(0o700)
    config.chmod(0o644)
