"""Which day a sale belongs to."""

from datetime import UTC, date, datetime

import pytest

from kit.pure.errors import InvalidFields
from services.payments.domain.business_day import business_date, read_date


def test_the_business_date_changes_at_midnight_of_the_area() -> None:
    last = datetime(2026, 11, 21, 14, 59, 59, tzinfo=UTC)
    next_day = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
    assert business_date(last, "Asia/Tokyo") == date(2026, 11, 21)
    assert business_date(next_day, "Asia/Tokyo") == date(2026, 11, 22)
    assert business_date(next_day, "UTC") == date(2026, 11, 21)


def test_a_zone_that_is_none_is_taken_as_that_of_japan() -> None:
    assert business_date(datetime(2026, 11, 21, 15, 0, tzinfo=UTC), "No/Where") == date(
        2026, 11, 22
    )


def test_a_date_that_is_none_is_refused() -> None:
    assert read_date("day", "2026-11-21") == date(2026, 11, 21)
    with pytest.raises(InvalidFields):
        read_date("day", "21.11.2026")


@pytest.mark.parametrize(
    "text",
    ["20261121", "2026-W47-6", "2026W476", "２０２６-11-21", "2026-11-21 ", "2026-11-21\n", ""],
)
def test_a_day_is_written_in_one_way(text: str) -> None:
    with pytest.raises(InvalidFields):
        read_date("day", text)
