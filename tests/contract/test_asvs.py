"""The ledger of OWASP ASVS 5.0 leaves no number out and calls nothing held that no test holds."""

import ast
import re
from functools import cache

import pytest

from cli import evidence
from infra.local.home import ROOT

# By section of version 5.0.0: the level of each requirement, in its order.
_LEVELS = """
    1.1:22 1.2:1111122223 1.3:112222222223 1.4:222 1.5:123 2.1:122 2.2:112 2.3:12223 2.4:23 3.1:3
    3.2:113 3.3:12223 3.4:11222233 3.5:11122333 3.6:3 3.7:22333 4.1:12233 4.2:23333 4.3:22 4.4:1222
    5.1:2 5.2:112333 5.3:113 5.4:222 6.1:122 6.2:111111112222 6.3:11223333 6.4:112233 6.5:22222333
    6.6:2223 6.7:33 6.8:2222 7.1:222 7.2:1111 7.3:22 7.4:11222 7.5:223 7.6:22 8.1:1233 8.2:1123
    8.3:133 8.4:23 9.1:111 9.2:1222 10.1:22 10.2:223 10.3:22223 10.4:1111122222233333 10.5:22222
    10.6:22 10.7:222 11.1:2233 11.2:22233 11.3:11233 11.4:1222 11.5:23 11.6:23 11.7:33 12.1:12233
    12.2:11 12.3:22223 13.1:2333 13.2:222223 13.3:2233 13.4:1222233 14.1:22 14.2:12223333 14.3:122
    15.1:12233 15.2:12233 15.3:1222222 15.4:3333 16.1:2 16.2:22222 16.3:2222 16.4:222 16.5:2223
    17.1:23 17.2:22223333 17.3:22
"""
LEVELS = dict(part.split(":") for part in _LEVELS.split())
ROWS = evidence.rows(evidence.LEDGER.read_text(encoding="utf-8"))
ALL = {f"V{section}.{number}": int(level) for section, levels in LEVELS.items()
       for number, level in enumerate(levels, 1)}  # fmt: skip


def named(row: dict[str, str]) -> list[str]:
    return row["tests"].split()


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )  # fmt: skip


def test_the_numbers_are_those_of_the_standard() -> None:
    counts = [list(ALL.values()).count(level) for level in (1, 2, 3)]
    assert (counts, len(ALL)) == ([70, 183, 92], 345)  # as version 5.0.0 says of itself


def test_every_number_of_both_levels_stands_there_once_in_order() -> None:
    assert [(row["requirement"], int(row["level"])) for row in ROWS] == [
        (number, level) for number, level in ALL.items() if level <= 2
    ]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["requirement"])
def test_a_row_says_what_it_must(row: dict[str, str]) -> None:
    assert row["state"] in evidence.STATES
    assert row["about"]
    if row["state"] == "held":
        assert named(row), "nothing is held without a test"
    else:
        assert len(row["note"]) > 8, "why, or what exactly"
        assert not named(row)
    for test in named(row):
        path, _, function = test.partition("::")
        assert re.fullmatch(r"tests/(?:\w+/)+test_\w+\.py", path), path
        assert (ROOT / path).is_file(), path
        assert any(name.startswith("test_") for name in functions_of(path)), path
        assert not function or function in functions_of(path), test


def test_tests_named_in_a_note_are_there_too() -> None:
    for row in ROWS:
        for path, function in re.findall(r"(tests/[\w/]+\.py)(?:::(\w+))?", row["note"]):
            assert (ROOT / path).is_file(), path
            assert not function or function in functions_of(path), (row["requirement"], function)


def test_a_part_of_a_document_that_is_named_is_there() -> None:
    named_documents = [row["document"] for row in ROWS if row["document"]]
    assert len(named_documents) > 10
    for document in named_documents:
        path, _, heading = document.partition("#")
        text = (ROOT / path).read_text(encoding="utf-8")
        assert not heading or re.search(rf"^##+ {re.escape(heading)}$", text, re.MULTILINE), (
            document
        )


def test_the_page_is_written_from_the_ledger() -> None:
    text = evidence.LEDGER.read_text(encoding="utf-8")
    assert evidence.PAGE.read_text(encoding="utf-8") == evidence.page(text)
