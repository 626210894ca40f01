"""The secret behind tickets' keys: made once, for its owner only, and one key per area."""

from pathlib import Path

import pytest

from services.payments.app.ticket_keys import derive
from services.payments.main import ticket_master


def test_the_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "ticket_master"
    made = ticket_master(path)
    assert len(made) == 32
    assert ticket_master(path) == made
    assert path.stat().st_mode & 0o077 == 0
    assert [each.name for each in path.parent.iterdir()] == ["ticket_master"]


def test_each_area_and_generation_has_a_key_of_its_own() -> None:
    master = b"a secret of tests, 32 bytes long"
    keys = {
        derive(master, area, generation).private_bytes_raw()
        for area, generation in (("mine", 1), ("mine", 2), ("hagi", 1))
    }
    assert len(keys) == 3
    assert derive(master, "mine", 1).private_bytes_raw() in keys
    with pytest.raises(AssertionError):
        derive(b"", "mine", 1)  # never a key that anybody could make
