"""Keeps what Python compiled of installed packages, so that the next clone need not do it again.

Packages come out of uv's cache as links; what Python compiles of them stays in each .venv, and
compiling is a quarter of the work of a first start. It is kept beside uv's cache, one folder per
content of the lock files. Python itself checks the age and size of the source behind every file,
so a stale one costs a compilation, never a wrong module. The launcher uses this: standard library
only.
"""

import hashlib
import marshal
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

LOCKS = ("requirements.lock", "requirements-test.lock", "requirements-load.lock")
EDITIONS_KEPT = 3


def keep(root: Path) -> int:
    """Keeps new compiled modules of a clone's .venv. Returns how many; 0 where none can be kept."""
    edition = _edition(root)
    if edition is None:
        return 0
    try:
        edition.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not _is_ours_alone(edition):
            return 0
        kept = sum(
            _take(file, edition / path, when=_is_whole) for file, path in _compiled(_packages(root))
        )
        _forget_old(edition)
    except OSError:  # a full disk, a home of somebody else: it is only a cache
        return 0
    return kept


def restore(root: Path) -> int:
    """Gives a fresh .venv what was kept for the same lock files. Returns how many modules."""
    edition = _edition(root)
    packages = _packages(root)
    try:
        if edition is None or not edition.is_dir() or not _is_ours_alone(edition):
            return 0
        os.utime(edition)
        return sum(
            _take(file, packages / path)
            for file, path in _compiled(edition)
            if (packages / path).parent.parent.is_dir()  # of a package of this set
        )
    except OSError:
        return 0


def _edition(root: Path) -> "Path | None":
    """Returns the folder for a clone's lock files; None where the person wants no caches."""
    if os.environ.get("UV_NO_CACHE"):
        return None
    caches = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not caches.is_absolute():  # the specification has relative ones ignored
        try:
            caches = Path.home() / ".cache"
        except RuntimeError:  # a person without a home
            return None
    content = b"\0".join((root / name).read_bytes() for name in LOCKS)
    name = f"{sys.implementation.cache_tag}-{hashlib.sha256(content).hexdigest()[:16]}"
    return caches / "meguri" / "bytecode" / name


def _packages(root: Path) -> Path:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return root / ".venv" / "lib" / version / "site-packages"


def _is_ours_alone(folder: Path) -> bool:
    """Tells whether nobody else could have put code there for us to run.

    Whoever may write to a folder above may put another in its place, unless the sticky bit keeps
    that to its owner (/tmp). On the way there by name and on the way links lead, both.
    """
    status = folder.stat()
    if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return False
    above = {*folder.absolute().parents, *folder.resolve().parents}
    return all(_is_kept_from_others(each) for each in above)


def _is_kept_from_others(folder: Path) -> bool:
    """Tells whether only we and root may rename what lies in a folder."""
    for status in (folder.lstat(), folder.stat()):
        if status.st_uid not in {0, os.geteuid()}:
            return False
    written_by_others = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return not written_by_others or bool(status.st_mode & stat.S_ISVTX)


def _compiled(folder: Path) -> "Iterator[tuple[Path, str]]":
    for parent, _, names in os.walk(folder):
        if parent.endswith("__pycache__"):
            relative = os.path.relpath(parent, folder)
            for name in names:
                if name.endswith(".pyc"):
                    yield Path(parent, name), f"{relative}/{name}"


def _take(source: Path, target: Path, when: Callable[[Path], bool] = Path.exists) -> bool:
    """Links or copies one file unless it is there already. Returns whether it did."""
    if target.exists() and (target.samefile(source) or _is_alike(source, target)):
        return False
    if not when(source):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        os.link(source, scratch)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, scratch)
    scratch.replace(target)
    return True


def _is_alike(one: Path, other: Path) -> bool:
    """Tells whether two compiled modules stand for the same source and are equally whole."""
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as file, other.open("rb") as file_other:
        return file.read(16) == file_other.read(16)


def _is_whole(compiled: Path) -> bool:
    """Tells whether a compiled module can be loaded: half of one would outlive every .venv."""
    try:
        marshal.loads(compiled.read_bytes()[16:])  # noqa: S302 - Python itself wrote it, for us
    except (EOFError, ValueError, TypeError):
        return False
    return True


def _forget_old(edition: Path) -> None:
    os.utime(edition)
    editions = sorted(edition.parent.iterdir(), key=lambda path: path.stat().st_mtime)
    for old in editions[:-EDITIONS_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
