"""What payments says of a file or a field, in the language of the page.

Payments answers in English, with the value it stumbled over inside. Here each of its sentences has
its own, found by its pattern; tests/pages/edge/test_office_said.py reads the sentences out of the
source of payments, so that none is forgotten. One that is not known is not shown to whoever does
not read English: the page says where it is and that it needs a correction.
"""

import re
from collections.abc import Iterable

from flask_babel import LazyString, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from services.edge.errors import add_field_words
from services.edge.office.forms import HEADINGS

# The English sentence, its values by name -> the same sentence in every language of the staff.
_SENTENCES: tuple[tuple[str, LazyString], ...] = (
    # a provider's file
    ("The file is neither UTF-8 nor Shift_JIS. Save it as CSV UTF-8 and send it again.",
     _l("The file is neither UTF-8 nor Shift_JIS. Save it as “CSV UTF-8” in Excel (or your"
        " spreadsheet program) and send it again.")),
    ("The file is no table: {detail}.",
     _l("The file is no table: a quotation mark that opens a cell is not closed.")),
    ("The file is empty.", _l("The file is empty.")),
    ("A file has at most {most} lines. Split it by day.",
     _l("A file has at most %(most)s lines. Split it by day.")),
    ("The file has no column {columns}.", _l("The file has no column %(columns)s.")),
    # its rows
    ("column {column} holds the whole number of a card; it was not kept",
     _l("Column %(column)s holds the whole number of a card. It was not kept.")),
    ("the row holds the whole number of a card; it was not kept",
     _l("The row holds the whole number of a card. It was not kept.")),
    ("{value} is not in the mapping",
     _l("“%(value)s” is not in the mapping: is it a sale, a refund, or neither?")),
    ("a line moves at least 1 yen", _l("The amount is 0; a line moves at least 1 yen.")),
    ("{yen} yen is no sale",
     _l("A sale of %(yen)s yen is below zero: is it a refund? Its kind says sale.")),
    ("nothing is no amount in yen", _l("The amount is missing.")),
    ("{value} is no amount in yen", _l("“%(value)s” is no amount in yen.")),
    ("nothing is no date", _l("The date is missing.")),
    ("{value} is no date", _l("“%(value)s” is no date.")),
    ("say whose file it is, or map its shops", _l("Say whose file it is, or map its shops.")),
    ("the row is of {value}",
     _l("The row is of another shop, “%(value)s”: choose that one, or none, for the file.")),
    ("{value} is not mapped", _l("The mapping does not say what way to pay “%(value)s” is.")),
    # a mapping
    ("this is no TOML text: {detail} (at line {line}, column {column})",
     _l("This is no TOML text: look at line %(line)s, character %(column)s.")),
    ("this is no TOML text: {detail}", _l("This is no TOML text: its end is missing.")),
    ("this is nested too deep", _l("Too many brackets stand within each other.")),
    ("name the column of {name}", _l("Name the column of “%(name)s”.")),
    ("{name} is none of ours", _l("“%(name)s” is none of the names that a mapping may have.")),
    ("give utf-8 or shift_jis", _l("Give utf-8 or shift_jis.")),
    ("name the way to pay, or its column", _l("Name the way to pay, or its column.")),
    ("this is a table: [name] and lines below it",
     _l("This is a table: [name], and lines below it.")),
    ("give each as a text in quotation marks", _l("Give each as a text in quotation marks.")),
    ('{name} is a list of texts: ["…", "…"]', _l('“%(name)s” is a list of texts: ["…", "…"].')),
    ("there is no gateway {name}", _l("There is no gateway “%(name)s”.")),
    # products, sums and spans
    ("this code is given twice", _l("This code is given twice.")),
    ("this button is given twice", _l("This button is given twice.")),
    ("give the name in Japanese", _l("Give the name in Japanese.")),
    ("a name has at most {most} characters", _l("A name has at most %(most)s characters.")),
    ("give 10, 8 or 0", _l("Give 10, 8 or 0.")),
    ("give {least} to {most}, or 0 for no button",
     _l("Give %(least)s to %(most)s, or 0 for no button.")),
    ("give {least} to {most} characters", _l("Give %(least)s to %(most)s characters.")),
    ("give {least} to {most} yen", _l("Give %(least)s to %(most)s yen.")),
    ("give {least} to {most}", _l("Give %(least)s to %(most)s.")),  # after what is longer
    ("give at most {most} characters", _l("Give at most %(most)s characters.")),
    ("give at most {most}", _l("Give at most %(most)s.")),
    ("more than {most} entries: choose fewer days or one shop",
     _l("More than %(most)s entries: choose fewer days or one shop.")),
    ("give a span of {least} to {most} days", _l("Choose %(least)s to %(most)s days.")),
    ("at most {most} days at once", _l("At most %(most)s days at once.")),
    ("give a date as YYYY-MM-DD", _l("Give a date as YYYY-MM-DD.")),
    ("give a month as YYYY-MM", _l("Give a month as YYYY-MM.")),
    ("write what was done, {least} to {most} characters",
     _l("Write what was done, in %(least)s to %(most)s characters.")),
    ("more cash went out than came in: count the drawer",
     _l("More cash went out than came in. Count the drawer.")),
    ("the count differs by {yen} yen: write why",
     _l("The count differs by %(yen)s yen. Write why.")),
)  # fmt: skip
_PRODUCT = re.compile(r"products\[([0-9]+)\]\.([a-z_]+)")


def _pattern(english: str) -> re.Pattern[str]:
    parts = re.split(r"\{([a-z]+)\}", english)
    written = [re.escape(part) if at % 2 == 0 else f"(?P<{part}>.*?)"
               for at, part in enumerate(parts)]  # fmt: skip
    return re.compile("".join(written), re.DOTALL)


_KNOWN = [(_pattern(english), own) for english, own in _SENTENCES]


def known(text: str) -> str:
    """Returns a sentence of payments in the language of the page, "" for one that is not known."""
    for pattern, own in _KNOWN:
        if found := pattern.fullmatch(text):
            values = {
                name: value.replace(" or ", " / ") for name, value in found.groupdict().items()
            }
            return str(own) % values
    return ""


def sentence(text: str) -> str:
    """Returns a sentence of payments in the language of the page; of one that is not known, the
    English to whoever reads English, else that this cannot be used."""
    current = get_locale()
    is_english = current is not None and current.language == "en"
    return known(text) or (text if is_english else str(_("This cannot be used.")))


def products(fields: Iterable[tuple[str, str]]) -> str:
    """Returns what is wrong with a file of products: which product, which column, what to do."""
    return " ".join(_of_product(name, text) for name, text in fields)


def _of_product(name: str, text: str) -> str:
    found = _PRODUCT.fullmatch(name)
    if found is None:
        return sentence(text)
    column = {"names": "ja"}.get(found[2], found[2])
    said = _(
        "Product %(number)s, %(column)s: %(text)s", number=int(found[1]) + 1,
        column=HEADINGS[column][1] if column in HEADINGS else found[2], text=sentence(text),
    )  # fmt: skip
    return str(said)


add_field_words(known)
