"""A service's own secret: made once, for its owner only."""

import stat
from pathlib import Path

from kit.own_key import KEY_BYTES, own_key


def test_the_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "ticket_master"
    made = own_key(path)
    assert len(made) == KEY_BYTES == 32
    assert own_key(path) == made
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    assert [each.name for each in path.parent.iterdir()] == ["ticket_master"]
