"""Compiled packages of one clone serve the next, and nothing else ever does."""

import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local import bytecode

VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"


class Clone:
    """A folder with lock files and a .venv holding one package of one module."""

    def __init__(self, folder: Path, *, locks: str = "one") -> None:
        self.root = folder
        self.packages = folder / ".venv" / "lib" / VERSION / "site-packages"
        self.source = self.packages / "thing" / "part.py"
        self.source.parent.mkdir(parents=True)
        self.source.write_text("ANSWER = 'right'\n")
        os.utime(self.source, (1_700_000_000, 1_700_000_000))  # as uv links it: the same everywhere
        for name in bytecode.LOCKS:
            (folder / name).write_text(locks)

    @property
    def compiled(self) -> Path:
        tag = sys.implementation.cache_tag
        return self.source.parent / "__pycache__" / f"part.{tag}.pyc"

    def compile(self) -> "Clone":
        py_compile.compile(str(self.source), doraise=True)
        return self

    def answer(self) -> str:
        """What the module says in a Python of its own."""
        code = "import thing.part; print(thing.part.ANSWER)"
        done = subprocess.run(
            [sys.executable, "-I", "-c", f"import sys; sys.path[:0] = sys.argv[1:]; {code}",
             str(self.packages)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.strip()


@pytest.fixture(autouse=True)
def caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for caches of this test alone."""
    folder = tmp_path / "caches"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    monkeypatch.delenv("UV_NO_CACHE", raising=False)
    return folder


def test_what_one_clone_compiled_the_next_finds(tmp_path: Path) -> None:
    assert bytecode.keep(Clone(tmp_path / "one").compile().root) == 1
    second = Clone(tmp_path / "two")
    assert bytecode.restore(second.root) == 1
    before = second.compiled.stat()
    assert second.answer() == "right"
    assert second.compiled.stat().st_ino == before.st_ino  # Python took it as it was


def test_twice_changes_nothing(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "one").compile()
    assert [bytecode.keep(clone.root), bytecode.keep(clone.root)] == [1, 0]
    assert bytecode.restore(clone.root) == 0


def test_another_source_is_compiled_anew_whatever_was_kept(tmp_path: Path) -> None:
    bytecode.keep(Clone(tmp_path / "one").compile().root)
    other = Clone(tmp_path / "two")
    other.source.write_text("ANSWER = 'changed'\n")
    bytecode.restore(other.root)
    assert other.answer() == "changed"
    assert bytecode.keep(other.root) == 1  # and the newer one is kept from now on


def test_other_lock_files_have_their_own(tmp_path: Path) -> None:
    bytecode.keep(Clone(tmp_path / "one").compile().root)
    assert bytecode.restore(Clone(tmp_path / "two", locks="newer").root) == 0


def test_a_package_that_is_not_installed_is_left_out(tmp_path: Path) -> None:
    bytecode.keep(Clone(tmp_path / "one").compile().root)
    second = Clone(tmp_path / "two")
    shutil.rmtree(second.source.parent)
    assert bytecode.restore(second.root) == 0
    assert not second.source.parent.exists()


def test_a_folder_that_others_may_write_to_is_not_trusted(tmp_path: Path, caches: Path) -> None:
    bytecode.keep(Clone(tmp_path / "one").compile().root)
    (edition,) = (caches / "meguri" / "bytecode").iterdir()
    edition.chmod(0o777)
    assert bytecode.restore(Clone(tmp_path / "two").root) == 0


def test_another_file_system_is_copied_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_paths: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refused)
    bytecode.keep(Clone(tmp_path / "one").compile().root)
    second = Clone(tmp_path / "two")
    assert bytecode.restore(second.root) == 1
    assert second.answer() == "right"


def test_a_cache_that_cannot_be_made_stops_nobody(tmp_path: Path, caches: Path) -> None:
    caches.write_text("a file where a folder should be")
    clone = Clone(tmp_path / "one").compile()
    assert bytecode.keep(clone.root) == 0
    assert bytecode.restore(clone.root) == 0


def test_who_wants_no_caches_gets_none(
    tmp_path: Path, caches: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_NO_CACHE", "1")
    assert bytecode.keep(Clone(tmp_path / "one").compile().root) == 0
    assert not caches.exists()


def test_half_a_module_is_not_kept_and_a_whole_one_takes_its_place(
    tmp_path: Path, caches: Path
) -> None:
    clone = Clone(tmp_path / "one").compile()
    whole = clone.compiled.read_bytes()
    clone.compiled.write_bytes(whole[:-10])
    assert bytecode.keep(clone.root) == 0
    clone.compiled.write_bytes(whole)
    assert bytecode.keep(clone.root) == 1
    (kept,) = caches.rglob("*.pyc")
    kept.unlink()
    kept.write_bytes(whole[:-10])  # as a full disk may leave a copy
    assert bytecode.keep(clone.root) == 1
    assert bytecode.restore(Clone(tmp_path / "two").root) == 1
    assert Clone(tmp_path / "three").answer() == "right"


def test_a_relative_folder_and_a_person_without_a_home_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", "here")

    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    clone = Clone(tmp_path / "one").compile()
    assert bytecode.keep(clone.root) == 0
    assert bytecode.restore(clone.root) == 0
    assert not (tmp_path / "here").exists()


def test_only_the_newest_editions_stay(tmp_path: Path, caches: Path) -> None:
    for number in range(5):
        clone = Clone(tmp_path / str(number), locks=f"edition {number}").compile()
        bytecode.keep(clone.root)
        (newest,) = (
            path for path in (caches / "meguri" / "bytecode").iterdir()
            if path.stat().st_mtime > 1_000_000_000
        )  # fmt: skip
        os.utime(newest, (number, number))
    kept = {int(path.stat().st_mtime) for path in (caches / "meguri" / "bytecode").iterdir()}
    assert kept == {2, 3, 4}


@pytest.mark.parametrize(
    ("mode", "kept"), [(0o777, 0), (0o775, 0), (0o1777, 1), (0o755, 1), (0o700, 1)]
)
def test_a_folder_above_that_others_may_write_to_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, kept: int
) -> None:
    shared = tmp_path / "shared"
    (shared / "caches").mkdir(parents=True, mode=0o700)
    shared.chmod(mode)
    monkeypatch.setenv("XDG_CACHE_HOME", str(shared / "caches"))
    assert bytecode.keep(Clone(tmp_path / "a").compile().root) == kept
    assert bytecode.restore(Clone(tmp_path / "b").root) == kept


def test_a_link_into_a_folder_of_others_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shared" / "caches").mkdir(parents=True)
    (tmp_path / "shared").chmod(0o777)
    (tmp_path / "mine").symlink_to(tmp_path / "shared" / "caches")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "mine"))
    assert bytecode.keep(Clone(tmp_path / "a").compile().root) == 0


def test_a_folder_above_that_belongs_to_somebody_else_is_not_trusted(
    tmp_path: Path, caches: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = Clone(tmp_path / "a").compile()
    assert bytecode.keep(clone.root) == 1
    nobody = os.geteuid() + 1
    folder = bytecode._edition(clone.root)
    assert folder
    assert bytecode._is_kept_from_others(folder)
    monkeypatch.setattr(os, "geteuid", lambda: nobody)
    if folder.stat().st_uid != 0:
        assert not bytecode._is_kept_from_others(folder)
    assert not bytecode._is_ours_alone(folder)
