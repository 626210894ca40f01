"""Every text of every blueprint is there in every language, with the same placeholders."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

EDGE = Path(__file__).parents[3] / "services" / "edge"
LOCALES = ("ja", "ko", "zh_Hans", "zh_Hant")
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext.babel_extract")]
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")
BLUEPRINTS = sorted(path.parent.name for path in EDGE.glob("*/translations"))


def source_texts(folder: Path) -> set[str]:
    """Returns the English texts of the edge's own files (not its blueprints') or of a blueprint."""
    found = set()
    for name, _, message, _, _ in extract_from_dir(str(folder), METHODS, keywords=KEYWORDS):
        inside = Path(name).parts[0]
        if folder == EDGE and len(Path(name).parts) > 1 and inside != "templates":
            continue
        found.add(message if isinstance(message, str) else message[0])
    return found


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
