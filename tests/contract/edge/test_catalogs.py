"""Every text of every blueprint is there in every language, with the same placeholders."""

import io
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2 import Environment

EDGE = Path(__file__).parents[3] / "services" / "edge"
LOCALES = ("ja", "ko", "zh_Hans", "zh_Hant")
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
TEMPLATES = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")
BLUEPRINTS = sorted(path.parent.name for path in EDGE.glob("*/translations"))


@cache
def source_texts(folder: Path) -> frozenset[str]:
    """Returns the English texts of the edge's own files (not its blueprints') or of a blueprint."""
    pattern = "*" if folder == EDGE else "**/*"
    found = set()
    for path in (*folder.glob(f"{pattern}.py"), *folder.glob("templates/**/*.html")):
        source = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            found_here = TEMPLATES.extract_translations(source)  # type: ignore[attr-defined]
            texts = (message for _, _, message in found_here)
        else:
            python = io.BytesIO(source.encode())
            texts = (message for _, message, _, _ in extract("python", python, keywords=KEYWORDS))
        found |= {each if isinstance(each, str) else str(each[0]) for each in texts}
    return frozenset(found)


def entries(folder: Path, locale: str) -> dict[str, Message]:
    path = folder / "translations" / locale / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalog = read_po(file, locale=locale)
    return {
        (entry.id if isinstance(entry.id, str) else entry.id[0]): entry
        for entry in catalog
        if entry.id
    }


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", ["", *BLUEPRINTS])
def test_catalogs_are_complete(name: str, locale: str) -> None:
    folder = EDGE / name
    known = entries(folder, locale)
    missing = source_texts(folder) - set(known)
    assert not missing
    for text, entry in known.items():
        assert not entry.fuzzy, text
        strings = [entry.string] if isinstance(entry.string, str) else list(entry.string or ())
        for string in strings:
            assert string.strip(), text
            assert set(PLACEHOLDER.findall(string)) == set(PLACEHOLDER.findall(text)), text
