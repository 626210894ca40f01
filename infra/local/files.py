"""Writing small files so that a power cut or a full disk leaves the old content or the new."""

import json
import os
import stat
from pathlib import Path


def write_private(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Writes a file whole or not at all, at no time readable by others than its owner.

    durable: it is on the disk when this returns; for what can be made again False is quicker.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.unlink(missing_ok=True)
    scratch.touch(mode=0o600)
    try:
        with scratch.open("wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
    if durable:
        sync_folder(path.parent)


def make_private(folder: Path, *, passed_by_others: bool = False) -> None:
    """Closes a folder to everybody but its owner; the mode of one that is not ours stays.

    passed_by_others: they may get through to a folder inside that is theirs, and see nothing.
    """
    known = folder.stat()
    shared = known.st_mode & stat.S_ISVTX  # such as /tmp
    if known.st_uid == os.geteuid() and not shared:
        folder.chmod(0o711 if passed_by_others else 0o700)


def write_json(path: Path, document: object, *, durable: bool = True) -> None:
    """Writes a JSON document as write_private does."""
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    write_private(path, text.encode(), durable=durable)


def sync_folder(folder: Path) -> None:
    """Has the names in a folder on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
