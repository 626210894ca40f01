"""When a day may be called compared: zero on both sides proves nothing."""

import pytest

from services.edge.insights.agreement import Check, CheckedDay

MONEY = Check("payments", "captured_yen", False, 24_000, 24_000)  # noqa: FBT003 - a row
NO_MONEY = Check("payments", "captured_yen", False, 0, 0)  # noqa: FBT003
SCANS = Check("multilingual", "scan_count", False, 12, None)  # noqa: FBT003


@pytest.mark.parametrize(
    ("checks", "agrees", "unsaid_count"),
    [
        ((NO_MONEY, SCANS), None, 1),
        ((NO_MONEY,), None, 0),
        ((MONEY, SCANS), True, 1),
        ((MONEY,), True, 0),
        ((MONEY, Check("itinerary", "plan_count", False, 3, 0)), False, 0),  # noqa: FBT003
    ],
)
def test_a_day_agrees_only_by_what_was_said(
    checks: tuple[Check, ...], agrees: object, unsaid_count: int
) -> None:
    day = CheckedDay("2026-11-27", checks)
    assert (day.agrees, day.unsaid_count) == (agrees, unsaid_count)
