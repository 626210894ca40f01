"""No call of the edge lasts longer than the connection its answer goes to."""

import ast
from collections.abc import Iterator
from pathlib import Path

from services import edge
from services.edge import connections

FOLDER = Path(edge.__file__).parent


def deadlines(text: str) -> Iterator[float]:
    """Every number that is named or passed as a deadline."""
    for node in ast.walk(ast.parse(text)):
        named: list[tuple[str, ast.expr | None]]
        if isinstance(node, ast.Assign):
            named = [(each.id, node.value) for each in node.targets if isinstance(each, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            named = [(node.target.id, node.value)]
        elif isinstance(node, ast.keyword):
            named = [(node.arg or "", node.value)]
        elif isinstance(node, ast.Call):  # office(9.0)
            named = [("deadline_s", each) for each in node.args[:1]] if _is_stub(node) else []
        else:
            continue
        for name, value in named:
            said = value.value if isinstance(value, ast.Constant) else None
            if isinstance(said, int | float) and name.lower().endswith(("deadline_s", "timeout")):
                yield float(said)


def _is_stub(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id in {
        "office", "payments", "registers", "_payments",
    }  # fmt: skip


def test_an_error_page_comes_before_the_connection_is_cut() -> None:
    found = {
        f"{file.relative_to(FOLDER)}: {value}": value
        for file in FOLDER.rglob("*.py") for value in deadlines(file.read_text())
    }  # fmt: skip
    assert len(found) > 30
    assert connections.DEADLINE_MOST_S <= connections.LONGEST_S - 3
    assert [name for name, value in found.items() if value > connections.DEADLINE_MOST_S] == []


def test_every_way_to_name_a_deadline_is_found() -> None:
    text = "A_DEADLINE_S = 1.0\nB_DEADLINE_S: float = 2\nstub(X, deadline_s=3)\noffice(4.0)\n"
    assert sorted(deadlines(text + "f(timeout=5)\ng(6)")) == [1, 2, 3, 4, 5]
