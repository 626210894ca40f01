"""Cells as people in Japanese offices type them: months, years of an era, numbers, signs."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

FIRST_YEAR, LAST_YEAR = 1950, 2099
# The year before the first one of an era; its letter stands for it too.
ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "R": 2018, "H": 1988, "S": 1925}
_ERA = r"(令和|平成|昭和|[RHS](?=[0-9元.]))"
_YEAR = rf"(?:{_ERA}?\.?([0-9]{{1,4}}|元))"
_MONTH_OF_YEAR = re.compile(rf"{_YEAR}(年度?|[/.\-])(1[0-2]|0?[1-9])(?:月分?|[/.\-](?:0?1|1))?")
_DATE = re.compile(r"((?:19|20)[0-9]{2})-(0[1-9]|1[0-2])-([0-9]{2})")
_JOINED = re.compile(r"((?:19|20)[0-9]{2})(0[1-9]|1[0-2])")
_MONTH = re.compile(r"(1[0-2]|0?[1-9])月分?")
_BARE = re.compile(r"1[0-2]|0?[1-9]")
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ENGLISH_MONTH = re.compile(rf"({'|'.join(_ENGLISH)})[a-z]*\.?", re.IGNORECASE)
_SHORT = re.compile(r"([0-9]{1,2}年)(1[0-2]|0?[1-9])月分?")
_YEAR_CELL = re.compile(rf"(FY)?{_YEAR}(年度|年)?")
_YEAR_IN_TEXT = re.compile(rf"{_ERA}?([0-9]{{1,4}}|元)(年度|年(?!間))")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?|[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_UNIT_BEHIND = re.compile(r"(?:人泊|人|泊|円|件|名)$")
_MINUS = re.compile(r"^[▲△−\-](?=[0-9])")

_WITHHELD = frozenset({"x", "χ", "*", "秘匿", "秘"})
_UNKNOWN = frozenset({
    "...", "..", "・・・", "不明", "不詳", "未集計", "集計中", "調査中", "na", "n.a.", "n/a",
    # Closed for the month: there is no figure, and no nought is made up.
    "休館", "休園", "休業", "休止", "休場", "休洞", "閉館", "閉園", "閉鎖", "閉洞", "中止", "運休",
})  # fmt: skip
_DASHES = frozenset("-‐‑‒–—―−─ーｰ") | {"--", "――", "ーー"}


class State(StrEnum):
    """What a cell says that is no number. DASH: 「－」, which by the rules of official statistics
    means that there is nothing of the kind; some towns write it where nobody knows."""

    NUMBER = "number"
    BLANK = "blank"
    WITHHELD = "withheld"
    UNKNOWN = "unknown"
    DASH = "dash"


class BadCell(ValueError):
    """A cell that is neither a number nor a known sign. The text is a stable reason."""


@dataclass(frozen=True)
class YearSaid:
    """A year. fiscal: April to March of the next."""

    year: int
    fiscal: bool


def plain(text: str) -> str:
    """Returns a cell in narrow signs, without blanks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def month_of(  # noqa: PLR0911 - one for each way to write a month
    text: str, *, bare: bool = False, before: int | None = None
) -> tuple[int | None, int] | None:
    """Returns the month a cell names with its year, None where it names none; None for no month.

    bare: 4 is a month too. before: the year of the cell before, as for year_of.
    """
    said = plain(text)
    if before and (short := _SHORT.fullmatch(said)) and (year := year_of(short[1], before)):
        return year.year, int(short[2])
    for pattern in (_DATE, _JOINED):
        if found := pattern.fullmatch(said):
            return int(found[1]), int(found[2])
    if found := _MONTH_OF_YEAR.fullmatch(said):
        named, month = _year(found[1], found[2]), int(found[4])
        return (named + (found[3] == "年度" and month <= 3), month) if named else None
    if found := _MONTH.fullmatch(said):
        return None, int(found[1])
    if found := _ENGLISH_MONTH.fullmatch(said):
        return None, _ENGLISH.index(found[1].lower()) + 1
    if bare and _BARE.fullmatch(said):
        return None, int(said)
    return None


def year_of(text: str, before: int | None = None) -> YearSaid | None:
    """Returns the year a cell names, None for none. before: the year of the line above, by whose
    era a short one such as 8年 is read."""
    found = _YEAR_CELL.fullmatch(plain(text))
    if not found:
        return None
    year = _year(found[2], found[3])
    if year is None and not found[2] and found[3].isdecimal() and found[4] and before:
        # An era goes on until another one is named.
        began = (start for start in sorted(set(ERAS.values()), reverse=True) if start < before)
        near = (start + int(found[3]) for start in began)
        year = next((each for each in near if 0 <= each - before <= 1), None)
    return YearSaid(year, bool(found[1]) or found[4] == "年度") if year else None


def year_within(text: str) -> YearSaid | None:
    """Returns the first year that is named somewhere in a title, None for none."""
    for found in _YEAR_IN_TEXT.finditer(plain(text)):
        if year := _year(found[1], found[2]):
            return YearSaid(year, found[3] == "年度")
    return None


def number_of(text: str) -> tuple[State, Decimal]:
    """Returns what a cell says, with its number where it has one, else 0.

    Errors: BadCell FORMULA, NEGATIVE, NOT_A_NUMBER, TOO_LARGE.
    """
    said = plain(text)
    if not said:
        return State.BLANK, Decimal(0)
    if said.startswith("="):
        raise BadCell("FORMULA")
    for state, signs in (
        (State.WITHHELD, _WITHHELD), (State.UNKNOWN, _UNKNOWN), (State.DASH, _DASHES),
    ):  # fmt: skip
        if said.casefold() in signs:
            return state, Decimal(0)
    bare = _UNIT_BEHIND.sub("", said).removeprefix("¥")
    if _MINUS.match(bare) and _NUMBER.fullmatch(bare[1:]):
        raise BadCell("NEGATIVE")
    if not _NUMBER.fullmatch(bare):
        raise BadCell("NOT_A_NUMBER")
    if len(bare) > 24:
        raise BadCell("TOO_LARGE")
    return State.NUMBER, Decimal(bare.replace(",", ""))


def _year(era: str | None, said: str) -> int | None:
    count = 1 if said == "元" else int(said)
    year = ERAS[era] + count if era else count
    if era and not 1 <= count <= 99:
        return None
    return year if FIRST_YEAR <= year <= LAST_YEAR else None
