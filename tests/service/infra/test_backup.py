"""Backup and restore of a stopped platform's data: what comes back, and what is refused untouched.

One small data folder with real databases serves all; each test restores elsewhere.
"""

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from infra.local import archive, backup, dumps, postgres, restore, spawn
from infra.local import home as homes
from infra.local.archive import Refused
from infra.local.child import NOBODY_ID
from infra.local.home import AlreadyRunning, Home, Settings
from infra.local.table import SERVICES
from services.visitor_sense.domain.sketch import Distinct
from tests.service.infra.conftest import PSEUDONYMS, execute, quiet, refusal

pytestmark = pytest.mark.long


def test_what_was_there_is_there_again(stopped: Home, made: Path, empty: Home) -> None:
    done = restore.restore(empty, made, quiet)
    assert done["kept"] == ""
    for name in ("secrets/passwords.json", "secrets/terminals/mine.1.pem", "media/音.mp3",
                 "run/first.json"):  # fmt: skip
        assert (empty.data / name).read_bytes() == (stopped.data / name).read_bytes()
        assert (empty.data / name).stat().st_mode & 0o777 == 0o600
    enrolled = json.loads(empty.enrolled_file.read_text())
    assert enrolled["terminal"]["key_file"] == str(empty.secrets / "terminals" / "mine.1.pem")
    assert not (empty.log / "edge.jsonl").exists()
    assert (empty.data / "providers.env").exists()
    assert Settings.load(empty) == Settings(area="hagi", domain="guide.example.jp")
    assert not [*empty.data.parent.glob(f".{empty.data.name}.restoring*")]
    # Streams are empty after this: what they may still have held is said again, older is not.
    asked = "select version, published_time is null from outbox order by version"
    assert execute(empty, "directory", asked) == [(1, False), (2, True), (3, True)]
    owners = "select distinct tableowner from pg_tables where schemaname = 'public'"
    assert execute(empty, "directory", owners) == [("directory",)]


def test_a_trial_can_do_nothing_to_what_goes_on(made: Path, empty: Home) -> None:
    restore.restore(empty, made, quiet, trial=True)
    assert not (empty.data / "providers.env").exists()
    assert Settings.load(empty) == Settings(area="hagi")


def test_no_pseudonym_is_in_the_file_and_counting_goes_on(
    stopped: Home, made: Path, empty: Home
) -> None:
    content = made.read_bytes()
    for pseudonym in PSEUDONYMS:
        for order in ("<u8", ">u8"):
            raw = pseudonym.astype(order).tobytes()
            assert raw not in content
            assert raw.hex().encode() not in content
    restore.restore(empty, made, quiet)
    columns = "select address_estimate, addresses, devices, holds_values, frames from zone_hours"
    [(estimate, addresses, devices, holds, frames)] = execute(empty, "visitor_sense", columns)
    assert (estimate, holds, frames) == (2, False, 7)
    again = Distinct.from_bytes(bytes(addresses))
    assert again.count().estimate == Distinct.from_bytes(bytes(devices)).count().estimate == 2
    again.add(PSEUDONYMS)
    assert again.count().estimate == 2
    # The platform itself keeps them for their day.
    [(still,)] = execute(stopped, "visitor_sense", "select holds_values from zone_hours")
    assert still


