"""Days off by law, and that one place asks for them."""

import ast
from datetime import date
from pathlib import Path

import pytest

from kit.pure.public_holidays import holiday_names, is_public_holiday

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 5, 3), "憲法記念日"),
        (date(2026, 5, 6), "振替休日"),
        (date(2026, 9, 22), "国民の休日"),
        (date(2027, 3, 22), "振替休日"),  # 春分の日 falls on a Sunday
        (date(2021, 7, 23), "スポーツの日"),  # moved for the Olympic Games
        (date(2019, 5, 1), "天皇の即位の日"),
        (date(2026, 2, 12), ""),
        (date(2026, 12, 31), ""),
    ],
)
def test_holidays_with_substitution(day: date, name: str) -> None:
    assert holiday_names(day).get("ja", "").startswith(name)
    assert is_public_holiday(day) == (name != "")


def test_names_come_in_japanese_and_english() -> None:
    assert holiday_names(date(2026, 5, 3)) == {"ja": "憲法記念日", "en": "Constitution Day"}
    assert holiday_names(date(2026, 5, 7)) == {}


def asks_the_package(source: str) -> bool:
    return any(
        (isinstance(node, ast.Import) and any(each.name == "holidays" for each in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "holidays")
        for node in ast.walk(ast.parse(source))
    )


def test_the_package_is_asked_in_one_place() -> None:
    """Two that ask with other settings would take another day for a holiday."""
    asking = {
        path.relative_to(ROOT).as_posix()
        for folder in ("services", "kit", "cli", "bench", "simulators")
        for path in (ROOT / folder).rglob("*.py")
        if "holidays" in (text := path.read_text("utf-8")) and asks_the_package(text)
    }
    assert asking == {"kit/pure/public_holidays.py"}
