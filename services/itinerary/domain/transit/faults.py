"""What is wrong with something that was typed: where, a stable reason, a sentence."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kit.pure.errors import InvalidFields
from services.itinerary.domain.trip import DATE, FIRST_YEAR, LAST_YEAR

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
PLACE_ID = re.compile(r"[a-z0-9][a-z0-9/_-]{0,79}")
LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
PHONE = re.compile(r"[+0-9(][0-9()\- ]{2,29}")
MOST_NAMES, NAME_CHARACTERS = 40, 200
MOST_YEN = 1_000_000


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong. path: of the field, such as "line.runs[2].minutes"."""

    path: str
    reason: str
    text: str


class Faulty(InvalidFields):
    """What was typed cannot be kept; nothing was changed. Each sentence ends with its reason in
    square brackets, which is stable."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__([(each.path, f"{each.text} [{each.reason}]") for each in faults])


def refuse(faults: Sequence[Fault]) -> None:
    """Errors: Faulty where there is any."""
    if faults:
        raise Faulty(faults)


def bad_names(path: str, names: Mapping[str, str], *, needed: bool = True) -> list[Fault]:
    """Returns what is wrong with texts by locale. needed: at least one must be there."""
    if needed and not any(name.strip() for name in names.values()):
        return [Fault(path, "NO_NAME", "give a name in at least one language")]
    if len(names) > MOST_NAMES or not all(LOCALE.fullmatch(locale) for locale in names):
        return [Fault(path, "BAD_LOCALE", "languages are written as in BCP 47, such as zh-Hant")]
    if needed and any(len(name) > NAME_CHARACTERS for name in names.values()):
        return [Fault(path, "TEXT_TOO_LONG", f"at most {NAME_CHARACTERS} characters")]
    return []


def bad_phone(path: str, phone: str) -> list[Fault]:
    """Returns what is wrong with a phone number; none at all is fine."""
    if not phone or PHONE.fullmatch(phone):
        return []
    return [Fault(path, "BAD_PHONE", "a phone number has digits, spaces, - and ( )")]


def bad_id(path: str, text: str) -> list[Fault]:
    """Returns what is wrong with an id that people make up."""
    if ID.fullmatch(text):
        return []
    return [Fault(path, "BAD_ID", "use lower-case letters, digits and -, at most 60")]


def bad_place(path: str, place_id: str) -> list[Fault]:
    """Returns what is wrong with the id of a place. Whether there is such a place is not asked:
    what directory tells may be on its way."""
    if PLACE_ID.fullmatch(place_id):
        return []
    return [Fault(path, "BAD_ID", "give the id of a place, such as bus-center")]


def bad_date(path: str, text: str) -> list[Fault]:
    """Returns what is wrong with a date."""
    if day_of(text) is not None:
        return []
    return [Fault(path, "BAD_DATE", f"a date such as 2026-11-29, of {FIRST_YEAR} to {LAST_YEAR}")]


def day_of(text: str) -> date | None:
    """Returns a date written as YYYY-MM-DD within the calendars; None where it is none."""
    if not DATE.fullmatch(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
