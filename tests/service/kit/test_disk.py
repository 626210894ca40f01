"""A real disk with little room: a file system of its own, in memory, of a few hundred megabytes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.home import ROOT
from kit import disk

MB = 1024**2


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 300 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a file system")
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300m", "tmpfs", folder],
        capture_output=True, check=False,
    )  # fmt: skip
    if mounted.returncode != 0:
        pytest.skip("no file system may be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def status(folder: Path) -> tuple[dict[str, object], str]:
    environment = {"LANGUAGE": "en", "PATH": os.environ["PATH"]}
    asked = [sys.executable, str(ROOT / "meguri"), "status", "--data", str(folder)]
    told = subprocess.run(asked, env=environment, capture_output=True, text=True, check=False)
    as_json = subprocess.run([*asked, "--json"], env=environment, capture_output=True, check=False)
    return json.loads(as_json.stdout)["disk"], told.stderr


def test_it_is_told_while_it_fills(small: Path) -> None:
    room, told = status(small)
    assert room["state"] == "disk_low"
    assert f"The disk of {small} has only 300 MB left" in told
    with (small / "photographs").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, 150 * MB)
    assert disk.look(small) == disk.Room(150 * MB, 300 * MB, "disk_full")
    room, told = status(small)
    assert (room["state"], room["free_bytes"]) == ("disk_full", 150 * MB)
    assert "is full (150 MB left)" in told
    (small / "photographs").unlink()
    assert disk.look(small).state == "disk_low"
