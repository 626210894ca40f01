"""The data folder: what is where, the secrets, the settings that stay, the lock, the state."""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import IO, Any

from infra.local import files, spawn
from infra.local.bus_layout import PASSWORD_NAMES
from infra.local.table import SERVICES

ROOT = Path(__file__).resolve().parent.parent.parent
DEFAULT_DATA = ROOT / "var"


class AlreadyRunning(Exception):
    """Another supervisor works on this data folder. process: its id, 0 when not known."""

    def __init__(self, data: Path, process: int) -> None:
        self.process = process
        super().__init__(f"Meguri is running on {data} already (process {process})")


class NoDataFolder(Exception):
    """The data folder cannot be made where it was asked for."""


class FileDamaged(Exception):
    """A file of the data folder cannot be used and cannot be made anew from anything else.

    The text names it and says what to do. reason: stable, for programs.
    """

    reason = "file_damaged"


class SecretsDamaged(FileDamaged):
    """The file of passwords cannot be read; making new ones would lock everybody out."""


@dataclass(frozen=True)
class Home:
    """Paths inside one data folder."""

    data: Path

    @property
    def run(self) -> Path:
        """Lock, state and answers of the run at hand."""
        return self.data / "run"

    @property
    def log(self) -> Path:
        """One log file per component."""
        return self.data / "log"

    @property
    def secrets(self) -> Path:
        """Passwords, keys and certificates; nobody else may look inside."""
        return self.data / "secrets"

    @property
    def postgres(self) -> Path:
        """The database cluster."""
        return self.data / "postgres"

    @property
    def state_file(self) -> Path:
        """What runs, for `status` and for programs."""
        return self.run / "state.json"

    @property
    def first_file(self) -> Path:
        """First passwords, until `up` has shown them."""
        return self.run / "first.json"

    @property
    def enrolled_file(self) -> Path:
        """The first terminal and sensor; names files with keys, holds none."""
        return self.data / "enrolled.json"

    @property
    def loaded_file(self) -> Path:
        """The area that was loaded last, so that a later start need not load again."""
        return self.data / "loaded.json"

    @property
    def port_file(self) -> Path:
        """The port of the pages at the last start, so that bookmarks hold."""
        return self.data / "port.json"

    def last_port(self) -> int:
        """Returns the port of the pages at the last start, 0 when there is none."""
        try:
            port = int(json.loads(self.port_file.read_text()))
        except (OSError, ValueError, TypeError, OverflowError, RecursionError):
            return 0
        return port if 0 < port < 65536 else 0

    def forget_keys(self, area: str) -> None:
        """Removes the keys of an area's terminals and sensors, for when the area is gone."""
        for folder in (self.secrets / "terminals", self.data / "visitor_sense" / "sensors"):
            for path in folder.glob(f"{area}.*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def is_loaded(self, area: str, public_url: str) -> bool:
        """Tells whether an area was loaded under an address at an earlier start.

        A file that cannot be read says no: loading again changes nothing.
        """
        try:
            return bool(json.loads(self.loaded_file.read_text()) == [area, public_url])
        except (OSError, ValueError, RecursionError):
            return False

    def keep_loaded(self, area: str, public_url: str, first: dict[str, Any]) -> None:
        """Remembers that an area was loaded; keeps first passwords until `up` has shown them."""
        if "first_logins" in first:
            self.keep_first(first["first_logins"])
        files.write_json(self.loaded_file, [area, public_url])

    def keep_first(self, logins: dict[str, Any]) -> None:
        """Keeps first passwords until `up` has shown them."""
        files.write_json(self.first_file, {"first_logins": logins})

    def make(self) -> None:
        """Makes the folders. Errors: NoDataFolder."""
        try:
            ours = not self.data.exists() or self.secrets.exists()
            self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
            if ours:  # never a folder that others have used before us
                files.make_private(self.data, passed_by_others=_others_pass())
            for folder in (self.run, self.log, self.secrets):
                folder.mkdir(exist_ok=True, mode=0o700)
                files.make_private(folder)
        except OSError as error:
            raise NoDataFolder(
                f"no data folder can be made at {self.data}; choose another with --data"
            ) from error


@dataclass
class Settings:
    """What was chosen at an `up` and holds until another choice, also after a power cut."""

    area: str = "mine"
    domain: str = ""
    certificate: str = ""
    key: str = ""
    tunnel_url: str = ""  # the address that a tunnel or proxy of others gives this machine
    acme_directory: str = ""  # of the authority that gives certificates; the world's when empty
    acme_root: str = ""  # file with the certificate that authority is known by
    backup_to: str = ""  # folder on a second medium, which nightly backups are copied to

    @classmethod
    def load(cls, home: Home) -> "Settings":
        """Reads the settings of a data folder; the defaults when there are none.

        Errors: FileDamaged.
        """
        path = home.data / "settings.json"
        if not path.exists():
            return cls()
        known = {each.name for each in fields(cls)}
        found = read_object(path)
        if found is None or not all(
            name in known and isinstance(value, str) for name, value in found.items()
        ):
            raise FileDamaged(
                f"{path} is damaged; put it back from a backup, or delete it and say --domain and"
                " --area once more with ./meguri up"
            )
        return cls(**found)

    def save(self, home: Home) -> None:
        """Keeps the settings."""
        files.write_json(home.data / "settings.json", asdict(self))

    @property
    def public_url(self) -> str:
        """The address phones use, or "" while there is none."""
        return f"https://{self.domain.removesuffix(':443')}" if self.domain else self.tunnel_url


@dataclass(frozen=True)
class Passwords:
    """Random secrets of this installation. Nothing of them is ever printed."""

    postgres: str
    valkey: str
    cookie: str
    databases: dict[str, str] = field(default_factory=dict)
    nats: dict[str, str] = field(default_factory=dict)


def ensure_passwords(home: Home) -> Passwords:
    """Reads the secrets; makes what is missing, at the first start everything."""
    path = home.secrets / "passwords.json"
    known = _read_secrets(path)
    made = {name: known.get(name) or _secret() for name in ("postgres", "valkey", "cookie")}
    databases = {name: known.get("databases", {}).get(name) or _secret() for name in SERVICES}
    nats = {name: known.get("nats", {}).get(name) or _secret() for name in PASSWORD_NAMES}
    passwords = Passwords(**made, databases=databases, nats=nats)
    if asdict(passwords) != known:
        files.write_json(path, asdict(passwords))
    return passwords


def renew_bus_passwords(home: Home, names: Iterable[str]) -> None:
    """Makes new passwords of NATS for some logins, which hold from the next start on."""
    passwords = ensure_passwords(home)
    nats = {**passwords.nats, **{name: _secret() for name in names}}
    files.write_json(home.secrets / "passwords.json", asdict(replace(passwords, nats=nats)))


def _read_secrets(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    known = read_object(path)
    groups = {"databases", "nats"}
    if known is None or not all(
        isinstance(value, dict if name in groups else str) for name, value in known.items()
    ):
        raise SecretsDamaged(f"{path} is damaged; put it back from a backup")
    return known


def lock(home: Home) -> IO[str]:
    """Takes the data folder for this process until the file is closed. Errors: AlreadyRunning."""
    file = (home.run / "lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise AlreadyRunning(home.data, supervisor_of(home)) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def supervisor_of(home: Home) -> int:
    """Returns the process id of the supervisor at work on a data folder, 0 when there is none."""
    path = home.run / "lock"
    if not path.exists():
        return 0
    with path.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            text = file.read()
            return int(text) if text.isdecimal() else 0
    return 0


def read_state(home: Home) -> dict[str, Any]:
    """Returns the last state written, empty when there is none that can be used.

    Whoever runs writes a damaged one anew within seconds (supervisor).
    """
    state = read_object(home.state_file) or {}
    kinds = {"phase": str, "url": str, "ports": dict, "metrics_ports": dict, "components": list}
    return state if all(isinstance(state.get(name), kind) for name, kind in kinds.items()) else {}


def read_enrolled(home: Home, area: str) -> dict[str, Any]:
    """Returns the first terminal and sensor; from the files of their keys where the file that
    names them is damaged."""
    path = home.enrolled_file
    if not path.exists():
        return {}
    found = read_object(path)
    if found is not None and all(isinstance(value, dict) for value in found.values()):
        return found
    made = {}
    for name, key, folder in (
        ("terminal", "key_file", home.secrets / "terminals"),
        ("sensor", "credential_file", home.data / "visitor_sense" / "sensors"),
    ):
        there = [each for each in folder.glob(f"{area}.*.*") if each.is_file()]
        if there:
            first = min(there, key=lambda each: each.stat().st_mtime)
            made[name] = {"id": first.stem.split(".", 1)[1], key: str(first)}
    with contextlib.suppress(OSError):
        files.write_json(path, made)
    return made


def read_first(home: Home) -> dict[str, Any]:
    """Returns the first passwords that nobody was shown yet, {} where there are none.

    Errors: FileDamaged.
    """
    path = home.first_file
    if not path.exists():
        return {}
    found = read_object(path)
    logins = (found or {}).get("first_logins")
    if not isinstance(logins, dict) or not all(
        isinstance(login, dict) and {"user", "password"} <= set(login) for login in logins.values()
    ):
        raise FileDamaged(
            f"{path} is damaged, so the first passwords cannot be shown; delete it, start with"
            " ./meguri up --detach, then make new ones with ./meguri area password"
        )
    return {"first_logins": logins}


def read_object(path: Path) -> dict[str, Any] | None:
    """Returns the JSON object in a file, None where there is none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _others_pass() -> bool:
    """Tells whether PostgreSQL runs as somebody else here, who has to get through to its folder."""
    return spawn.unprivileged() is spawn.Identity.NOBODY


def _secret() -> str:
    return secrets.token_urlsafe(32)
