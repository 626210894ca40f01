"""tests/mutations.md: every mistake that is made on purpose, who must notice, and when it did."""

import re
from collections.abc import Mapping
from pathlib import Path

from tests.mutants.mutant import Mutant

PAGE = Path(__file__).parents[1] / "mutations.md"
NEVER = "–"
_ROW = re.compile(r"^\| (?P<name>.+?) \| [^|]+ \| [^|]+ \| (?P<tried>[^|]+) \|$", re.MULTILINE)
_HEAD = """\
# Mistakes made on purpose

Written by `python -m tests.mutants`, which makes one mistake at a time on a copy of the tree: the
named tests must pass before it and fail with it. `python -m tests.mutants "NAME"` tries one,
`python -m tests.mutants --list` writes this page without trying any. That each mistake can still be
made is held by `tests/contract/documents/test_mutants.py`, which holds this page too.

{count} mistakes; of {tried} it is noted here when they were tried last.

| mistake | in | noticed by | tried |
|---|---|---|---|
"""


def tried() -> dict[str, str]:
    """Returns what the page says of each mistake that was tried."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    return {
        row["name"]: row["tried"]
        for row in _ROW.finditer(text)
        if row["tried"] not in (NEVER, "tried")
    }


def write(mutants: Mapping[str, Mutant], outcomes: Mapping[str, str]) -> None:
    """Writes the page. outcomes: of those just tried; what the page said of others stays."""
    PAGE.write_text(page(mutants, tried() | dict(outcomes)), encoding="utf-8")


def page(mutants: Mapping[str, Mutant], outcomes: Mapping[str, str]) -> str:
    """Returns the page."""
    known = {name: outcomes[name] for name in mutants if name in outcomes}
    rows = [
        f"| {name} | {mutant.file} | {_noticed_by(mutant)} | {known.get(name, NEVER)} |"
        for name, mutant in mutants.items()
    ]
    return _HEAD.format(count=len(mutants), tried=len(known)) + "\n".join(rows) + "\n"


def _noticed_by(mutant: Mutant) -> str:
    tests = [word for word in mutant.command if word.startswith("tests/")]
    if tests:
        return ", ".join(tests)
    return " ".join(word for word in mutant.command if word not in ("-m", "cli"))
