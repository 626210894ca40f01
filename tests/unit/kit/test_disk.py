"""A disk that gets full is told before it is."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from kit import disk

MB, GB = 1024**2, 1024**3


@pytest.mark.parametrize(
    ("free", "whole", "state"),
    [
        (100 * GB, 250 * GB, "ok"),
        (10 * GB - 1, 250 * GB, "disk_low"),
        (10 * GB, 250 * GB, "ok"),  # though it is under 5 %
        (3 * GB, 32 * GB, "ok"),
        (2 * GB - 1, 32 * GB, "disk_low"),
        (2 * GB, 20 * GB, "ok"),
        (4 * GB, 100 * GB, "disk_low"),  # under 5 %
        (200 * MB, 32 * GB, "disk_low"),
        (200 * MB - 1, 32 * GB, "disk_full"),
        (0, 32 * GB, "disk_full"),
    ],
)
def test_little_room_is_told_and_none_is_another_thing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, whole: int, state: str
) -> None:
    def statvfs(_path: object) -> SimpleNamespace:
        # What is kept for root is not ours: f_bavail counts, f_bfree does not.
        return SimpleNamespace(f_bavail=free, f_bfree=free + 5 * GB, f_frsize=1, f_blocks=whole,
                               f_files=0, f_favail=0)  # fmt: skip

    monkeypatch.setattr(os, "statvfs", statvfs)
    assert disk.look(tmp_path) == disk.Room(free, whole, state)


def test_a_disk_without_names_for_files_is_full(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def statvfs(_path: object) -> SimpleNamespace:
        return SimpleNamespace(f_bavail=50 * GB, f_frsize=1, f_blocks=90 * GB, f_files=10**6,
                               f_favail=10)  # fmt: skip

    monkeypatch.setattr(os, "statvfs", statvfs)
    assert disk.look(tmp_path).state == "disk_full"


def test_a_folder_that_is_not_made_yet_lies_where_it_will_be(tmp_path: Path) -> None:
    asked = disk.look(tmp_path / "not" / "there")
    assert asked.all_bytes == disk.look(tmp_path).all_bytes > 0
