"""PostgreSQL on 127.0.0.1 with passwords only, made and run without root."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from infra.local import binaries, spawn

SUPERUSER = "meguri"
# More than every service's pool together, and room for backup and a person with psql.
MAX_CONNECTIONS = 200


class ClusterError(Exception):
    """The database folder cannot be made; the text is what initdb said."""


def is_made(folder: Path) -> bool:
    """Tells whether a folder holds a complete database cluster."""
    return (folder / "PG_VERSION").exists() and (folder / "meguri.conf").exists()


def make(folder: Path, password: str) -> None:
    """Makes a database cluster in a folder that is absent or left over from a failed attempt.

    password: of SUPERUSER. Errors: ClusterError.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    identity = spawn.unprivileged()
    with tempfile.NamedTemporaryFile("w", dir=folder.parent, prefix=".initdb-") as secret:
        secret.write(password)
        secret.flush()
        if identity is spawn.Identity.NOBODY:
            give_to_nobody(folder, Path(secret.name))
        command = [
            str(binaries.find("initdb")), "--pgdata", str(folder), "--username", SUPERUSER,
            "--pwfile", secret.name, "--auth", "scram-sha-256", "--encoding", "UTF8",
            # Sorts the same on every machine, whatever locales it has.
            "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C",
            "--no-instructions", "--no-sync",
        ]  # fmt: skip
        done = subprocess.run(
            spawn.bound(command, identity=identity), capture_output=True, text=True, check=False,
            cwd=folder, env=environment(),
        )  # fmt: skip
    if done.returncode != 0:
        raise ClusterError(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")
    (folder / "meguri.conf").write_text("")  # marks the folder as complete


def command(folder: Path, port: int, *, durable: bool = True) -> list[str]:
    """Returns the command line of the server. durable: False only for tests that kill nothing."""
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",  # a socket path over 90 bytes fails; TCP always works
        "max_connections": str(MAX_CONNECTIONS),
        "password_encryption": "scram-sha-256",
        "jit": "off",  # our statements are short; compiling them costs more than running them
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "off",
        "wal_level": "replica",
        # After a crash every file is synced before recovery: one by one, our databases' 3,000 files
        # cost seconds on a busy disk; Linux (5.8 and later report errors) does it in one call.
        "recovery_init_sync_method": "syncfs" if sys.platform == "linux" else "fsync",
        "fsync": "on" if durable else "off",
        "synchronous_commit": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
    }
    flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    server = [str(binaries.find("postgres")), "-D", str(folder), *flags]
    # SIGQUIT ends the whole server at once; SIGKILL would leave its helpers to notice alone.
    return spawn.bound(server, identity=spawn.unprivileged(), death_signal=signal.SIGQUIT)


def environment() -> dict[str, str]:
    """Returns an environment in which no locale or PG variable of the caller's has a say."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LC_ALL": "C", "LANG": "C"}


def url(port: int, password: str, *, user: str = SUPERUSER, database: str = "postgres") -> str:
    """Returns a connection address. The password must be URL-safe, as kit.ids.new_secret's are."""
    return f"postgresql://{user}:{password}@127.0.0.1:{port}/{database}"


def remove_stale_lock(folder: Path) -> None:
    """Removes the lock file of a server that was killed, when its process is gone.

    A recycled process id would otherwise keep PostgreSQL from starting for ever.
    """
    lock = folder / "postmaster.pid"
    try:
        process = int(lock.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    if not _is_postgres(process):
        lock.unlink(missing_ok=True)


def _is_postgres(process: int) -> bool:
    if not spawn.lives(process):
        return False
    name = Path(f"/proc/{process}/comm")
    return not name.exists() or name.read_text().startswith("postgres")


def give_to_nobody(*paths: Path) -> None:
    """Hands files to whom PostgreSQL runs as where a user namespace is forbidden."""
    from infra.local.child import NOBODY_ID  # noqa: PLC0415 - a rare way

    for path in paths:
        os.chown(path, NOBODY_ID, NOBODY_ID)
