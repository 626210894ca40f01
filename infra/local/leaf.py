"""A NATS server at another place of the area, such as the cave: a leaf of this installation's own.

Sensors there give their batches to it, and it stores them; whenever it reaches this installation,
the stream OBSERVATIONS takes them in. What sensors ask for besides, such as the key of a day,
passes through it while the way is open. docs/runbooks/leaf.md says how it is set up.
"""

import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from infra.local import bus_layout, nats
from infra.local.bus_layout import LEAF, OBSERVATIONS, OPERATOR, SENSOR

NAME = re.compile(r"[a-z][a-z0-9]{1,19}")
RECONNECT = "2s"
# Three unanswered ones: a line that was cut without a word is given up after half a minute, where
# two minutes each would let the batches wait long after it is back.
PING = "10s"
PORT = 4222


class LeafNameInvalid(ValueError):
    """The name of a place is not 2 to 20 lower-case letters and digits."""


def leaf_names(text: str) -> tuple[str, ...]:
    """Returns the names of MEGURI_NATS_LEAVES, separated by commas, each once.

    Errors: LeafNameInvalid.
    """
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in names:
        if not NAME.fullmatch(name):
            raise LeafNameInvalid(f"{name}: a place is named by 2 to 20 letters a-z and digits")
    return names


def write_leaf(
    folder: Path, name: str, hub: str, passwords: Mapping[str, str], authority_pem: bytes
) -> Path:
    """Writes what the server at a place needs, to be carried there, and returns its configuration.

    hub: host:port at which this installation's NATS takes leaves. The folder holds passwords: of
    this installation's those of LEAF and SENSOR, for whoever takes the machine there has them; the
    operator there is another one, made here. Paths are relative: the server is started in it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "ca.pem").write_bytes(authority_pem)
    own = {**passwords, OPERATOR: secrets.token_urlsafe(32)}
    known = {user.name: user for user in bus_layout.users(own)}
    remote = {
        "url": f"tls://{LEAF}:{passwords[LEAF]}@{hub}",
        "tls": {"ca_file": "ca.pem"},
        # Else the hub would store them as they pass, and once more from the stream here.
        "deny_exports": ["observations.>"],
    }
    config = {
        "server_name": f"meguri-{name}",
        "port": PORT,
        "ping_interval": PING,
        "max_payload": nats.MAX_PAYLOAD_BYTES,
        "jetstream": {
            "store_dir": "data", "domain": name, "max_file_store": nats.MAX_FILE_STORE_BYTES,
            "sync_interval": "always",
        },
        "leafnodes": {"reconnect": RECONNECT, "remotes": [remote]},
        "authorization": {"users": [nats.login(known[each]) for each in (SENSOR, OPERATOR)]},
    }  # fmt: skip
    return nats.write_private(folder, config)


def stream() -> bus_layout.Stream:
    """Returns the stream that keeps batches at a place, as the one they go to keeps them."""
    return next(each for each in bus_layout.STREAMS if each.name == OBSERVATIONS)
