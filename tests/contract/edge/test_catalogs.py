"""Every text of every blueprint is there in every language, with the same placeholders.

Pages of the staff have five languages. What a visitor reads without the staff has all of them, and
so has what the till turns towards the customer.
"""

import io
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2 import Environment

from cli.locale import FOR_CUSTOMERS
from kit.pure import languages
from services.edge.till.problems import PROBLEMS
from services.edge.till.words import TENDERS

EDGE = Path(__file__).parents[3] / "services" / "edge"
STAFF_LOCALES = [tag.replace("-", "_") for tag in languages.STAFF_LOCALES if tag != "en"]
VISITOR_LOCALES = sorted(path.parent.parent.name for path in EDGE.glob("translations/*/*/*.po"))
FOR_VISITORS = ("", "occupancy", "plan", "visitor")
ONE_AND_MANY = {"fr", "de", "es"}  # CLDR; the others here have one form
LINK_PROBLEMS = ("RECEIPT_LINK_UNKNOWN", "RECEIPT_LINK_LAPSED")
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
TEMPLATES = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")
BLUEPRINTS = sorted(path.parent.name for path in EDGE.glob("*/translations"))


@cache
def source_texts(folder: Path) -> frozenset[str]:
    """Returns the English texts of the edge's own files (not its blueprints') or of a blueprint."""
    pattern = "*" if folder == EDGE else "**/*"
    found: set[str] = set()
    for path in (*folder.glob(f"{pattern}.py"), *folder.glob("templates/**/*.html")):
        found |= texts_of(path)
    return frozenset(found)


def texts_of(path: Path) -> set[str]:
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        found_here = TEMPLATES.extract_translations(source)  # type: ignore[attr-defined]
        texts = (message for _, _, message in found_here)
    else:
        python = io.BytesIO(source.encode())
        texts = (message for _, message, _, _ in extract("python", python, keywords=KEYWORDS))
    return {each if isinstance(each, str) else str(each[0]) for each in texts}


@cache
def texts_for_customers() -> frozenset[str]:
    """Returns the English texts of the till that a customer reads."""
    tenders = {str(word) for _, word in TENDERS.values()}
    problems = {str(PROBLEMS[reason]) for reason in LINK_PROBLEMS}
    pages = (texts_of(EDGE / "till" / name) for name in FOR_CUSTOMERS)
    return frozenset(tenders.union(problems, *pages))


def entries(folder: Path, locale: str) -> dict[str, Message]:
    path = folder / "translations" / locale / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalog = read_po(file, locale=locale)
    return {
        (entry.id if isinstance(entry.id, str) else entry.id[0]): entry
        for entry in catalog
        if entry.id
    }


def there_are(name: str) -> list[str]:
    return sorted(path.parent.parent.name for path in (EDGE / name).glob("translations/*/*/*.po"))


@pytest.mark.parametrize("name", ["", *BLUEPRINTS])
def test_every_language_has_its_catalogs(name: str) -> None:
    wanted = VISITOR_LOCALES if name in {*FOR_VISITORS, "till"} else STAFF_LOCALES
    assert there_are(name) == sorted(wanted)


@pytest.mark.parametrize(
    ("name", "locale"), [(name, tag) for name in ["", *BLUEPRINTS] for tag in there_are(name)]
)
def test_catalogs_are_complete(name: str, locale: str) -> None:
    folder = EDGE / name
    known = entries(folder, locale)
    whole = name in FOR_VISITORS or locale in STAFF_LOCALES
    assert not (source_texts(folder) if whole else texts_for_customers()) - set(known)
    for text, entry in known.items():
        assert not entry.fuzzy, text
        strings = [entry.string] if isinstance(entry.string, str) else list(entry.string or ())
        if not isinstance(entry.id, str):
            assert len(strings) == (2 if locale in ONE_AND_MANY else 1), text
        for string in strings:
            assert string.strip(), text
            assert set(PLACEHOLDER.findall(string)) == set(PLACEHOLDER.findall(text)), text
