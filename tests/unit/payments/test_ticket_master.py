"""The secret behind tickets' keys: one key per area."""

import pytest

from services.payments.app.ticket_keys import derive


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
