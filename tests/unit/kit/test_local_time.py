"""A moment is told in the zone of its area, and the zone is named."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.local_time import told, zone_of

MOMENT = datetime(2026, 11, 28, 15, 30, tzinfo=UTC)  # after midnight in Japan


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("Asia/Tokyo", "2026-11-29 00:30:00 JST"),
        ("America/Sao_Paulo", "2026-11-28 12:30:00 -03"),
        ("", "2026-11-28 15:30:00 UTC"),
        ("Asia/Mine", "2026-11-28 15:30:00 UTC"),
        ("../etc/passwd", "2026-11-28 15:30:00 UTC"),
    ],
)
def test_the_zone_of_a_time_is_named(zone: str, text: str) -> None:
    assert told(MOMENT, zone_of(zone)) == text


@given(st.text(max_size=40))
def test_no_name_of_a_zone_is_too_odd(name: str) -> None:
    assert told(MOMENT, zone_of(name)).startswith("2026-11-2")
