"""Valkey: holds only what can be made again, so nothing of it is kept on disk."""

import os
from pathlib import Path

from infra.local import binaries, spawn

MAX_MEMORY = "64mb"


def write_config(folder: Path, password: str, bind: str = "127.0.0.1") -> Path:
    """Writes the server's configuration, readable by its owner only, and returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "valkey.conf"
    path.touch(mode=0o600)
    lines = [
        f"bind {bind}",
        'save ""',
        "appendonly no",
        f"maxmemory {MAX_MEMORY}",
        "maxmemory-policy allkeys-lru",
        "daemonize no",
    ]
    if password:
        lines.append(f"requirepass {password}")
    path.write_text("\n".join(lines) + "\n")
    return path


def command(config: Path, port: int) -> list[str]:
    """Returns the command line of the server."""
    # Named relative to nothing: the configuration's folder is the working folder by --dir.
    return spawn.bound(
        [str(binaries.find("valkey-server")), str(config), "--port", str(port),
         "--dir", os.fspath(config.parent)]
    )  # fmt: skip
