"""Names of files that browsers keep are made by us, never by whoever sent a file or an address."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.home import ROOT

EDGE = ROOT / "services" / "edge"
# What may stand in a name: numbers and codes of ours, and words of a fixed list. `print_id` is of
# an address, and was found by the guide before.
OURS = frozenset({
    "drawn.stop_code", "kind", "print_id[:8]", "made.file_name", "name", "made.number",
    "area().area",
})  # fmt: skip


def holes(source: str) -> Iterator[str]:
    """Gives what is put into f-strings that name a file to keep."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr) and "filename=" in ast.unparse(node):
            yield from (
                ast.unparse(part.value) for part in node.values
                if isinstance(part, ast.FormattedValue)
            )  # fmt: skip


def sources() -> Iterator[Path]:
    yield from (path for path in EDGE.rglob("*.py") if "Content-Disposition" in path.read_text())


def test_a_file_to_keep_has_a_name_of_ours() -> None:
    found = {hole for path in sources() for hole in holes(path.read_text(encoding="utf-8"))}
    assert found == OURS


@pytest.mark.parametrize("source", ["x = f'attachment; filename={request.args}'"])
def test_the_search_finds_what_it_is_for(source: str) -> None:
    assert list(holes(source)) == ["request.args"]
