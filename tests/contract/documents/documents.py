"""Documents of the tree, and what they name between backticks."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]+)[^)]*\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
SKIPPED = {".git", ".venv", "gen", "var", "__pycache__", "node_modules"}
TABLE_KINDS = re.compile(r"(file|module)s?\b")


@dataclass(frozen=True)
class Table:
    """A table of files: where it stands, which folder it is about, what its first column names."""

    document: Path
    folder: Path
    names: tuple[str, ...]


def all_of(root: Path) -> list[Path]:
    """Returns the documents of a tree."""
    return sorted(root / path for path in tracked(root) if path.endswith(".md"))


def spans(path: Path) -> list[str]:
    """Returns what a document writes between backticks, blocks of code left out."""
    return SPAN.findall(FENCE.sub("", path.read_text(encoding="utf-8")))


def file_tables(document: Path) -> Iterator[Table]:
    """Gives the tables headed `file` or `module`: of its folder or one named there."""
    folder: Path | None = None
    names: list[str] = []
    for line in [*document.read_text(encoding="utf-8").splitlines(), ""]:
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line[:1] == "|" else []
        if not cells:
            if folder is not None:
                yield Table(document, folder, tuple(names))
            folder, names = None, []
        elif folder is not None:
            names += SPAN.findall(cells[0])
        elif TABLE_KINDS.match(cells[0]):
            named = SPAN.search(cells[0])
            folder = document.parent / (named[1] if named else "")


def modules_of(folder: Path) -> set[str]:
    """Returns what a folder holds of Python: files by name, folders with a slash."""
    files = {path.name for path in folder.glob("*.py") if not path.name.startswith("__")}
    folders = {
        f"{path.parent.name}/" for path in folder.glob("*/*.py") if path.parent.name[0] not in "._"
    }
    return files | folders


def as_listed(name: str) -> str:
    """Returns a name of a table as modules_of() says it."""
    return name if name.endswith(("/", ".py")) else f"{name}.py"


def defines(source: Path, name: str) -> bool:
    """Tells whether a file of Python defines a name, of a class too."""
    text = source.read_text(encoding="utf-8")
    word = re.escape(name)
    pattern = (
        rf"^\s*(?:async def|def|class)\s+{word}\b"
        rf"|^\s*(?:self\.)?{word}\s*(?::[^=\n]+)?="  # a value
        rf"|^\s*{word}:|^\s+{word},?$"  # a field; one of several names that are imported
    )
    return re.search(pattern, text, re.MULTILINE) is not None


@cache
def tracked(root: Path) -> frozenset[str]:
    """Returns files and folders of a tree by their path, folders with a slash."""
    found: set[str] = set()
    for parent, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in SKIPPED]
        below = "" if Path(parent) == root else f"{Path(parent).relative_to(root).as_posix()}/"
        found.update(f"{below}{name}/" for name in folders)
        found.update(f"{below}{name}" for name in files)
    return frozenset(found)