def test_a_file_that_was_cut_or_altered_is_refused_with_nothing_changed(
    made: Path, empty: Home, tmp_path: Path
) -> None:
    whole, wrong = made.read_bytes(), tmp_path / "wrong"
    places = (600, len(whole) // 2, len(whole) - 1500, len(whole) - 900, len(whole) - 1)
    flipped = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in places]
    cuts = [whole[:-1], whole[: len(whole) // 2], whole[:513], whole + b"\0"]
    for content in (*flipped, *cuts):
        wrong.write_bytes(content)
        assert refusal(empty, wrong) == "backup_damaged"
    for content in (b"", b"PK" * 400, bytes(2048)):
        wrong.write_bytes(content)
        assert refusal(empty, wrong) == "not_a_backup"
    assert refusal(empty, tmp_path) == "backup_missing"
    assert not empty.data.exists()


@pytest.mark.parametrize(
    "changed",
    [{"format": 2}, {"revisions": dict.fromkeys(SERVICES, "9999")},
     {"revisions": {"weather": "0001"}}],
    ids=["format", "tables", "service"],
)  # fmt: skip
def test_a_backup_of_a_newer_release_is_refused(
    made: Path, empty: Home, tmp_path: Path, changed: dict[str, Any]
) -> None:
    with archive.opened(made) as known:
        manifest = known.manifest | changed
    newer = tmp_path / "newer"
    with newer.open("wb") as out:
        archive.Writer(out, manifest).finish()
    assert refusal(empty, newer) == "backup_newer"
    assert not empty.data.exists()


def test_a_folder_with_data_is_replaced_only_when_asked_and_kept_beside(
    made: Path, empty: Home
) -> None:
    empty.make()
    (empty.data / "settings.json").write_text("{}")
    assert refusal(empty, made, really=False) == "data_present"
    assert (empty.data / "settings.json").read_text() == "{}"
    done = restore.restore(empty, made, quiet, really=True)
    kept = Path(done["kept"])
    assert kept.name.startswith(f"{empty.data.name}.before-restore-")
    assert (kept / "settings.json").read_text() == "{}"
    assert postgres.is_made(empty.postgres)
    with homes.lock(empty), pytest.raises(AlreadyRunning):
        restore.restore(empty, made, quiet, really=True)


def test_without_room_or_with_a_broken_dump_the_old_folder_stays(
    made: Path, empty: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty.make()
    (empty.data / "settings.json").write_text("{}")
    with monkeypatch.context() as patch:
        patch.setattr(restore, "ROOM_BESIDE_BYTES", 2**60)
        assert refusal(empty, made) == "disk_full"

    def broken(*_: object) -> None:
        raise Refused("database_failed", "pg_restore failed")

    def pulled_out(*_: object) -> None:
        raise OSError(5, os.strerror(5))

    monkeypatch.setattr(dumps, "load", broken)
    assert refusal(empty, made) == "database_failed"
    monkeypatch.setattr(dumps, "load", pulled_out)
    assert refusal(empty, made) == "file_failed"
    assert (empty.data / "settings.json").read_text() == "{}"
    assert not [*empty.data.parent.glob(f".{empty.data.name}.restoring*")]


def test_a_backup_that_cannot_be_made_leaves_the_one_before(
    stopped: Home, servers_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = servers_folder / "stick" / "meguri"
    file.parent.mkdir()
    file.write_bytes(b"yesterday's")

    def broken(number: int, *_: object) -> None:
        raise OSError(number, os.strerror(number))

    for number, reason in ((28, "disk_full"), (27, "file_too_large"), (5, "no_file")):
        with monkeypatch.context() as patch:
            patch.setattr(dumps, "dump", partial(broken, number))
            with pytest.raises(Refused) as refused:
                backup.make(stopped, file, (), quiet)
        assert refused.value.reason == reason
    assert [path.name for path in file.parent.iterdir()] == ["meguri"]
    assert file.read_bytes() == b"yesterday's"
    for wrong, reason in ((file.parent, "no_file"), (file / "x", "no_file")):
        with pytest.raises(Refused) as refused:
            backup.make(stopped, wrong, (), quiet)
        assert refused.value.reason == reason
    with pytest.raises(Refused) as refused:
        backup.make(Home(file.parent), servers_folder / "none", (), quiet)
    assert refused.value.reason == "nothing_to_back_up"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_it_is_restored_also_where_postgresql_has_to_be_nobody(
    made: Path, empty: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where containers forbid user namespaces: it gets through to its folder, nobody to others."""
    monkeypatch.setattr(spawn, "unprivileged", lambda: spawn.Identity.NOBODY)
    restore.restore(empty, made, quiet)
    assert empty.postgres.stat().st_uid == NOBODY_ID
    assert empty.data.stat().st_mode & 0o777 == 0o711
    for folder in (empty.secrets, empty.log, empty.run, empty.postgres):
        assert folder.stat().st_mode & 0o777 == 0o700
    assert execute(empty, "directory", "select count(*) from outbox") == [(3,)]


def test_what_was_killed_half_way_is_cleared_up(
    stopped: Home, made: Path, empty: Home, tmp_path: Path
) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    left = empty.data.with_name(f".{empty.data.name}.restoring-{process.pid}")
    working = empty.data.with_name(f".{empty.data.name}.restoring-{os.getppid()}")
    for folder in (left, working):
        (folder / "secrets").mkdir(parents=True)
    restore.restore(empty, made, quiet)
    assert (left.exists(), working.exists()) == (False, True)
    file = tmp_path / "meguri"
    old, new = tmp_path / ".meguri.old", tmp_path / ".meguri.new"
    for folder in (old, new):
        folder.mkdir()
    os.utime(old, (0, 0))
    backup.make(stopped, file, (), quiet)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".meguri.new", "meguri"]


def test_tables_that_are_not_there_are_a_sentence(stopped: Home, tmp_path: Path) -> None:
    """A backup may come while the first start is still making them."""
    execute(stopped, "insights", "alter table alembic_version rename to away")
    try:
        with pytest.raises(Refused) as refused:
            backup.make(stopped, tmp_path / "meguri", (), quiet)
    finally:
        execute(stopped, "insights", "alter table away rename to alembic_version")
    assert refused.value.reason == "database_failed"
    assert "alembic_version" in str(refused.value)
    assert not list(tmp_path.iterdir())
