"""What payments says of a mapping, in the language of the terminal; of the file: cli/words.py.

Payments answers in English, with the value it stumbled over inside; each of its sentences is found
by its pattern. tests/unit/payments/office/test_said_of_mappings.py reads the sentences out of the
source, so that none is forgotten. One that is not known stays as it is.
"""

import re
from gettext import gettext as _

from kit.client import Problem


def _sentences() -> tuple[tuple[str, str], ...]:
    """The English sentence, its values by name, and the reader's own; asked for when one is told,
    so that the language is that of the terminal."""
    return (
        ("this is no TOML text: {detail} (at line {line}, column {column})",
         _("this is no TOML text: look at line %(line)s, character %(column)s")),
        ("this is no TOML text: {detail}", _("this is no TOML text: its end is missing")),
        ("this is nested too deep", _("too many brackets stand within each other")),
        ("name the column of {name}", _("name the column of “%(name)s”")),
        ("{name} is none of ours", _("“%(name)s” is none of the names that a mapping may have")),
        ("give utf-8 or shift_jis", _("give utf-8 or shift_jis")),
        ("name the way to pay, or its column", _("name the way to pay, or its column")),
        ("this is a table: [name] and lines below it",
         _("this is a table: [name], and lines below it")),
        ("give each as a text in quotation marks", _("give each as a text in quotation marks")),
        ('{name} is a list of texts: ["…", "…"]', _('“%(name)s” is a list of texts: ["…", "…"]')),
        ("there is no gateway {name}", _("there is no gateway “%(name)s”")),
    )  # fmt: skip


def known(text: str) -> str:
    """Returns a sentence of payments in the language of the terminal, "" for one not known."""
    for english, own in _sentences():
        pieces = re.split(r"\{([a-z]+)\}", english)
        pattern = "".join(
            re.escape(piece) if at % 2 == 0 else f"(?P<{piece}>.*?)"
            for at, piece in enumerate(pieces)
        )
        if found := re.fullmatch(pattern, text, re.DOTALL):
            return own % found.groupdict()
    return ""


def of_mapping(problem: Problem) -> str:
    """Returns what is wrong with a mapping, "" for what is about something else than it."""
    if problem.reason != "INVALID_FIELDS" or not problem.fields:
        return ""
    said = [f"{name}: {known(text) or text}" for name, text in problem.fields]
    return _("nothing was changed: %(why)s") % {"why": "; ".join(said)}
