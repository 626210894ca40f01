"""CSV files of other sensors: all rows are looked at before the first is sent."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.visitor_sense.domain import day
from services.visitor_sense.domain.pseudonym import pseudonym
from services.visitor_sense.sensor.importing import import_rows
from services.visitor_sense.sensor.replay import Player
from services.visitor_sense.sensor.rows import RowsUnreadable, read_kept, read_times
from tests.unit.visitor_sense import made
from tests.unit.visitor_sense.test_relay import written
from tests.unit.visitor_sense.test_sensor import NOON, NOON_MS, FakeLink, player

__all__ = ["player"]
Make = Callable[..., tuple[Player, FakeLink]]


def file(folder: Path, *rows: str, head: str = "time,address,rssi_dbm") -> Path:
    path = folder / "heard.csv"
    path.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
    return path


def row(minutes_ago: float, address: bytes = made.PHONE, rssi_dbm: str = "-57") -> str:
    moment = NOON - timedelta(minutes=minutes_ago)
    return f"{moment.isoformat()},{written(address)},{rssi_dbm}"


def test_a_row_becomes_what_a_frame_would(tmp_path: Path) -> None:
    key = secrets.token_bytes(32)
    path = file(tmp_path, row(0), row(1, made.MADE_UP, ""), row(2, rssi_dbm="7"))
    number = day.day_number(NOON_MS)
    found = list(read_kept(path, {number: key}))
    one, two = pseudonym(key, made.PHONE), pseudonym(key, made.MADE_UP)
    assert found == [
        (NOON_MS, (one, one | 1, -55, 0, False, b"")),
        (NOON_MS - 60_000, (two, two | 1, 0, 0, True, b"")),
        (NOON_MS - 120_000, (one, one | 1, 0, 0, False, b"")),
    ]
    assert list(read_kept(path, {number - 1: key})) == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("2026-11-21T12:00:00,00:11:22:33:44:55,", "Row 3"),  # no offset
        ("yesterday,00:11:22:33:44:55,", "Row 3"),
        ("2026-11-21T12:00:00+09:00,00:11:22:33:44,", "Row 3"),
        ("2026-11-21T12:00:00+09:00,00:11:22:33:44:55,loud", "Row 3"),
        ("2026-11-21T12:00:00+09:00,00:11:22:33:44:55,inf", "Row 3"),
        ("2026-11-21T12:00:00+09:00", "Row 3"),
        ("x" * 5_000, "too long"),
    ],
)
def test_a_bad_row_is_named_and_not_shown(tmp_path: Path, wrong: str, told: str) -> None:
    with pytest.raises(RowsUnreadable, match=told) as refused:
        list(read_times(file(tmp_path, row(0), wrong)))
    assert "33:44" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    for path in (file(tmp_path, row(0), head="when,who"), tmp_path / "none.csv"):
        with pytest.raises(RowsUnreadable):
            list(read_times(path))
    (tmp_path / "heard.csv").write_bytes(b"time,address\n\xff\xfe")
    with pytest.raises(RowsUnreadable):
        list(read_times(tmp_path / "heard.csv"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_no_text_can_hurt_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "heard.csv"
    path.write_text("time,address\n" + text, encoding="utf-8", errors="replace")
    told = ""
    try:
        list(read_times(path))
    except RowsUnreadable as refused:
        told = str(refused)
    assert len(told) < 120


async def test_rows_are_sent_as_a_sensor_would(player: Make, tmp_path: Path) -> None:
    one, link = player(NOON)
    rows = [row(number / 60, made.phone(number)) for number in range(20)]
    done = await import_rows(one, file(tmp_path, *rows, row(25 * 60), row(-5)))
    assert (done.rows, done.sent, done.old, done.to_come, done.left_out) == (22, 20, 1, 1, 0)
    (batch,) = link.observations()
    assert len(batch.pseudonyms) == len(set(batch.pseudonyms)) == 20
    raw = b"".join(payload for _, payload in link.sent)
    assert all(made.phone(number) not in raw for number in range(20))


async def test_one_bad_row_sends_nothing(player: Make, tmp_path: Path) -> None:
    one, link = player(NOON)
    with pytest.raises(RowsUnreadable):
        await import_rows(one, file(tmp_path, *[row(1)] * 600, "nonsense"))
    with pytest.raises(RowsUnreadable):
        await import_rows(one, file(tmp_path))
    assert (link.sent, link.asked) == ([], [])
