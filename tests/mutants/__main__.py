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
    survived = []
    for name in names or MUTANTS:
        found = _is_noticed(name, MUTANTS[name])
        survived += [] if found else [name]
        said = f"{datetime.now(UTC):%Y-%m-%d} {'noticed' if found else 'SURVIVED'}"
        page.write(MUTANTS, {name: said})
    _tell(f"{len(names or MUTANTS) - len(survived)} noticed, {len(survived)} survived")
    return 1 if survived else 0


def _is_noticed(name: str, mutant: Mutant) -> bool:
    with tempfile.TemporaryDirectory(prefix="meguri-mutant-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL may have to run as nobody
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT, symlinks=True)
        (tree / ".venv").symlink_to(ROOT / ".venv")  # ./meguri of the copy runs with it
        if _run(tree, mutant.command).returncode != 0:
            _tell(f"{name}: its tests fail without it")
            return False
        path = tree / mutant.file
        text = path.read_text(encoding="utf-8")
        if text.count(mutant.right) != 1:
            _tell(f"{name}: {mutant.file} has changed; renew the mutant")
            return False
        path.write_text(text.replace(mutant.right, mutant.wrong), encoding="utf-8")
        done = _run(tree, mutant.command)
    found = noticed(mutant.command, done.returncode, done.stderr)
    if not found and done.returncode != 0:
        _tell(f"{name}: nothing was checked, it ended with {done.returncode}")
    _tell(f"{name}: {'noticed' if found else 'SURVIVED'}")
    return found


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
