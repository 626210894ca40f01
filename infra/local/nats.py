"""NATS with JetStream: every acknowledged message is on disk."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.local import binaries, spawn

MAX_PAYLOAD_BYTES = 1_048_576
MAX_FILE_STORE_BYTES = 8 * 1024**3


@dataclass(frozen=True)
class User:
    """A program's login. publish, subscribe: subjects it may use, none when empty.

    answers: it may also answer each request it hears, once.
    """

    name: str
    password: str
    publish: Sequence[str]
    subscribe: Sequence[str]
    answers: bool = False


def write_config(folder: Path, users: Sequence[User], store: str = "") -> Path:
    """Writes the server's configuration, readable by its owner only, and returns its path.

    store: folder of the messages as the server sees it, the same folder by default. Without users
    nobody needs a password: for tests only.
    """
    config: dict[str, object] = {
        "server_name": "meguri",
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
        config["authorization"] = {"users": [_login(user) for user in users]}
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "nats.conf"
    path.touch(mode=0o600)
    path.write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n")  # JSON is a subset
    return path


def command(config: Path, port: int, monitor_port: int) -> list[str]:
    """Returns the command line of the server. monitor_port: of its HTTP health page."""
    server = [
        str(binaries.find("nats-server")), "--config", str(config), "--addr", "127.0.0.1",
        "--port", str(port), "--http_port", str(monitor_port),
    ]  # fmt: skip
    return spawn.bound(server)


def _login(user: User) -> Mapping[str, object]:
    permissions: dict[str, object] = {
        "publish": _only(user.publish),
        "subscribe": _only(user.subscribe),
    }
    if user.answers:
        permissions["allow_responses"] = True
    return {"user": user.name, "password": user.password, "permissions": permissions}


def _only(subjects: Sequence[str]) -> Mapping[str, Sequence[str]]:
    # To the server an empty list of allowed subjects means: all of them.
    return {"allow": list(subjects)} if subjects else {"deny": [">"]}
