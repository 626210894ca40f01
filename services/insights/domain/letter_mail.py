"""Whom letters are mailed to, and when a mail that did not go is tried again."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from kit.pure.errors import InvalidFields
from services.insights.domain.letter import LetterKind

MOST_RECIPIENTS = 20
MOST_ADDRESS, MOST_PAGE = 254, 200
MOST_ATTEMPTS = 8  # within about two days
LANGUAGES = ("ja", "en")
# Characters of RFC 5322's dot-atom, and host names: nothing that could end a line or hold a second
# address.
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]",
    re.ASCII,
)
_PAGE = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+/insights/letter", re.ASCII)


class MailState(StrEnum):
    """What became of a mail. SENDING: it may have gone; it is looked at again later."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True)
class MailSettings:
    """Whom letters go to. page_url: of the letters, as recipients open them."""

    on: bool = False
    recipients: tuple[str, ...] = ()
    kinds: tuple[LetterKind, ...] = (LetterKind.MONTH,)
    language: str = "ja"
    page_url: str = ""


def is_address(text: str) -> bool:
    """Tells whether a text is one mail address and nothing else."""
    local = text.rpartition("@")[0]
    return len(text) <= MOST_ADDRESS and len(local) <= 64 and bool(_ADDRESS.fullmatch(text))


def checked(given: MailSettings) -> MailSettings:
    """Returns settings with each address once. Errors: InvalidFields naming all wrong fields."""
    once = dict.fromkeys(text.strip() for text in given.recipients if text.strip())
    settings = replace(given, recipients=tuple(once), kinds=tuple(dict.fromkeys(given.kinds)))
    wrong = list(_wrong(settings))
    if wrong:
        raise InvalidFields(wrong)
    return settings


def _wrong(settings: MailSettings) -> Iterator[tuple[str, str]]:
    if len(settings.recipients) > MOST_RECIPIENTS:
        yield "recipients", f"at most {MOST_RECIPIENTS} addresses"
    if not all(map(is_address, settings.recipients)):
        yield "recipients", "give addresses such as mori@city.example.jp"
    if settings.on and not settings.recipients:
        yield "recipients", "give an address, or switch mail off"
    if settings.on and not settings.kinds:
        yield "kinds", "choose which letters, or switch mail off"
    if settings.language not in LANGUAGES:
        yield "language", "give ja or en"
    if not _PAGE.fullmatch(settings.page_url) or len(settings.page_url) > MOST_PAGE:
        yield "page_url", "give the address of the page of letters"


def pause_after(attempts: int) -> timedelta | None:
    """Returns how long to wait after so many attempts, None once it is given up: 1, 4, 16 minutes,
    1, 4, 16 hours, a day."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return min(timedelta(minutes=4 ** max(0, attempts - 1)), timedelta(days=1))
