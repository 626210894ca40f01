"""What people type is never part of a regular expression (OWASP ASVS 5.0, 1.2.9), and never the
name of a property that our scripts write (15.3.6)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.home import ROOT

FOLDERS = ("cli", "infra", "kit", "services", "simulators")
CALLS = {"compile", "match", "fullmatch", "search", "sub", "split", "findall", "finditer"}
CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*")
# Expressions that are made of something else, each looked at: what it is made of.
LOOKED_AT = {
    "services/edge/kept_forms.py": "addresses of our own views, written in code",
    "services/edge/office/said.py": "sentences of our own, their texts escaped",
    "services/payments/cli/said.py": "as above",
    "services/itinerary/domain/municipal/hours.py": "patterns of a table above the function",
    "services/payments/domain/emvqr/formats.py": "formats of the standard, written in code",
    "kit/area_files.py": "names of fields of the contract",
    "cli/words.py": "sentences of our own, their texts escaped",
}


def expressions() -> Iterator[tuple[str, ast.expr]]:
    """Gives file and first argument of each call that reads an expression."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and ast.unparse(node.func.value) == "re"
                    and node.func.attr in CALLS
                ):
                    yield path.relative_to(ROOT).as_posix(), node.args[0]


def is_written(node: ast.expr) -> bool:
    """Tells whether an expression stands in code whole: constants, named ones, escaped ones."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return CONSTANT.fullmatch(name) is not None
        case ast.JoinedStr(values=parts):
            return all(map(is_written, parts))
        case ast.FormattedValue(value=part) | ast.GeneratorExp(elt=part):
            return is_written(part)
        case ast.BinOp(left=left, right=right, op=ast.Add()):
            return is_written(left) and is_written(right)
        case ast.Call(func=ast.Attribute(attr="join"), args=[part]):
            return is_written(part)
    escaped = isinstance(node, ast.Call) and ast.unparse(node.func) == "re.escape"
    return escaped or isinstance(node, ast.Constant)


def test_what_people_type_is_no_part_of_an_expression() -> None:
    found = list(expressions())
    assert len(found) > 100
    assert {path for path, node in found if not is_written(node)} == set(LOOKED_AT)


@pytest.mark.parametrize(("code", "written"), [
    ("'a'", True), ("f'{_A}-{B}'", True), ("'|'.join(re.escape(x) for x in y)", True),
    ("'|'.join(WORDS)", True), ("_A + 'b'", True), ("typed", False), ("f'{typed}'", False),
    ("'a' + typed", False), ("'|'.join(x for x in y)", False), ("'|'.join(words)", False),
    ("request.args['q']", False), ("self.pattern", False),
])  # fmt: skip
def test_the_look_tells_them_apart(code: str, *, written: bool) -> None:
    node = ast.parse(code, mode="eval").body
    assert is_written(node) == written


# A computed name that is written to: only numbers in typed arrays are.
WRITES = re.compile(r"[\w\])]\[(?!\s*[\d'\"`])([^\[\]]+)\]\s*(?:[-+*/|&]|\?\?|\|\|)?=(?!=)")
NUMBERS = {
    "services/edge/studio/static/record/wav.js",
    "services/edge/studio/static/record/worklet.js",
}
FORBIDDEN = re.compile(r"__proto__|\bfor\s*\(\s*(?:const|let|var)\s+\w+\s+in\s|\bsetPrototypeOf\b")
MERGE = re.compile(r"Object\.assign\(\s*[\w.]+\s*,(?!\s*\{)")


def scripts() -> list[Path]:
    found = [
        path for path in (ROOT / "services" / "edge").rglob("*.js") if "vendor" not in path.parts
    ]
    assert len(found) > 30
    return found


def problems(source: str) -> list[str]:
    return [
        found[0].strip()
        for pattern in (WRITES, FORBIDDEN, MERGE)
        for found in pattern.finditer(source)
    ]


def test_scripts_write_no_property_whose_name_came_from_elsewhere() -> None:
    told = {path.relative_to(ROOT).as_posix(): problems(path.read_text()) for path in scripts()}
    assert {path for path, found in told.items() if found} == NUMBERS, told


@pytest.mark.parametrize(("source", "bad"), [
    ("kept[name] = value", True), ("kept[answer.key] ??= 1", True), ("a.__proto__ = b", True),
    ("for (const key in other) take(key)", True), ("Object.assign(kept, answer)", True),
    ("Object.assign(link, { href: each.url })", False), ("row[0] = 1", False),
    ("if (a[b] === c) d()", False), ("const [a, b] = c", False), ("seen.set(name, 1)", False),
    ("words['more'] = 1", False),
])  # fmt: skip
def test_the_look_at_scripts_tells_them_apart(source: str, *, bad: bool) -> None:
    assert bool(problems(source)) == bad


def test_an_expression_in_a_script_is_made_of_nothing_typed() -> None:
    made = [
        path.relative_to(ROOT).as_posix() for path in scripts() if "new RegExp(" in path.read_text()
    ]
    # Which of two pages is cut out of its own text, by words written beside it.
    assert made == ["services/edge/till/static/sw.js"]
