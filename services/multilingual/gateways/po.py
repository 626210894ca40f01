"""Translations as GNU gettext PO, by Babel. A translation nobody has read is marked fuzzy."""

import io
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, PoFileParser, write_po

from services.multilingual.domain.exchange import (
    MAX_PROBLEMS,
    Fault,
    FileDamaged,
    Kind,
    Problem,
    Sheet,
    Unit,
    check_count,
    check_lines,
)

# In the comments gettext calls extracted: programs keep them and show them to the translator.
_MADE_FROM = re.compile(r"revision ([0-9]{1,9}) of the source, over ([0-9]{1,9})")
_CONTEXT = re.compile(r"([^:\s]{1,40}):([^:\s]{1,80})")
# Babel reads past a broken line and loses words with it, so each line is looked at first.
_LINE = re.compile(
    r"(?:#.*|(?:(?:msgctxt|msgid|msgid_plural|msgstr(?:\[[0-9]\])?)[ \t]+)?"
    r'"(?:[^"\\]|\\[nrt"\\])*")?'
)
# Of a header no other line is needed, and Babel is given none: plurals and encodings that a file
# names would be believed.
_LANGUAGE = re.compile(r"^Language:[ \t]*([A-Za-z0-9_@.-]{1,40})[ \t]*$", re.I | re.M)
MAX_HEADER_CHARS = 10_000
_HEADER = """\
# Texts of the guide, {source} to {target}. What a program translated and nobody has read is marked
# fuzzy: take the mark away once you have read it.
msgid ""
msgstr ""
"Project-Id-Version: Meguri\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def write(sheet: Sheet) -> str:
    """Returns the PO file of a sheet."""
    catalog = Catalog()
    for unit in sheet.units:
        made = catalog.add(
            unit.source,
            unit.target,
            context=f"{unit.stop_code}:{unit.part}",
            flags=() if unit.read or not unit.target else ("fuzzy",),
            auto_comments=[
                unit.about,
                f"revision {unit.source_revision} of the source, over {unit.base_revision}",
            ],
        )
        # Babel takes the "% d" in "100 % du site" for a place where a program writes something.
        made.flags.discard("python-format")
    out = io.BytesIO()
    write_po(out, catalog, width=0, omit_header=True)
    language = sheet.locale.replace("-", "_")
    header = _HEADER.format(source=sheet.source_locale, target=sheet.locale, language=language)
    return header + out.getvalue().decode()


def read(text: str) -> Sheet:
    """Reads a PO file. Errors: FileDamaged."""
    check_lines(text)
    broken = (
        Problem(number, Kind.SYNTAX, fault=Fault.NOT_PO)
        for number, line in enumerate(text.split("\n"), 1)
        if not _LINE.fullmatch(line.strip())
    )
    if found := list(islice(broken, MAX_PROBLEMS)):
        raise FileDamaged(found)
    catalog = _Kept()
    try:
        PoFileParser(catalog, ignore_obsolete=True, abort_invalid=True).parse(io.StringIO(text))
    except PoFileError as error:
        raise FileDamaged([Problem(error.lineno + 1, Kind.SYNTAX, fault=Fault.NOT_PO)]) from None
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        line = catalog.messages[-1].lineno if catalog.messages else 1  # the last one understood
        raise FileDamaged([Problem(line or 1, Kind.SYNTAX, fault=Fault.NOT_PO)]) from None
    units = list(catalog.units())
    problems = [each for each in units if isinstance(each, Problem)]
    if problems:
        raise FileDamaged(problems)
    return Sheet("", catalog.language, tuple(each for each in units if isinstance(each, Unit)))


class _Kept(Catalog):
    """What a file says, entry by entry: nothing is merged, and its header is not believed."""

    num_plurals = 10  # as many as a line may number, so that plurals are read and then refused

    def __init__(self) -> None:
        super().__init__()
        self.language = ""
        self.messages: list[Message] = []

    def __setitem__(self, key: Any, message: Message) -> None:
        """Keeps an entry as it was read. Merging would take the square of what is repeated."""
        if message.id:
            check_count(len(self.messages) + 1, message.lineno or 0)
            self.messages.append(message)
        elif found := _LANGUAGE.search(str(message.string)[:MAX_HEADER_CHARS]):
            self.language = self.language or found[1].replace("_", "-")

    def units(self) -> Iterator[Unit | Problem]:
        """Yields what the entries say."""
        for each in self.messages:
            line = each.lineno or 0
            where = _CONTEXT.fullmatch(str(each.context or ""))
            made_from = next(filter(None, map(_MADE_FROM.fullmatch, each.auto_comments)), None)
            if each.pluralizable:
                yield Problem(line, Kind.PLURAL, str(each.context or ""))
            elif where is None:
                yield Problem(line, Kind.UNIT_UNKNOWN, str(each.context or "")[:80])
            elif made_from is None:
                yield Problem(line, Kind.REVISION, where[0])
            else:
                target = str(each.string or "").strip()
                read = bool(target) and not each.fuzzy
                yield Unit(
                    where[1], where[2], str(each.id), target, read,
                    int(made_from[1]), int(made_from[2]), str(each.auto_comments[0]), line,
                )  # fmt: skip
