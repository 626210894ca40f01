"""Formats of the objects in a merchant's code (EMVCo merchant-presented mode 1.1, chapter 4)."""

import re
from collections.abc import Callable
from dataclasses import dataclass

Check = Callable[[str], bool]

_PRINTABLE = re.compile(r"[\x20-\x7e]*")  # "ans" of the standard
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_AMOUNT = re.compile(r"[0-9]+(?:\.[0-9]*)?")
_PERCENT = re.compile(r"[0-9]{1,2}(?:\.[0-9]{0,2})?")


def is_printable(value: str) -> bool:
    """Whether a value is made of ASCII letters, digits and signs."""
    return _PRINTABLE.fullmatch(value) is not None


def is_text(value: str) -> bool:
    """Whether a value is text of any script, without control characters."""
    return _CONTROL.search(value) is None


def is_amount(value: str) -> bool:
    """Digits with at most one point, not zero: "98.73", "98", "98."."""
    return _AMOUNT.fullmatch(value) is not None and value.strip("0.") != ""


def is_percent(value: str) -> bool:
    """Above 0 and below 100, with at most two decimals."""
    return _PERCENT.fullmatch(value) is not None and value.strip("0.") != ""


def pattern(expression: str) -> Check:
    """Returns a check for a regular expression over the whole value."""
    compiled = re.compile(expression)
    return lambda value: compiled.fullmatch(value) is not None


@dataclass(frozen=True, slots=True)
class Format:
    """How long an object may be and what it may hold."""

    least: int
    most: int
    check: Check
    mandatory: bool = False


def _digits(length: int) -> Check:
    return pattern(f"[0-9]{{{length}}}")


ROOT: dict[str, Format] = {
    "00": Format(2, 2, pattern("01"), mandatory=True),
    "01": Format(2, 2, pattern("1[12]")),
    "52": Format(4, 4, _digits(4), mandatory=True),
    "53": Format(3, 3, _digits(3), mandatory=True),
    "54": Format(1, 13, is_amount),
    "55": Format(2, 2, pattern("0[123]")),
    "56": Format(1, 13, is_amount),
    "57": Format(1, 5, is_percent),
    "58": Format(2, 2, pattern("[A-Z]{2}"), mandatory=True),
    "59": Format(1, 25, is_printable, mandatory=True),
    "60": Format(1, 15, is_printable, mandatory=True),
    "61": Format(1, 10, is_printable),
    "62": Format(1, 99, is_text),
    "63": Format(4, 4, is_printable),
    "64": Format(1, 99, is_text),
}
ACCOUNT = Format(1, 99, is_printable)  # 02 to 25: the scheme's own format
TEMPLATE = Format(1, 99, is_text)  # 26 to 51 and 80 to 99
RESERVED = Format(1, 99, is_text)  # 65 to 79

# What a template holds, by the template's id.
GUID = Format(1, 32, is_printable, mandatory=True)
_SHORT = Format(1, 25, is_text)
ADDITIONAL: dict[str, Format] = {
    **{f"{number:02d}": _SHORT for number in range(1, 9)},
    "09": Format(1, 3, is_printable),
}
LANGUAGE: dict[str, Format] = {
    "00": Format(2, 2, pattern("[A-Za-z]{2}"), mandatory=True),
    "01": Format(1, 25, is_text, mandatory=True),
    "02": Format(1, 15, is_text),
}


def is_account(id_: str) -> bool:
    """Whether an id of the root is a merchant account."""
    return "02" <= id_ <= "51"


def is_guid_template(id_: str) -> bool:
    """Whether an id of the root is a template whose owner names itself in 00."""
    return "26" <= id_ <= "51" or "80" <= id_ <= "99"


def root_format(id_: str) -> Format:
    """Returns the format of an object at the root."""
    if id_ in ROOT:
        return ROOT[id_]
    if "02" <= id_ <= "25":
        return ACCOUNT
    return TEMPLATE if is_guid_template(id_) else RESERVED


def nested_formats(id_: str) -> dict[str, Format] | None:
    """Returns the formats inside a template, None for what is no template."""
    if id_ == "62":
        return ADDITIONAL
    if id_ == "64":
        return LANGUAGE
    return {"00": GUID} if is_guid_template(id_) else None
