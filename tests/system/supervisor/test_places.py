"""Meguri runs where people put it: odd folders, ordinary users, and it stays there."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.local.spawn import Identity, bound, unprivileged
from tests.platform import ROOT, Platform, running

pytestmark = pytest.mark.platform


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


def test_a_clone_in_an_odd_folder_builds_starts_and_changes_nothing_of_itself(
    odd_clone: Path,
) -> None:
    before = _files(odd_clone)
    with running(odd_clone / "var", root=odd_clone) as platform:
        assert platform.status()["phase"] == "ready"
        assert (odd_clone / "gen" / "meguri").is_dir()
    made = {path.split("/", 1)[0] for path in _files(odd_clone) - before}
    assert made <= {"gen", "var"}


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


def test_the_data_folder_can_move_while_nothing_runs(tmp_path: Path) -> None:
    with running(tmp_path / "first") as platform:
        stop_codes = _stops(platform)
    (tmp_path / "first").rename(tmp_path / "第二")
    with running(tmp_path / "第二") as moved:
        assert _stops(moved) == stop_codes
        assert len(stop_codes) > 10


def _stops(platform: Platform) -> list[str]:
    stops = json.loads(platform.get("/api/v1/stops"))["stops"]
    return sorted(stop["stop_code"] for stop in stops)


def _files(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in {".pyc", ".mo"}  # built, and ignored by git
    }
