"""Proof that the tests can fail: python -m tests.mutants [NAME …]

Each mutant is one mistake, made on a copy of the tree that is thrown away afterwards. The named
tests must pass before it and fail with it; tests/mutations.md says when they did. Run it from the
root with the environment's Python.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.mutants import (
    asked,
    crowds,
    cycles,
    faults,
    guide,
    helping,
    house,
    operation,
    page,
    payments,
    photos,
    pois,
    porch,
    roads,
    security,
    sojourns,
    timetables,
    voices,
)
from tests.mutants.mutant import Mutant
from tests.mutants.noticing import noticed

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "var", "node_modules", "*_cache", "__pycache__", ".import_linter_cache"
)
TIMEOUT_S = 900
MUTANTS = (
    house.MUTANTS
    | security.MUTANTS
    | payments.MUTANTS
    | guide.MUTANTS
    | asked.MUTANTS
    | photos.MUTANTS
    | voices.MUTANTS
    | helping.MUTANTS
    | operation.MUTANTS
    | pois.MUTANTS
    | crowds.MUTANTS
    | cycles.MUTANTS
    | roads.MUTANTS
    | sojourns.MUTANTS
    | timetables.MUTANTS
    | faults.MUTANTS
    | porch.MUTANTS
)


def main(names: Sequence[str]) -> int:
    """Tries mutants, all by default, and notes it in tests/mutations.md. Returns 0 when every one
    was noticed."""
    if list(names) == ["--list"]:
        page.write(MUTANTS, {})
        return 0
    unknown = [name for name in names if name not in MUTANTS]
    if unknown:
        _tell(f"there is no mutant {unknown[0]!r}; there are: {', '.join(MUTANTS)}")
        return 2
    survived, untried = [], []
    with tempfile.TemporaryDirectory(prefix="meguri-mutant-") as folder:
        workshop = Workshop(Path(folder))
        for name in names or MUTANTS:
            found = workshop.notices(name, MUTANTS[name])
            if found is None:
                untried.append(name)
                continue
            survived += [] if found else [name]
            said = f"{datetime.now(UTC):%Y-%m-%d} {'noticed' if found else 'SURVIVED'}"
            page.write(MUTANTS, {name: said})
    noticed_count = len(names or MUTANTS) - len(survived) - len(untried)
    _tell(f"{noticed_count} noticed, {len(survived)} survived, {len(untried)} could not be tried")
    return 1 if survived or untried else 0


class Workshop:
    """A copy of the tree in which one mistake after the other is made and mended again. What must
    notice is run without any mistake first, once for all that it must notice."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o711)  # PostgreSQL may have to run as nobody
        self._tree = folder / "tree"
        shutil.copytree(ROOT, self._tree, ignore=LEFT_OUT, symlinks=True)
        (self._tree / ".venv").symlink_to(ROOT / ".venv")  # ./meguri of the copy runs with it
        self._sound: dict[tuple[str, ...], bool] = {}
        self._written = 0

    def notices(self, name: str, mutant: Mutant) -> bool | None:
        """Makes a mistake, tells whether it was noticed, and mends it. None where it could not be
        tried: its tests fail without it, or its place has changed."""
        command = tuple(mutant.command)
        if command not in self._sound:
            self._sound[command] = _run(self._tree, command).returncode == 0
        if not self._sound[command]:
            _tell(f"{name}: its tests fail without it")
            return None
        path = self._tree / mutant.file
        text = path.read_text(encoding="utf-8")
        if text.count(mutant.right) != 1:
            _tell(f"{name}: {mutant.file} has changed; renew the mutant")
            return None
        try:
            self._write(path, text.replace(mutant.right, mutant.wrong))
            done = _run(self._tree, command)
        finally:
            self._write(path, text)
            self._tidy()
        found = noticed(command, done.returncode, done.stderr)
        if not found and done.returncode != 0:
            _tell(f"{name}: nothing was checked, it ended with {done.returncode}")
        _tell(f"{name}: {'noticed' if found else 'SURVIVED'}")
        return found

    def _tidy(self) -> None:
        """Forgets what a run left beside the tree: a scenario that failed keeps its platform."""
        for left in self._tree.parent.iterdir():
            if left != self._tree:
                shutil.rmtree(left, ignore_errors=True)  # nobody needs the few that are no folder

    def _write(self, path: Path, text: str) -> None:
        """Writes a file, each time a second later: Python takes one of the same size and second for
        the one that it compiled before."""
        path.write_text(text, encoding="utf-8")
        self._written += 1
        moment = time.time() + self._written
        os.utime(path, (moment, moment))


def _run(tree: Path, command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *command], cwd=tree, capture_output=True, text=True, errors="replace",
        check=False, timeout=TIMEOUT_S,
        env=os.environ | {"PYTHONPATH": f"{tree}{os.pathsep}{tree / 'gen'}",
                          "TMPDIR": str(tree.parent)},
    )  # fmt: skip


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
