"""A newer version is fetched, backed up for, started; where it does not start, all is as before."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cli import kept_backups, update
from cli.__main__ import main
from infra.local.home import Home

pytestmark = pytest.mark.usefixtures("english")


def git(folder: Path, *words: str) -> str:
    given = ["-c", "user.name=a", "-c", "user.email=a@example.jp", "-c", "init.defaultBranch=main"]
    done = subprocess.run(
        ["git", "-C", str(folder), *given, *words], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@dataclass
class World:
    """There, where versions are made; here, where one runs; and what was done."""

    there: Path
    here: Path
    home: Home
    done: list[list[str]] = field(default_factory=list)
    starts: Callable[[str], bool] = lambda _: True

    def release(self, text: str) -> str:
        (self.there / "version").write_text(text)
        git(self.there, "add", "version")
        git(self.there, "commit", "-qm", text)
        if self.here.exists():
            git(self.here, "fetch", "-q")
        return git(self.there, "rev-parse", "HEAD")

    def version(self) -> str:
        return (self.here / "version").read_text()

    def tools(self) -> update.Tools:
        def meguri(words: list[str]) -> int:
            self.done.append([*words, self.version()])
            return 0 if words[0] != "up" or self.starts(self.version()) else 1

        def back_up(home: Home) -> str:
            self.done.append(["backup", self.version()])
            saved = home.data.with_name("saved")
            saved.write_text(self.version())
            return str(saved)

        return update.Tools(self.here, meguri, back_up)

    def words(self) -> list[str]:
        return [each[0] for each in self.done]


@pytest.fixture
def world(tmp_path: Path) -> World:
    there = tmp_path / "there"
    there.mkdir()
    git(there, "init", "-q")
    made = World(there, tmp_path / "here", Home(tmp_path / "data"))
    made.release("one")
    git(tmp_path, "clone", "-q", str(there), "here")
    made.home.make()
    made.home.postgres.mkdir()
    for name in ("PG_VERSION", "meguri.conf"):
        (made.home.postgres / name).write_text("18")
    return made


def test_where_nothing_is_newer_nothing_happens(world: World) -> None:
    assert update.newer(world.tools()) == ""
    git(world.here, "commit", "--allow-empty", "-qm", "a change of the town's own")
    assert update.newer(world.tools()) == ""
    assert world.done == []


def test_it_backs_up_then_stops_then_starts_the_newer_one(world: World) -> None:
    newest = world.release("two")
    tools = world.tools()
    assert update.newer(tools) == newest
    assert update.update(world.home, tools, newest)
    assert [(each[0], each[-1]) for each in world.done] == [
        ("backup", "one"), ("down", "one"), ("up", "two"),
    ]  # fmt: skip
    assert "--without-backup" in world.done[-1]  # it was made before
    assert kept_backups.before_update(world.home, lambda *_: pytest.fail("again")) == ""
    assert update.newer(tools) == ""


def test_one_that_does_not_start_leaves_version_and_data_of_before(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    newest = world.release("two")
    world.starts = lambda version: version == "one"
    assert not update.update(world.home, world.tools(), newest)
    assert world.version() == "one"
    assert [(each[0], each[-1]) for each in world.done] == [
        ("backup", "one"), ("down", "one"), ("up", "two"), ("down", "two"),
        ("restore", "one"), ("up", "one"),
    ]  # fmt: skip
    (restored,) = [each for each in world.done if each[0] == "restore"]
    assert restored[1:3] == [str(world.home.data.with_name("saved")), "--really"]
    assert "runs again" in capsys.readouterr().err
    assert not (world.home.data / update.FILE).exists()


def test_one_that_does_not_start_leaves_the_way_back_from_the_one_before(world: World) -> None:
    assert update.update(world.home, world.tools(), world.release("two"))
    world.starts = lambda version: version != "three"

    def restored(words: list[str]) -> int:
        if words[0] == "restore":
            (world.home.data / update.FILE).unlink()
        return world.tools().meguri(words)

    tools = update.Tools(world.here, restored, world.tools().back_up)
    assert not update.update(world.home, tools, world.release("three"))
    assert world.version() == "two"
    assert update.go_back(world.home, world.tools(), really=True) == 0
    assert world.version() == "one"


def test_where_neither_starts_it_says_where_the_data_is(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    newest = world.release("two")
    world.starts = lambda _: False
    assert not update.update(world.home, world.tools(), newest)
    assert str(world.home.data.with_name("saved")) in capsys.readouterr().err


def test_files_that_somebody_changed_are_not_overwritten(world: World) -> None:
    newest = world.release("two")
    (world.here / "version").write_text("my own")
    with pytest.raises(update.UpdateRefused, match="version"):
        update.update(world.home, world.tools(), newest)
    assert world.version() == "my own"
    assert world.done == []


def test_versions_of_its_own_are_not_thrown_away_and_nothing_stops(world: World) -> None:
    newest = world.release("two")
    (world.here / "version").write_text("our own")
    git(world.here, "commit", "-qam", "our own")
    assert update.newer(world.tools()) == newest
    with pytest.raises(update.UpdateRefused, match="versions of its own"):
        update.update(world.home, world.tools(), newest)
    assert (world.version(), world.done) == ("our own", [])


def test_where_the_files_cannot_be_put_in_place_the_one_of_before_goes_on(world: World) -> None:
    (world.there / "new").write_text("of the newer version")
    git(world.there, "add", "new")
    newest = world.release("two")
    (world.here / "new").write_text("a note that somebody put there")
    with pytest.raises(update.UpdateRefused, match="git cannot do it"):
        update.update(world.home, world.tools(), newest)
    assert [(each[0], each[-1]) for each in world.done] == [
        ("backup", "one"), ("down", "one"), ("up", "one"),
    ]  # fmt: skip


def test_a_backup_that_cannot_be_made_keeps_the_version(world: World) -> None:
    newest = world.release("two")
    tools = world.tools()

    def no_room(_: Home) -> str:
        raise update.UpdateRefused("no room")

    with pytest.raises(update.UpdateRefused, match="no room"):
        update.update(world.home, update.Tools(world.here, tools.meguri, no_room), newest)
    assert (world.version(), world.done) == ("one", [])


def test_a_data_folder_without_data_needs_no_backup(world: World) -> None:
    newest = world.release("two")
    (world.home.postgres / "PG_VERSION").unlink()
    assert update.update(world.home, world.tools(), newest)
    assert "backup" not in world.words()


def test_going_back_is_asked_for_twice_and_brings_files_and_data(world: World) -> None:
    newest = world.release("two")
    assert update.update(world.home, world.tools(), newest)
    world.done.clear()
    with pytest.raises(update.UpdateRefused, match="--really"):
        update.go_back(world.home, world.tools(), really=False)
    assert (world.version(), world.done) == ("two", [])
    assert update.go_back(world.home, world.tools(), really=True) == 0
    assert world.version() == "one"
    assert world.words() == ["down", "restore", "up"]


@pytest.mark.parametrize("known", [None, {}, {"before": 1}, []])
def test_without_an_update_there_is_no_way_back(world: World, known: object) -> None:
    if known is not None:
        (world.home.data / update.FILE).write_text(json.dumps(known))
    with pytest.raises(update.UpdateRefused, match="no update"):
        update.go_back(world.home, world.tools(), really=True)
    assert world.done == []


def test_without_its_backup_there_is_no_way_back(world: World) -> None:
    newest = world.release("two")
    assert update.update(world.home, world.tools(), newest)
    world.home.data.with_name("saved").unlink()
    world.done.clear()
    with pytest.raises(update.UpdateRefused, match="gone"):
        update.go_back(world.home, world.tools(), really=True)
    assert world.done == []


def test_what_git_says_is_told_in_one_line(world: World) -> None:
    git(world.here, "remote", "set-url", "origin", str(world.here / "nowhere"))
    with pytest.raises(update.UpdateRefused, match="git cannot do it"):
        update.newer(world.tools())


def test_the_command_only_looks_where_it_is_told_to(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.release("two")
    world.release("three")
    monkeypatch.setattr(update, "ROOT", world.here)
    asked = ["update", "--look", "--data", str(world.home.data)]
    assert main(asked) == 0
    assert "2 changes" in capsys.readouterr().out
    assert main([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"updated": False, "newer": True}
    assert world.version() == "one"
