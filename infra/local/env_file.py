"""Files of the data folder with lines NAME=VALUE that a person writes."""

from collections.abc import Collection
from pathlib import Path


class LineDamaged(Exception):
    """A line of such a file cannot be used; the text names it and what it may be."""


def read(path: Path, known: Collection[str]) -> dict[str, str]:
    """Returns the variables of a file, nothing where it is not there. Errors: LineDamaged."""
    if not path.exists():
        return {}
    found = {}
    for number, line in enumerate(path.read_text("utf-8-sig").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals or name.strip() not in known:
            raise LineDamaged(f"{path}, line {number}: write one of {', '.join(sorted(known))}")
        found[name.strip()] = value.strip()
    return found
