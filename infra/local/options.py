"""`options.env` in the data folder: what would otherwise have to be typed before each `up`.

A power cut, an update or a start with the computer knows nothing of what somebody once wrote before
a command. What the environment says comes first.
"""

import os
from collections.abc import MutableMapping
from pathlib import Path

from infra.local import env_file
from infra.local.table import OPTIONS

FILE = "options.env"
KNOWN = frozenset((*OPTIONS, "MEGURI_MQTT_HOST", "MEGURI_NATS_LEAVES"))


def provide(folder: Path, environment: MutableMapping[str, str] | None = None) -> None:
    """Puts what the file says into this process's environment. Errors: env_file.LineDamaged."""
    environment = os.environ if environment is None else environment
    for name, value in env_file.read(folder / FILE, KNOWN).items():
        if not environment.get(name):
            environment[name] = value
