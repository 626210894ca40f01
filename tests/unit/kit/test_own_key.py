"""A service's own secret: made once, for its owner only."""

import errno
import os
import stat
from pathlib import Path

import pytest

from kit.own_key import KEY_BYTES, own_key


def test_the_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "ticket_master"
    made = own_key(path)
    assert len(made) == KEY_BYTES == 32
    assert own_key(path) == made
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    assert [each.name for each in path.parent.iterdir()] == ["ticket_master"]


def test_a_key_that_was_given_is_read_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "given"
    path.write_bytes(b"k" * KEY_BYTES)

    def read_only(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    for name in ("mkdir", "unlink"):
        monkeypatch.setattr(Path, name, read_only)
    monkeypatch.setattr(os, "open", read_only)
    assert own_key(path) == b"k" * KEY_BYTES
