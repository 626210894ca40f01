"""Meguri runs where people put it: odd folders, taken ports, ordinary users; and it stays there."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.ports import claim
from infra.local.spawn import Identity, bound, unprivileged
from tests.platform import ROOT, Platform, alive, descendants, running

pytestmark = [pytest.mark.long, pytest.mark.platform]


@pytest.fixture
def odd_clone(tmp_path: Path) -> Path:
    """A clone in a folder with spaces and Japanese letters; it borrows the packages of this one."""
    clone = tmp_path / "観光 巡り (test)" / "meguri"
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=True,
    ).stdout.decode().split("\0")  # fmt: skip
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, clone / name)
    (clone / ".venv").symlink_to(ROOT / ".venv")
    return clone


@pytest.fixture
def taken_ports() -> Iterator[list[int]]:
    """Takes some documented ports, where they are free."""
    sockets = []
    for port in (8080, 4222, 5432, 6379, 9101, 9104):
        if not claim(port):
            continue  # a platform that starts beside this test has chosen it and opens it soon
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            listener.close()  # somebody else has taken it, which is as good
            continue
        listener.listen()
        sockets.append(listener)
    yield [8080, 4222, 5432, 6379, 9101, 9104]
    for listener in sockets:
        listener.close()


def test_a_clone_in_an_odd_folder_builds_and_starts_and_its_data_can_move(
    odd_clone: Path, tmp_path: Path, taken_ports: list[int]
) -> None:
    """One life in two places: the second start finds the documented ports taken."""
    before = _files(odd_clone)
    with running(odd_clone / "var", root=odd_clone) as platform:
        assert platform.status()["phase"] == "ready"
        assert (odd_clone / "gen" / "meguri").is_dir()
        stop_codes = _stops(platform)
    made = {path.split("/", 1)[0] for path in _files(odd_clone) - before}
    assert made <= {"gen", "var"}

    (odd_clone / "var").rename(tmp_path / "第二")
    with running(tmp_path / "第二") as moved:
        assert _stops(moved) == stop_codes
        assert len(stop_codes) > 10
        _has_evaded(moved, taken_ports)
        family = descendants(moved.supervisor) | {moved.supervisor}
        assert len(family) > 10
        moved.down()
        assert alive(family) == set()
    assert json.loads(moved.run("down", "--json").stdout) == {"stopped": False}


def _has_evaded(platform: Platform, taken_ports: list[int]) -> None:
    ports = {component["port"] for component in platform.state["components"]}
    assert not ports & set(taken_ports)
    assert json.loads((platform.data / "run" / "state.json").read_text())["phase"] == "ready"


def test_an_ordinary_user_can_run_it(tmp_path: Path) -> None:
    """A user namespace makes an ordinary user of root, who still may read this clone."""
    if os.geteuid() == 0 and unprivileged() is not Identity.NAMESPACE:
        pytest.skip("this kernel grants no user namespace, so root cannot become anybody else")
    prefix = () if os.geteuid() else tuple(bound([], identity=Identity.NAMESPACE))
    told = subprocess.run(
        [*prefix, "/usr/bin/id", "-u"], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() != "0"
    with running(tmp_path / "data", prefix=prefix) as platform:
        assert platform.status()["phase"] == "ready"


def _stops(platform: Platform) -> list[str]:
    stops = json.loads(platform.get("/api/v1/stops"))["stops"]
    return sorted(stop["stop_code"] for stop in stops)


def _files(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in {".pyc", ".mo"}  # built, and ignored by git
    }
