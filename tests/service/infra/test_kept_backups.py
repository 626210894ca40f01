"""Backups of real databases that make themselves: nightly, on a second disk, before updates."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import backup as by_hand
from cli import kept_backups as command
from infra.local import archive, kept_backups
from infra.local.archive import Refused
from infra.local.home import Home, Settings
from kit import backups
from tests.service.infra.conftest import execute

pytestmark = pytest.mark.long


@pytest.fixture(autouse=True)
def _politely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "nice", lambda _more: 0)  # of the tests themselves


@pytest.fixture
def settled(stopped: Home) -> Iterator[Home]:
    """The data folder, left as it was."""
    settings = Settings.load(stopped)
    yield stopped
    settings.save(stopped)
    for name in (backups.FILE, command.TABLES):
        (stopped.data / name).unlink(missing_ok=True)
    for path in kept_backups.folder_of(stopped).glob("meguri-*"):
        path.unlink()


@pytest.fixture
def stick(settled: Home) -> Iterator[Path]:
    """A folder on another disk than the data."""
    own = settled.data.stat().st_dev
    for place in (Path("/dev/shm"), Path("/tmp"), Path("/var/tmp")):  # noqa: S108 - made anew below
        if place.is_dir() and place.stat().st_dev != own:
            with tempfile.TemporaryDirectory(dir=place) as folder:
                yield Path(folder)
            return
    pytest.skip("this machine has one disk alone")


def test_each_night_lies_beside_the_data_and_on_the_second_disk(settled: Home, stick: Path) -> None:
    Settings(area="hagi", backup_to=str(stick)).save(settled)
    record = command.make_nightly(settled, by_hand.make)
    found = backups.look(settled.data)
    assert found is not None
    assert (found.state, found.copy_state) == (backups.OK, backups.OK)
    (copy,) = stick.iterdir()
    assert copy.name == Path(record.file).name
    assert copy.read_bytes() == Path(record.file).read_bytes()
    for file in (copy, Path(record.file)):
        with archive.opened(file) as reader:
            assert "directory" in reader.manifest["revisions"]
    assert by_hand._newest(settled) == Path(record.file)
    again = command.make_nightly(settled, by_hand.make)  # the same day: one file, a newer one
    assert again.file == record.file
    assert [each.name for each in stick.iterdir()] == [copy.name]


def test_a_copy_that_reads_back_wrong_does_not_take_the_place_of_a_good_one(
    settled: Home, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Settings(area="hagi", backup_to=str(stick)).save(settled)
    record = command.make_nightly(settled, by_hand.make)
    good = (stick / Path(record.file).name).read_bytes()
    whole = kept_backups._copy_durably

    def worn_out(file: Path, scratch: Path) -> None:
        whole(file, scratch)
        with scratch.open("r+b") as medium:
            medium.seek(5000)
            medium.write(b"?" * 16)

    monkeypatch.setattr(kept_backups, "_copy_durably", worn_out)
    record = command.make_nightly(settled, by_hand.make)
    assert record.copy_problem == "backup_damaged"
    assert [path.read_bytes() for path in stick.iterdir()] == [good]


def test_another_version_is_started_only_once_the_data_is_safe(
    settled: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = command.before_update(settled, by_hand.make)
    with archive.opened(Path(first)) as reader:
        assert reader.manifest["revisions"]
    assert command.before_update(settled, by_hand.make) == ""
    monkeypatch.setattr(command, "_tables", lambda: "of a newer version")

    def full(_home: Home, _file: Path) -> dict[str, object]:
        raise Refused("disk_full", "There is no room")

    with pytest.raises(Refused):
        command.before_update(settled, full)
    assert command.before_update(settled, by_hand.make) != ""  # nothing was taken for done
    assert command.before_update(settled, by_hand.make) == ""
    assert execute(settled, "directory", "select 1") == [(1,)]


def test_where_there_is_no_data_yet_nothing_is_backed_up(tmp_path: Path) -> None:
    home = Home(tmp_path / "var")
    home.make()
    assert command.before_update(home, by_hand.make) == ""
    assert (home.data / command.TABLES).exists()
    assert not kept_backups.folder_of(home).exists()
