"""NATS with JetStream: every acknowledged message is on disk."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.local import binaries, spawn

MAX_PAYLOAD_BYTES = 1_048_576
MAX_FILE_STORE_BYTES = 8 * 1024**3
PROGRAMS, LEAVES = "STANDARD", "LEAFNODE"  # kinds of connections as the server names them


@dataclass(frozen=True)
class User:
    """A program's login. publish, subscribe: subjects it may use, none when empty.

    answers: it may also answer each request it hears, once. door: the only one at which it is let
    in: PROGRAMS, or LEAVES for servers at other places. Nobody here may come as a gadget: those
    are asked about one by one.
    """

    name: str
    password: str
    publish: Sequence[str]
    subscribe: Sequence[str]
    answers: bool = False
    door: str = PROGRAMS


@dataclass(frozen=True)
class Gadgets:
    """The door for gadgets that count devices and speak MQTT 3.1.1, always with TLS.

    host, port: where it listens. tls: folder with cert.pem and key.pem, as the server sees it.
    issuer: public key of visitor_sense, which says who may log in. usher: password of the login by
    which it ends connections; that login is of the server's own account and says nothing else.
    """

    host: str
    port: int
    tls: str
    issuer: str
    usher: str


@dataclass(frozen=True)
class Peers:
    """The servers of a cluster, whose streams outlive the loss of any one of three.

    hosts: of all of them, this one too, with a port where it is not PEER_PORT. password: among
    themselves. name, listen: this server's own; by default it is given its name when it starts,
    and listens everywhere.
    """

    hosts: Sequence[str]
    password: str
    name: str = ""
    listen: str = ""


@dataclass(frozen=True)
class Leaves:
    """The door for servers at other places of the area, always with TLS: infra/local/leaf.py.

    host: where it listens. tls: folder with cert.pem and key.pem, as the server sees it.
    """

    host: str
    tls: str


LEAF_PORT = 7422
USHER = "usher"
PEER, PEER_PORT = "peer", 6222
_SYSTEM = "SYS"
_KICK = "$SYS.REQ.SERVER.*.KICK"
_LOGIN_S = 5  # of a gadget: its TLS on a small chip, and a question to visitor_sense


def write_config(
    folder: Path, users: Sequence[User], store: str = "", gadgets: Gadgets | None = None,
    peers: Peers | None = None, leaves: Leaves | None = None, leaf_port: int = LEAF_PORT,
) -> Path:  # fmt: skip
    """Writes the server's configuration, readable by its owner only, and returns its path.

    store: folder of the messages as the server sees it, the same folder by default. Without users
    nobody needs a password: for tests only. gadgets: needs users. peers: each that has no name
    here is started with this file and a --name of its own.
    """
    config: dict[str, object] = {
        "server_name": (peers.name if peers else "") or "meguri",
        "max_payload": MAX_PAYLOAD_BYTES,
        "write_deadline": "10s",
        "jetstream": {
            "store_dir": store or str(folder),
            "max_file_store": MAX_FILE_STORE_BYTES,
            # The default of two minutes loses acknowledged messages at a power cut.
            "sync_interval": "always",
        },
    }
    if users:
        config["authorization"] = {
            "users": [login(user) for user in users],
            **(_callout(users, gadgets) if gadgets else {}),
        }
    if gadgets:
        config |= _mqtt(gadgets)
    if peers:
        config |= _cluster(peers)
    if leaves:
        config["leafnodes"] = {
            "host": leaves.host, "port": leaf_port, "tls": _tls(leaves.tls),
            # Else leaves are told addresses of this machine's own network, and come by those.
            "no_advertise": True,
        }  # fmt: skip
    return write_private(folder, config)


def write_private(folder: Path, config: Mapping[str, object]) -> Path:
    """Writes a configuration for its owner's eyes only and returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "nats.conf"
    path.touch(mode=0o600)
    path.write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n")  # JSON is a subset
    return path


def _callout(users: Sequence[User], gadgets: Gadgets) -> Mapping[str, object]:
    """Whoever is none of the house's programs is asked about: visitor_sense knows its gadgets."""
    known = [*(user.name for user in users), USHER]
    return {
        "timeout": _LOGIN_S,
        "auth_callout": {"issuer": gadgets.issuer, "auth_users": known},
    }


def _mqtt(gadgets: Gadgets) -> Mapping[str, object]:
    usher = User(USHER, gadgets.usher, publish=(_KICK,), subscribe=(f"_INBOX_{USHER}.>",))
    return {
        "mqtt": {"host": gadgets.host, "port": gadgets.port, "tls": _tls(gadgets.tls)},
        "accounts": {_SYSTEM: {"users": [login(usher)]}},
        "system_account": _SYSTEM,
    }  # fmt: skip


def _tls(folder: str) -> Mapping[str, object]:
    files = {name: f"{folder}/{name.removesuffix('_file')}.pem"
             for name in ("cert_file", "key_file")}  # fmt: skip
    return {**files, "timeout": _LOGIN_S}


def _cluster(peers: Peers) -> Mapping[str, object]:
    def route(host: str) -> str:
        where = host if ":" in host else f"{host}:{PEER_PORT}"
        return f"nats-route://{PEER}:{peers.password}@{where}"

    return {
        "cluster": {
            "name": "meguri",
            "listen": peers.listen or f"0.0.0.0:{PEER_PORT}",
            "authorization": {"user": PEER, "password": peers.password},
            "routes": [route(host) for host in peers.hosts],
        }
    }


def command(config: Path, port: int, monitor_port: int) -> list[str]:
    """Returns the command line of the server. monitor_port: of its HTTP health page."""
    server = [
        str(binaries.find("nats-server")), "--config", str(config), "--addr", "127.0.0.1",
        "--port", str(port), "--http_port", str(monitor_port),
    ]  # fmt: skip
    return spawn.bound(server)


def login(user: User) -> Mapping[str, object]:
    """Returns a login as the server's configuration has it."""
    permissions: dict[str, object] = {
        "publish": _only(user.publish),
        "subscribe": _only(user.subscribe),
    }
    if user.answers:
        permissions["allow_responses"] = True
    return {
        "user": user.name,
        "password": user.password,
        "permissions": permissions,
        # Else every login opens the doors for gadgets and leaves too, which the world can reach.
        "allowed_connection_types": [user.door],
    }


def _only(subjects: Sequence[str]) -> Mapping[str, Sequence[str]]:
    # To the server an empty list of allowed subjects means: all of them.
    return {"allow": list(subjects)} if subjects else {"deny": [">"]}
