"""Which backups are due, kept and deleted, and what people are told of them."""

import os
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import kept_backups as command
from infra.local import kept_backups, nightly
from infra.local.archive import Refused
from infra.local.home import Home, Settings
from kit import backups, disk

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def record(**known: Any) -> backups.Record:
    return backups.Record(**{"since": NOW - 30 * DAY, "next_time": NOW, **known})


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-30T02:59:59+09:00", "2026-11-30T03:00:00+09:00"),
        ("2026-11-30T03:00:00+09:00", "2026-12-01T03:00:00+09:00"),
        ("2026-11-30T23:00:00+09:00", "2026-12-01T03:00:00+09:00"),
    ],
)
def test_the_next_backup_is_at_three_at_night_in_the_area(now: str, expected: str) -> None:
    found = kept_backups.next_night(datetime.fromisoformat(now), TOKYO)
    assert found == datetime.fromisoformat(expected)


@given(
    st.integers(0, 2 * 366 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    st.sampled_from(["Asia/Tokyo", "America/Sao_Paulo", "Europe/Berlin", "Pacific/Apia"]),
)
def test_there_is_one_night_a_day_whatever_the_clock_does_in_spring(
    now: datetime, zone: str
) -> None:
    found = kept_backups.next_night(now, ZoneInfo(zone))
    assert timedelta(0) < found - now <= timedelta(hours=25)


def test_a_clock_that_was_wrong_delays_no_backup() -> None:
    assert nightly.is_due(None, NOW)
    assert nightly.is_due(record(), NOW)
    assert not nightly.is_due(record(next_time=NOW + timedelta(hours=3)), NOW)
    assert nightly.is_due(record(next_time=NOW + timedelta(days=400)), NOW)


@pytest.mark.parametrize(
    ("known", "state", "copy_state"),
    [
        ({"since": NOW}, backups.DUE, backups.COPY_NONE),
        ({"since": NOW - 3 * DAY}, backups.OLD, backups.COPY_NONE),
        ({"made_time": NOW - DAY}, backups.OK, backups.COPY_OLD),
        ({"made_time": NOW - DAY, "since": NOW - DAY}, backups.OK, backups.COPY_NONE),
        ({"made_time": NOW - DAY, "problem": "disk_low"}, backups.FAILED, backups.COPY_OLD),
        ({"made_time": NOW - 3 * DAY, "problem": "disk_low"}, backups.OLD, backups.COPY_OLD),
        ({"made_time": NOW, "folder": "/s", "copied_time": NOW - 2 * DAY}, backups.OK, backups.OK),
        (
            {"made_time": NOW, "folder": "/s", "copied_time": NOW - 2 * DAY,
             "copy_problem": "medium_away"},
            backups.OK, backups.COPY_FAILED,
        ),
        ({"made_time": NOW, "folder": "/s", "copied_time": NOW - 8 * DAY}, backups.OK,
         backups.COPY_OLD),
        ({"made_time": NOW, "folder": "/s", "since": NOW - DAY}, backups.OK, backups.COPY_DUE),
        ({"made_time": NOW, "folder": "/s", "since": NOW - 8 * DAY}, backups.OK, backups.COPY_OLD),
    ],
)  # fmt: skip
def test_lights_turn_amber_at_once_and_red_in_time(
    tmp_path: Path, known: dict[str, Any], state: str, copy_state: str
) -> None:
    backups.save(tmp_path, record(**known))
    found = backups.look(tmp_path, NOW)
    assert found is not None
    assert (found.state, found.copy_state) == (state, copy_state)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", '{"since": "2026-11-30", "next_time": 1}',
        '{"since":"2026-11-30T00:00:00","next_time":"2026-11-30T00:00:00Z"}',  # of which zone?
    ],
)  # fmt: skip
def test_a_damaged_note_counts_as_none_and_is_begun_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / backups.FILE).write_text(text)
    assert backups.look(tmp_path) is None
    nightly.begin(Home(tmp_path))
    found = backups.look(tmp_path)
    assert found is not None
    assert found.state == backups.DUE


def test_a_medium_that_was_chosen_is_copied_to_soon_and_not_only_at_night(home: Home) -> None:
    later = datetime.now(UTC) + timedelta(hours=9)
    known = record(made_time=NOW, next_time=later, file="/b/meguri", folder="/old",
                   copied_time=NOW, copy_problem="medium_away")  # fmt: skip
    backups.save(home.data, known)
    Settings(backup_to="/media/stick").save(home)
    nightly.begin(home)
    found = backups.load(home.data)
    assert found is not None
    assert (found.folder, found.copied_time, found.copy_problem) == ("/media/stick", None, "")
    assert nightly.is_due(found, datetime.now(UTC))
    assert (found.made_time, found.file) == (known.made_time, known.file)
    backups.save(home.data, msgspec.structs.replace(found, next_time=later))
    nightly.begin(home)  # another start changes nothing
    again = backups.load(home.data)
    assert again is not None
    assert again.next_time == later


def test_no_medium_any_more_makes_no_backup_in_a_hurry(home: Home) -> None:
    later = datetime.now(UTC) + timedelta(hours=9)
    backups.save(home.data, record(made_time=NOW, next_time=later, folder="/old", copied_time=NOW))
    nightly.begin(home)
    found = backups.load(home.data)
    assert found is not None
    assert (found.folder, found.copied_time, found.next_time) == ("", None, later)


