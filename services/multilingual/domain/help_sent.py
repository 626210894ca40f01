"""Help requests as strangers send them: what is taken of each, and how little."""

import re
import unicodedata
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.multilingual.domain import stop_code as codes
from services.multilingual.domain.help import HelpRequest, Standing, Topic, hash_of
from services.multilingual.domain.narration import holds_forbidden, tidy_words
from services.multilingual.domain.scan import known_locale

MAX_BATCH = 5
MAX_CHARS = 1_000
MAX_AGE = timedelta(days=30)  # as of what phones bring home otherwise
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_MAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,120}\.[^\s@.]{2,40}")
_PHONE = re.compile(r"\+?[0-9][0-9 ().-]{3,28}[0-9]")
_RECEIPT = re.compile(r"[0-9]{8}-[0-9A-HJKMNP-TV-Z]{8}")  # as payments prints it


@dataclass(frozen=True)
class Sent:
    """A request as a client reports it. write_time: None for now. typed_card: a text of it holds
    the number of a card, or is longer than any may be (the door looks, kit.texts)."""

    help_id: str
    secret: str
    topic: int
    text: str
    contact: str
    stop_code: str
    receipt_number: str
    locale: str
    write_time: datetime | None
    typed_card: bool = False


@dataclass(frozen=True)
class Rejected:
    """Why a request of a batch is not taken."""

    help_id: str
    reason: str


def judge(
    sent: Sent, stops: Container[str], standing: Standing, now: datetime, locales: Sequence[str]
) -> HelpRequest | Rejected:
    """Returns the request as kept, or why not. stops: codes of the area. standing: of a new one.

    A code or number that leads nowhere is left out: nobody is sent away for it.
    """
    try:
        help_id = str(UUID(sent.help_id))
    except ValueError:
        return Rejected("", "HELP_ID_INVALID")  # what was sent is a stranger's text
    text, contact = tidy_words(sent.text), tidy_words(sent.contact)
    write_time = min(sent.write_time or now, now)  # phones' clocks run ahead
    reason = (
        "CARD_NUMBER_TYPED" if sent.typed_card
        else "SECRET_INVALID" if _SECRET.fullmatch(sent.secret) is None
        else "TOPIC_INVALID" if sent.topic not in set(Topic)
        else "TEXT_INVALID" if not 1 <= len(text) <= MAX_CHARS or holds_forbidden(text)
        else "CONTACT_INVALID" if contact and not is_contact(contact)
        else "HELP_TOO_OLD" if now - write_time > MAX_AGE
        else ""
    )  # fmt: skip
    if reason:
        return Rejected(help_id, reason)
    return HelpRequest(
        help_id, hash_of(sent.secret), Topic(sent.topic), text, contact,
        _known_stop(sent.stop_code, stops), _receipt(sent.receipt_number),
        known_locale(sent.locale, locales), write_time, now, standing,
    )  # fmt: skip


def is_contact(text: str) -> bool:
    """Tells whether a text can be an e-mail address or a phone number."""
    return is_mail(text) or _PHONE.fullmatch(text) is not None


def is_mail(text: str) -> bool:
    """Tells whether a text can be an e-mail address. Nothing in it ends or begins a header."""
    return _MAIL.fullmatch(text) is not None


def code_of(typed: str) -> str:
    """Returns a stop code as kept, "" for what is none."""
    try:
        return codes.read(typed)
    except codes.StopCodeMistyped:
        return ""


def _known_stop(typed: str, stops: Container[str]) -> str:
    code = code_of(typed)
    return code if code in stops else ""


def _receipt(typed: str) -> str:
    tidy = unicodedata.normalize("NFKC", typed[:40]).strip().upper()
    return tidy if _RECEIPT.fullmatch(tidy) else ""
