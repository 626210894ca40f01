"""A privacy rule that code or a document refers to is one of docs/privacy.md, by its name."""

import re
from pathlib import Path

import pytest

from infra.local.home import ROOT
from tests.contract.documents.documents import tracked

# The name may stand on the next line of a comment, in a link, or be one of several.
NAME = r"\[?`?(?:[a-z]+(?:-[a-z]+)+|\d+)`?"
REFERENCE = re.compile(rf"privacy rules?(?P<names>\s+(?:#+\s*)?{NAME}(?:, {NAME})*)", re.IGNORECASE)
NUMBERED = re.compile(
    r"(?:rule \d+ of (?:the )?(?:privacy|sensing)|privacy rules? \d)", re.IGNORECASE
)
READ = (".py", ".md", ".proto", ".html", ".js", ".toml", ".yml")


def rules() -> set[str]:
    text = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    return set(re.findall(r"^### (\S+)$", text, re.MULTILINE))


def texts() -> list[Path]:
    own = str(Path(__file__).relative_to(ROOT))
    return [ROOT / path for path in sorted(tracked(ROOT)) if path.endswith(READ) and path != own]


def named_in(text: str) -> set[str]:
    references = " ".join(found["names"] for found in REFERENCE.finditer(text))
    return set(re.findall(r"[a-z]+(?:-[a-z]+)+|\d+", references))


def test_every_rule_that_is_referred_to_is_defined() -> None:
    known, used = rules(), set()
    for path in texts():
        text = path.read_text(encoding="utf-8")
        unknown = named_in(text) - known
        assert not unknown, f"{path.relative_to(ROOT)}: {unknown}"
        assert not NUMBERED.search(text), f"{path.relative_to(ROOT)}: a rule has a name"
        used |= named_in(text)
    assert {"one-day", "no-trace"} <= used


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("(privacy rule one-day)", {"one-day"}),
        ("By\n    privacy rule one-day no list", {"one-day"}),
        ("# keeps privacy rule\n# no-trace", {"no-trace"}),
        ("privacy rules no-trace, no-card-number", {"no-trace", "no-card-number"}),
        ("privacy rule [`one-day`](x)", {"one-day"}),
        ("privacy rule 3", {"3"}),
        ("the privacy rules of the house", set()),
    ],
)
def test_what_a_reference_is(text: str, names: set[str]) -> None:
    assert named_in(text) == names
