"""The file of a backup: a plain tar, so that any tool can open it, with a checksum of itself.

    meguri-backup.json      what it is: format, time, revisions of the tables, sizes
    databases/NAME.dump     one per service, as pg_restore reads it
    databases/NAME.TABLE.copy   tables that a dump may not hold as they stand
    data/…                  files of the data folder
    sha256                  of every byte before this last entry

The checksum finds what is cut or damaged. It proves no origin: who can write the file can make one.
"""

import errno
import hashlib
import json
import os
import struct
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO, cast

FORMAT = 1
MANIFEST, CHECKSUM = "meguri-backup.json", "sha256"
_CHUNK = 1024 * 1024
_END = bytes(2 * tarfile.BLOCKSIZE)
_CLOSING_BYTES = 2 * tarfile.BLOCKSIZE + len(_END)
_DEPTH = 100  # folders within one another; a platform's own files lie less than ten deep
_SHOWN = 120  # letters of a name that somebody may have made long on purpose
_MANIFEST_BYTES = 1024 * 1024  # at most; a real one has one thousand

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
        """Adds a file as it is at this moment. Errors: OSError, also when it shrinks meanwhile;
        Refused for what could not be restored."""
        if not _can_be_named(name):
            raise Refused("no_file", f"{path} cannot be used: it lies in too many folders")
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
    """A backup whose checksum was found to be right. manifest: what it says of itself.

    A right checksum says that nothing was lost on the way, not that a backup of Meguri is in it:
    what is read here may have been written by anybody. Errors: Refused `backup_damaged`.
    """

    def __init__(self, file: BinaryIO, checksum: str) -> None:
        self.checksum = checksum
        try:
            self._tar = tarfile.open(fileobj=file, mode="r:")  # noqa: SIM115 - the caller's file
            self._members = self._tar.getmembers()
        except _NO_TAR as error:
            raise damaged("no archive can be read in it") from error
        self._check_members(os.fstat(file.fileno()).st_size - _CLOSING_BYTES)
        self.manifest = self._manifest()

    def sizes(self) -> dict[PurePosixPath, int]:
        """Returns how many bytes each file takes once it is unpacked."""
        return {PurePosixPath(each.name): each.size for each in self._members[1:-1]}

    def entries(self) -> Iterator[tuple[PurePosixPath, IO[bytes]]]:
        """Returns name and content of every file but the manifest and the checksum."""
        for entry in self._members[1:-1]:
            content = self._tar.extractfile(entry)
            if content is None:
                raise AssertionError("only plain files got this far")
            yield PurePosixPath(entry.name), content

    def _check_members(self, closing: int) -> None:
        """Every entry is a plain file below the folder it is unpacked in, and stands there once."""
        folders: set[PurePosixPath] = set()
        names: set[PurePosixPath] = set()
        for entry in self._members:
            if not _can_be_named(entry.name):
                raise damaged(f"{_shown(entry.name)} in it has a name that no disk takes")
            name = PurePosixPath(entry.name)
            # A sparse one may be larger than the whole backup: ours are never.
            plain = entry.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and entry.sparse is None
            if not plain or not _is_below(name):
                raise damaged(f"{_shown(entry.name)} in it is no plain file")
            if name in names:
                raise damaged(f"{_shown(entry.name)} is in it twice")
            names.add(name)
            folders.update(name.parents)
        if both := names & folders:
            raise damaged(f"{_shown(str(min(both)))} in it is a file and a folder")
        ends = self._members[-1] if self._members else None
        # Where tarfile meets an entry it does not understand, it takes that for the end.
        if ends is None or ends.name != CHECKSUM or ends.offset != closing:
            raise damaged("what stands before its checksum cannot be read")

    def _manifest(self) -> dict[str, Any]:
        first = self._members[0]
        content = self._tar.extractfile(first)
        if first.name != MANIFEST or content is None or first.size > _MANIFEST_BYTES:
            raise damaged(f"{MANIFEST} is not its first file")
        try:
            found = json.loads(content.read())
        except (ValueError, RecursionError) as error:
            raise damaged(f"{MANIFEST} in it is not JSON") from error
        wrong = next(iter(_wrong_fields(found)), "") if isinstance(found, dict) else "everything"
        if wrong:
            raise damaged(f"{MANIFEST} in it lacks or has wrong: {wrong}")
        return cast(dict[str, Any], found)


# tarfile lets ValueError and struct's error out of headers that nobody wrote in earnest.
_NO_TAR = (tarfile.TarError, ValueError, EOFError, OverflowError, struct.error)


def refusal(error: OSError, file: Path) -> Refused:
    """Returns what a disk that takes no backup means."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Refused("disk_full", f"There is no room for the backup at {file.parent}")
    if error.errno == errno.EFBIG:
        return Refused(
            "file_too_large",
            f"The disk of {file.parent} takes no file of this size: format it anew as exFAT",
        )
    return Refused("no_file", f"{error.filename or file} cannot be used: {error.strerror}")


def damaged(what: str) -> Refused:
    """Returns the refusal of a backup that arrived whole and yet is none."""
    return Refused(
        "backup_damaged",
        f"The backup cannot be used: {what}; nothing was changed. Use another backup",
    )


def _is_below(name: PurePosixPath) -> bool:
    return bool(name.parts) and not name.is_absolute() and ".." not in name.parts


def _can_be_named(name: str) -> bool:
    """Tells whether a file system takes a name, and a restore can make its folders."""
    try:
        parts = name.encode().split(b"/")
    except UnicodeEncodeError:
        return False
    fits = len(parts) <= _DEPTH and all(len(part) <= 255 for part in parts)
    return fits and b"\0" not in name.encode()


def _shown(name: str) -> str:
    return ascii(name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…")


def _wrong_fields(manifest: dict[str, Any]) -> Iterator[str]:
    """Names what a manifest of this format lacks or holds as another kind.

    One of another format has to say no more than that: its release knows the rest.
    """
    if not _is_count(manifest.get("format")):
        yield "format"
        return
    if manifest["format"] != FORMAT:
        return
    revisions = manifest.get("revisions")
    if not isinstance(revisions, dict) or not all(
        isinstance(value, str) for value in revisions.values()
    ):
        yield "revisions"
    if not isinstance(manifest.get("data"), str):
        yield "data"
    yield from (
        each for each in ("file_bytes", "database_bytes") if not _is_count(manifest.get(each))
    )
    try:
        if datetime.fromisoformat(manifest.get("made_time", "")).tzinfo is None:
            yield "made_time"
    except (TypeError, ValueError):
        yield "made_time"


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


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
