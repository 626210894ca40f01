"""Wherever making an area fails, saying the same once more makes it whole."""

import argparse
import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli import area, area_wizard, first_people
from infra.local.home import Home, read_first

ROLES = area.FIRST_ROLES


class Directory:
    """Stands for the directory's people; answers as told."""

    def __init__(self) -> None:
        self.users: dict[str, int] = {}  # login -> how many passwords were made for it
        self.fails_at = 0

    def create(self, role: str) -> dict[str, str]:
        if self.fails_at and len(self.users) >= self.fails_at:
            raise OSError(errno.ECONNREFUSED, "the directory is away")
        assert role not in self.users
        self.users[role] = 1
        return {"user": role, "password": f"{role} 1"}

    def renew(self, role: str) -> str:
        self.users[role] += 1
        return f"{role} {self.users[role]}"


class Peers:
    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Directory:
    made = Directory()
    monkeypatch.setenv("MEGURI_DIRECTORY_ADDRESS", "127.0.0.1:9")
    monkeypatch.setenv("MEGURI_DATA", str(tmp_path))
    monkeypatch.delenv("MEGURI_PUBLIC_URL", raising=False)
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setattr(area, "peers_as_operator", lambda _area: Peers())
    monkeypatch.setattr(area, "_load_service", lambda *_: {"things": 1})
    monkeypatch.setattr(first_people, "is_empty", lambda _peers: not made.users)
    monkeypatch.setattr(first_people, "enroll_terminal", lambda *_: {})
    monkeypatch.setattr(
        first_people, "create_logins",
        lambda _peers, roles, _locale: {role: made.create(role) for role in roles},
    )  # fmt: skip
    monkeypatch.setattr(first_people, "new_password", lambda _peers, role: made.renew(role))
    monkeypatch.setattr(first_people, "_stub", lambda _peers: Listing(made))
    Home(tmp_path).make()
    return made


class Listing:
    """Lists the users that are there."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def ListUsers(self, _request: Any, timeout: float) -> argparse.Namespace:
        users = [argparse.Namespace(login_name=name) for name in self._directory.users]
        return argparse.Namespace(users=users)


def wishes(*more: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    area_wizard.add_options(parser)
    parsed = parser.parse_args(["hagi", "--yes", *more])
    parsed.json, parsed.data = True, ""
    return parsed


def broken(*_: object, **__: object) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def at_service(name: str) -> Callable[..., dict[str, int]]:
    def load(service: str, *_: object) -> dict[str, int]:
        return broken() if service == name else {"things": 1}

    return load


@pytest.mark.parametrize("point", ["json", "csv", "rename"])
def test_files_that_cannot_be_written_leave_nothing(
    directory: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    sights = tmp_path / "sights.csv"
    sights.write_text("名称,緯度,経度\n秋吉台,34.23,131.31\n")
    name = {"json": "write_text", "csv": "write_bytes", "rename": "rename"}[point]
    with monkeypatch.context() as patched:
        patched.setattr(Path, name, broken)
        with pytest.raises(OSError, match="No space"):
            area.run_create(wishes("--csv", str(sights)))
    assert list((tmp_path / "areas").iterdir()) == []
    assert directory.users == {}
    made_whole(directory, tmp_path, capsys, "--csv", str(sights))


@pytest.mark.parametrize("service", ["directory", *area.LOADED])
def test_a_service_that_fails_is_asked_again(
    directory: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], service: str,
) -> None:  # fmt: skip
    with monkeypatch.context() as patched:
        patched.setattr(area, "_load_service", at_service(service))
        with pytest.raises(OSError, match="No space"):
            area.run_create(wishes())
    assert "Say the same once more" in capsys.readouterr().err
    (tmp_path / "areas" / "hagi" / "places.csv").write_text("begun to be filled in")
    made_whole(directory, tmp_path, capsys)
    kept = (tmp_path / "areas" / "hagi" / "places.csv").read_text()
    assert kept == "begun to be filled in"


@pytest.mark.parametrize("after", [1, len(ROLES) - 1])
def test_passwords_that_nobody_saw_are_made_anew(
    directory: Directory, tmp_path: Path, capsys: pytest.CaptureFixture[str], after: int
) -> None:
    directory.fails_at = after
    with pytest.raises(OSError, match="away"):
        area.run_create(wishes())
    directory.fails_at = 0
    made_whole(directory, tmp_path, capsys)


@pytest.mark.parametrize("point", ["_enrolled", "_answer"])
def test_an_end_that_fails_shows_the_passwords_the_next_time(
    directory: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], point: str,
) -> None:  # fmt: skip
    with monkeypatch.context() as patched:
        patched.setattr(area, point, broken)
        with pytest.raises(OSError, match="No space"):
            area.run_create(wishes())
    assert len(directory.users) == len(ROLES)
    made_whole(directory, tmp_path, capsys)


def made_whole(
    directory: Directory, data: Path, capsys: pytest.CaptureFixture[str], *more: str
) -> None:
    """The same once more makes the area, shows a password of every login, and then it is taken."""
    capsys.readouterr()
    assert area.run_create(wishes(*more)) == 0
    answer = json.loads(capsys.readouterr().out)
    assert {role: each["password"] for role, each in answer["first_logins"].items()} == {
        role: f"{role} {count}" for role, count in directory.users.items()
    }
    assert set(answer["first_logins"]) == set(ROLES)
    assert sorted(each.name for each in (data / "areas").iterdir()) == ["hagi"]
    if more:
        assert answer["municipal"] == answer["municipal"] | {"rows": 1, "usable": 1, "imported": 0}
    with pytest.raises(area_wizard.AreaRefused, match="already"):
        area.run_create(wishes(*more))
    assert all(count <= 2 for count in directory.users.values())


def first_load(tmp_path: Path) -> dict[str, Any]:
    """Loads as the job of the first start does; returns what `up` would show."""
    area.load("mine", Home(tmp_path), keep=True)
    found: dict[str, Any] = read_first(Home(tmp_path)).get("first_logins", {})
    return found


def refuse(*_: object) -> dict[str, str]:
    raise OSError(errno.ECONNREFUSED, "payments is away")


def test_a_first_load_that_failed_behind_the_logins_loses_no_password(
    directory: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(first_people, "enroll_terminal", refuse)
        with pytest.raises(OSError, match="away"):
            first_load(tmp_path)
    assert set(directory.users) == set(ROLES)
    shown = first_load(tmp_path)
    assert {role: login["password"] for role, login in shown.items()} == {
        role: f"{role} {made}" for role, made in directory.users.items()
    }
    assert set(shown) == set(ROLES)


def test_a_first_load_that_failed_among_the_logins_makes_the_rest(
    directory: Directory, tmp_path: Path
) -> None:
    directory.fails_at = 2
    with pytest.raises(OSError, match="away"):
        first_load(tmp_path)
    directory.fails_at = 0
    shown = first_load(tmp_path)
    assert {role: login["password"] for role, login in shown.items()} == {
        role: f"{role} {made}" for role, made in directory.users.items()
    }
    assert set(shown) == set(ROLES)


def test_passwords_that_were_shown_are_never_made_anew(
    directory: Directory, tmp_path: Path
) -> None:
    assert set(first_load(tmp_path)) == set(ROLES)
    Home(tmp_path).first_file.unlink()  # `up` has shown them
    assert first_load(tmp_path) == {}
    assert set(directory.users.values()) == {1}
