"""docs/security.md: every test it names is there, and every reader has one with made-up input."""

import re

import pytest

from infra.local.home import ROOT

TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
READERS = TEXT[TEXT.index("## Readers and what tries") :].partition("\n## ")[0]
ROWS = re.findall(r"^\| ([^|]+) \| (`tests/[^|]+) \|$", READERS, re.MULTILINE)
MADE_UP = re.compile(r"\bgiven\(|\bHOSTILE\b|schemathesis|\bRandom\(|ways_to_break|parametrize")
ASKED_FOR = ("captures", "EMV QR", "GTFS", "CSV", "PO, XLIFF", "protobuf", "HTTP", "backups")


def test_every_reader_that_matters_is_in_the_table() -> None:
    named = [name for name, _ in ROWS]
    assert [word for word in ASKED_FOR if not any(word in name for name in named)] == []


@pytest.mark.parametrize(("name", "tests"), ROWS)
def test_a_reader_is_tried_with_made_up_input(name: str, tests: str) -> None:
    paths = re.findall(r"`(tests/[\w/]+\.py)`", tests)
    assert paths, name
    for path in paths:
        assert MADE_UP.search((ROOT / path).read_text(encoding="utf-8")), path


def test_every_test_that_is_named_is_there() -> None:
    named = re.findall(r"`((?:tests|chaos)/[\w/]+\.py)`", TEXT)
    assert len(named) > 60
    assert [path for path in named if not (ROOT / path).is_file()] == []