def lay(folder: Path, *names: str, age: timedelta = timedelta(0)) -> None:
    for name in names:
        (folder / name).write_bytes(b"x" * 1000)
        at = (NOW - age).timestamp()
        os.utime(folder / name, (at, at))


def test_seven_nights_and_the_last_updates_are_kept_and_no_file_of_others_touched(
    tmp_path: Path,
) -> None:
    nights = [f"meguri-2026-11-{day:02}" for day in range(10, 24)]
    others = ["meguri-2026-11-09.txt", "meguri", "holiday.jpg", ".meguri-2026-11-01"]
    lay(tmp_path, *nights, *others)
    lay(tmp_path, "meguri-before-update-2026-09-01-0900", age=90 * DAY)
    lay(tmp_path, *(f"meguri-before-update-2026-11-2{day}-0900" for day in range(3)))
    kept_backups.prune(tmp_path, NOW)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {
        *nights[-7:], *others,
        "meguri-before-update-2026-11-21-0900", "meguri-before-update-2026-11-22-0900",
    }  # fmt: skip


def test_the_newest_of_all_kinds_is_found(tmp_path: Path) -> None:
    assert kept_backups.newest(tmp_path / "none") is None
    lay(tmp_path, "meguri-2026-11-20", age=2 * DAY)
    lay(tmp_path, "meguri-before-update-2026-11-21-0900", age=DAY)
    lay(tmp_path, "zzz")
    assert kept_backups.newest(tmp_path) == tmp_path / "meguri-before-update-2026-11-21-0900"


def test_no_backup_takes_the_room_that_sales_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = disk.Room(disk.FULL_BYTES + 1000, 10**12, disk.LOW)
    monkeypatch.setattr(disk, "look", lambda _folder: room)
    kept_backups.check_room(tmp_path, 1000)
    with pytest.raises(Refused) as refused:
        kept_backups.check_room(tmp_path, 1001)
    assert refused.value.reason == "disk_low"


def test_a_medium_that_is_away_or_the_same_disk_is_no_medium(tmp_path: Path) -> None:
    lay(tmp_path, "meguri-2026-11-30")
    for folder, reason in ((tmp_path / "stick", "medium_away"), (tmp_path, "medium_same_disk")):
        with pytest.raises(Refused) as refused:
            kept_backups.copy(tmp_path / "meguri-2026-11-30", folder, tmp_path, NOW)
        assert refused.value.reason == reason
    assert [path.name for path in tmp_path.iterdir()] == ["meguri-2026-11-30"]


def failing(_home: Home, _file: Path) -> dict[str, Any]:
    raise Refused("disk_full", "There is no room")


def making(_home: Home, file: Path) -> dict[str, Any]:
    file.write_bytes(b"a backup")
    return {"made_time": datetime.now(UTC).isoformat(), "file": str(file), "bytes": 8}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setattr(os, "nice", lambda _more: 0)  # of the tests themselves
    home = Home(tmp_path / "var")
    home.make()
    return home


def test_a_failure_is_noted_and_tried_again_within_the_hour(home: Home) -> None:
    with pytest.raises(Refused):
        command.make_nightly(home, failing)
    noted = backups.load(home.data)
    assert noted is not None
    assert noted.problem == "disk_full"
    assert timedelta(0) < noted.next_time - datetime.now(UTC) <= timedelta(hours=1)
    made = command.make_nightly(home, making)
    assert (made.problem, made.copy_problem, Path(made.file).parent) == (
        "", "", home.data.with_name("var-backups"),
    )  # fmt: skip
    assert made.next_time - datetime.now(UTC) > timedelta(0)
    assert Path(made.file).parent.stat().st_mode & 0o077 == 0


def test_while_the_medium_is_away_only_the_copy_is_tried_again(home: Home) -> None:
    Settings(backup_to=str(home.data.parent / "stick")).save(home)
    first = command.make_nightly(home, making)
    assert (first.copy_problem, first.copied_time) == ("medium_away", None)
    assert first.next_time - datetime.now(UTC) <= timedelta(hours=1)
    again = command.make_nightly(home, failing)  # would fail if it were made again
    assert (again.made_time, again.copy_problem) == (first.made_time, "medium_away")
    Path(first.file).unlink()
    with pytest.raises(Refused):
        command.make_nightly(home, failing)


@pytest.mark.usefixtures("english")
def test_what_people_are_told_names_what_to_do(home: Home) -> None:
    def said() -> str:
        out = StringIO()
        command.show(home, out)
        return out.getvalue()

    assert said() == ""
    assert command.told_of(home) == {}
    nightly.begin(home)
    assert "comes by itself" in said()
    old = datetime.now(UTC) - 9 * DAY
    backups.save(home.data, record(made_time=old, file="/b/meguri", folder="/stick",
                                   copied_time=old, copy_problem="medium_away"))  # fmt: skip
    text = said()
    assert "/b/meguri" in text
    assert "backup --nightly" in text
    assert "put the medium in" in text
    told = command.told_of(home)["backup"]
    assert (told["state"], told["copy_state"]) == (backups.OLD, backups.COPY_OLD)
