"""Every security event that is noted is documented, by its name and all it says, and no other."""

import ast
import re
from collections.abc import Iterator

from infra.local.home import ROOT
from kit.log import FORBIDDEN_KEYS

ROW = re.compile(r"^\| `(?P<name>\w+)` \| [^|]+ \| (?P<says>[^|]+) \|$", re.MULTILINE)


def noted() -> Iterator[tuple[str, set[str]]]:
    """Gives name and fields of each note in the code."""
    for folder in ("kit", "services"):
        for path in (ROOT / folder).rglob("*.py"):
            source = path.read_text(encoding="utf-8")
            if "log.security(" not in source:
                continue
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "log.security":
                    (event,) = node.args
                    names = [event.value] if isinstance(event, ast.Constant) else CHOSEN
                    for name in names:
                        yield str(name), {str(word.arg) for word in node.keywords}


CHOSEN = ["call_not_allowed", "call_not_authenticated"]  # kit/rpc.py decides between these


def documented() -> dict[str, set[str]]:
    text = (ROOT / "docs" / "telemetry.md").read_text(encoding="utf-8")
    part = text[text.index("## Security events") :]
    return {
        row["name"]: set(re.findall(r"\b[a-z_]+\b", re.sub(r"\(.*?\)", "", row["says"])))
        for row in ROW.finditer(part)
    }


def test_what_is_noted_is_documented_and_nothing_else() -> None:
    assert {name for name, _ in noted()} == set(documented())


def test_a_note_says_what_the_document_says_it_does() -> None:
    known = documented()
    for name, fields in noted():
        assert known[name] <= fields | {"by"}, name
        assert "area" in fields, name
        assert not fields & FORBIDDEN_KEYS, name
