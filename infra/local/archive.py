"""The file of a backup: a plain tar, so that any tool can open it, with a checksum of itself.

    meguri-backup.json      what it is: format, time, revisions of the tables, sizes
    databases/NAME.dump     one per service, as pg_restore reads it
    databases/NAME.TABLE.copy   tables that a dump may not hold as they stand
    data/…                  files of the data folder
    sha256                  of every byte before this last entry

The checksum finds what is cut or damaged. It proves no origin: who can write the file can make one.
"""

import hashlib
import json
import os
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO, cast

FORMAT = 1
MANIFEST, CHECKSUM = "meguri-backup.json", "sha256"
_CHUNK = 1024 * 1024
_END = bytes(2 * tarfile.BLOCKSIZE)
_CLOSING_BYTES = 2 * tarfile.BLOCKSIZE + len(_END)

Told = Callable[[int, int], None]


class Refused(Exception):
    """A backup or a restore cannot be done as asked. reason: stable, for programs."""

    def __init__(self, reason: str, text: str) -> None:
        self.reason = reason
        super().__init__(text)


class _Hashing:
    """A file that adds up what is written to it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.sum = file, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.sum.update(data)
        return self._file.write(data)

    def tell(self) -> int:
        return self._file.tell()


class Writer:
    """Writes a backup. Nothing of it counts before finish()."""

    def __init__(self, file: BinaryIO, manifest: Mapping[str, Any]) -> None:
        self._file, self._out = file, _Hashing(file)
        self._tar = tarfile.open(  # noqa: SIM115 - never closed: finish() writes the end
            fileobj=cast(IO[bytes], self._out), mode="w", format=tarfile.PAX_FORMAT
        )
        self.add_bytes(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=2).encode())

    def add_bytes(self, name: str, content: bytes) -> None:
        """Adds a file of this content."""
        self._tar.addfile(_entry(name, len(content), time.time()), BytesIO(content))

    def add(self, name: str, path: Path) -> None:
        """Adds a file as it is at this moment. Errors: OSError, also when it shrinks meanwhile."""
        with path.open("rb") as file:
            known = os.fstat(file.fileno())
            self._tar.addfile(_entry(name, known.st_size, known.st_mtime), file)

    def finish(self) -> str:
        """Writes the checksum and has all of it on the disk. Returns the checksum."""
        checksum = self._out.sum.hexdigest()
        self._file.write(_closing(checksum))
        self._file.flush()
        os.fsync(self._file.fileno())
        return checksum


class Reader:
    """A backup whose checksum was found to be right. manifest: what it says of itself."""

    def __init__(self, file: BinaryIO, checksum: str) -> None:
        self._tar = tarfile.open(fileobj=file, mode="r:")  # noqa: SIM115 - the caller's file
        self.checksum = checksum
        first = self._tar.next()
        content = self._tar.extractfile(first) if first else None
        self.manifest: dict[str, Any] = json.loads(content.read()) if content else {}

    def entries(self) -> Iterator[tuple[PurePosixPath, IO[bytes]]]:
        """Returns name and content of every file but the manifest and the checksum.

        Errors: Refused for an entry that is no plain file below the folder it is unpacked in.
        """
        for entry in self._tar:
            name = PurePosixPath(entry.name)
            content = self._tar.extractfile(entry) if entry.isreg() else None
            if content is None or name.is_absolute() or ".." in name.parts:
                raise Refused("backup_damaged", f"The backup holds {entry.name}, which is no file")
            if entry.name not in {MANIFEST, CHECKSUM}:
                yield name, content


@contextmanager
def opened(path: Path, told: Told = lambda _done, _all: None) -> Iterator[Reader]:
    """Opens a backup after reading all of it once. Errors: Refused, with nothing changed."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise Refused("backup_missing", f"{path} is not a file that can be read") from error
    with file:
        size = os.fstat(file.fileno()).st_size
        if not file.read(tarfile.BLOCKSIZE).startswith(MANIFEST.encode() + b"\0"):
            raise Refused("not_a_backup", f"{path} is not a backup of Meguri")
        checksum = _sum(file, size - _CLOSING_BYTES, told)
        if file.read() != _closing(checksum):
            raise Refused(
                "backup_damaged",
                f"{path} is cut or damaged; nothing was changed. Use another backup, or copy this"
                " one again from where it was made",
            )
        file.seek(0)
        yield Reader(file, checksum)


def _sum(file: BinaryIO, size: int, told: Told) -> str:
    file.seek(0)
    found, done = hashlib.sha256(), 0
    while chunk := file.read(min(_CHUNK, max(0, size - done))):
        found.update(chunk)
        done += len(chunk)
        told(done, size)
    return found.hexdigest()


def _closing(checksum: str) -> bytes:
    """Returns what stands behind everything else: the entry with the checksum, and tar's end."""
    content = checksum.encode() + b"\n"
    entry = _entry(CHECKSUM, len(content), 0)
    return entry.tobuf(tarfile.PAX_FORMAT) + content.ljust(tarfile.BLOCKSIZE, b"\0") + _END


def _entry(name: str, size: int, changed: float) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = size, int(changed), 0o600
    return entry
