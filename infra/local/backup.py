"""Making a backup: all databases, media, settings and the secrets nothing works without.

Left out is what can be made again (streams, Valkey), what passes (logs, state of the run), and
what no copy may keep: lists of pseudonyms and waiting batches of sensors (privacy rule one-day).
"""

import contextlib
import glob
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.local import dumps, postgres
from infra.local import home as homes
from infra.local.alone import alone
from infra.local.archive import FORMAT, Refused, Writer, refusal
from infra.local.dumps import Apart, Server
from infra.local.files import sync_folder
from infra.local.home import Home

# Of the data folder. A test holds both lists against what a platform really has there.
KEPT = (
    "settings.json", "enrolled.json", "loaded.json", "port.json", "providers.env", "options.env",
    "secrets",
    "areas", "media", "visitor_sense", "proxy", "run/first.json",
)  # fmt: skip
# postgres: as dumps; cache: made again; what is known of backups, tables, certificates and updates
# is of this data alone.
LEFT_OUT = (
    "postgres", "nats", "valkey", "log", "run", "cache", "backups.json", "tables.json",
    "certificates.json", "update.json",
)  # fmt: skip
SIMULATORS = "*_simulator.sqlite3"
_LEFT_S = 86_400.0
_WAITING = ".spool"  # of a sensor: single observations, which live a day at most

Told = Callable[[str], None]


def make(
    home: Home, file: Path, aparts: Sequence[Apart], told: Told, running: Server | None = None
) -> dict[str, Any]:
    """Writes a backup of a data folder to a file, which then is whole and its owner's only.

    running: the PostgreSQL of a running platform, which goes on selling meanwhile; without one the
    folder's own is started for as long as this takes. Returns what the file says of itself, with
    `bytes` and `sha256`. Errors: Refused.
    """
    file = file.absolute()
    _check(home, file)
    made_time = datetime.now(UTC)
    try:
        _clear_up(file)
        with ExitStack() as stack:
            folder = Path(stack.enter_context(
                tempfile.TemporaryDirectory(dir=file.parent, prefix=f".{file.name}.")
            ))  # fmt: skip
            server = running or stack.enter_context(_own_server(home))
            found = dumps.dump(server, folder, aparts, told)
            copies = {path.name: path for path in _simulators(home, folder)}
            files = [*_files(home, leave_out=file)]
            manifest = {
                "format": FORMAT, "made_time": made_time.isoformat(timespec="seconds"),
                "data": str(home.data), **found,
                "file_bytes": sum(path.stat().st_size for path in [*files, *copies.values()]),
            }  # fmt: skip
            told("files")
            scratch = folder / "backup"
            scratch.touch(mode=0o600)
            with scratch.open("wb") as out:
                checksum = _write(Writer(out, manifest), home, folder, copies, files)
            scratch.replace(file)
            sync_folder(file.parent)
    except OSError as error:
        raise refusal(error, file) from error
    return manifest | {"file": str(file), "bytes": file.stat().st_size, "sha256": checksum}


def _clear_up(file: Path) -> None:
    """Removes what a backup left that was killed, or whose power was cut, a day ago or earlier."""
    for left in file.parent.glob(f".{glob.escape(file.name)}.*"):
        if left.is_dir() and time.time() - left.stat().st_mtime > _LEFT_S:
            shutil.rmtree(left, ignore_errors=True)


def _check(home: Home, file: Path) -> None:
    if not postgres.is_made(home.postgres):
        raise Refused("nothing_to_back_up", f"There is no data of Meguri in {home.data}")
    if file.is_dir() or not file.parent.is_dir():
        raise Refused("no_file", f"Name a file in a folder that is there, not {file}")
    if file.resolve().is_relative_to(home.data.resolve()):
        raise Refused(
            "file_inside_data",
            f"A backup inside {home.data} would be lost with it: name a file on another disk",
        )


@contextmanager
def _own_server(home: Home) -> Iterator[Server]:
    """Runs the PostgreSQL of a platform that is stopped; nobody can start it meanwhile."""
    home.make()
    with homes.lock(home):
        password = homes.ensure_passwords(home).postgres
        with alone(home.postgres, password) as port:
            yield Server(port, password)


def _write(
    writer: Writer, home: Home, folder: Path, copies: dict[str, Path], files: Sequence[Path]
) -> str:
    for path in sorted([*folder.glob("*.dump"), *folder.glob("*.copy")]):
        writer.add(f"databases/{path.name}", path)
        path.unlink()  # a small stick need not hold all of it twice
    for name, path in copies.items():
        writer.add(f"data/{name}", path)
    for path in files:
        with contextlib.suppress(FileNotFoundError):  # replaced or dropped since the list was made
            writer.add(f"data/{path.relative_to(home.data)}", path)
    return writer.finish()


def _simulators(home: Home, folder: Path) -> Iterator[Path]:
    """Copies the books of simulators, which are written to meanwhile."""
    for path in sorted(home.data.glob(SIMULATORS)):
        copy = folder / path.name
        with (
            contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source,
            contextlib.closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
        yield copy


def _files(home: Home, *, leave_out: Path) -> Iterator[Path]:
    for name in KEPT:
        top = home.data / name
        for path in [top, *sorted(top.rglob("*"))] if top.is_dir() else [top]:
            scratch = path.name.startswith(".") and name != "areas"  # of a file being replaced
            waiting = any(part.endswith(_WAITING) for part in path.relative_to(home.data).parts)
            plain = path.is_file() and not path.is_symlink()
            if plain and not scratch and not waiting and path != leave_out:
                yield path
