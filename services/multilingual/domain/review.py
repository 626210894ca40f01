"""Who reads a text before visitors see it: policies, submissions, links to one text.

A link's secret is not stored: it is the link's id and 128 bits of HMAC over area and id, so that no
other secret can be made from one that is known.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from uuid import UUID

from kit.pure.errors import InvalidFields, NotFound, Refusal
from services.multilingual.domain.narration import Reading, holds_forbidden, tidy_words

LINK_LIFE = timedelta(days=7)
MOST_LINKS = 20  # of a submission
MOST_TEXTS = 500  # of a request, as many as an area has stops
MAX_REASON_CHARS = 500
SECRET_LENGTH = 43  # characters of 32 bytes in base64 without padding
OUTSIDE = "link:"  # a decider or publisher without a login: this and the id of a link


class Policy(IntEnum):
    """What a language asks for before a text is published; the numbers are the contract's."""

    OPEN = 1
    SECOND_READER = 2
    OUTSIDE_READER = 3
    REASON = 4


class Phase(IntEnum):
    """How far a submission is; the numbers are the contract's."""

    WAITING = 1
    APPROVED = 2
    GIVEN_BACK = 3
    OVERTAKEN = 4


class SecondReaderNeeded(Refusal):
    """The language asks for a second reader. Hand the text in, or say why nobody else reads it."""


class OwnText(Refusal):
    """Nobody approves what he wrote or handed in. Ask a colleague."""


class SubmissionUnknown(NotFound):
    """Nothing was handed in under this id."""


class SubmissionOver(Refusal):
    """It was decided already, or the text was saved or published anew."""


class AlreadyHandedIn(Refusal):
    """This revision waits for a reader already."""


class NothingToReview(Refusal):
    """Visitors see this revision already."""


class OutsideReaderOff(Refusal):
    """The language does not allow outside readers. An admin can change that."""


class TooManyLinks(Refusal):
    """There are links enough to this text. Use one of them."""


class LinkUnknown(NotFound):
    """There is no such link."""


class LinkOver(Refusal):
    """The link opens nothing any longer: it has expired, was taken back, or was used."""


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A revision that was handed in. author: who wrote it. decider: "" for nobody yet."""

    submission_id: str
    stop_code: str
    locale: str
    revision: int
    submitter: str
    author: str
    note: str
    create_time: datetime
    phase: Phase = Phase.WAITING
    decider: str = ""
    reason: str = ""
    decide_time: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Link:
    """A way to one submission without a login."""

    link_id: str
    submission_id: str
    author: str
    create_time: datetime
    expire_time: datetime
    revoke_time: datetime | None = None


def reading_of(
    policy: Policy, *, author: str, publisher: str, reviews: bool, reason: str
) -> Reading:
    """Returns how a text counts as read when somebody publishes it at the desk.

    reviews: the publisher is a reviewer and has read the text. Errors: SecondReaderNeeded.
    """
    if policy is not Policy.OPEN and may_decide(author, author, publisher, reviews=reviews):
        return Reading.SECOND_READER
    if reason:
        return Reading.ALONE
    if policy is Policy.OPEN:
        return Reading.NOT_ASKED
    raise SecondReaderNeeded("Hand this text in, or say why nobody else reads it.")


def may_decide(author: str, submitter: str, reader: str, *, reviews: bool) -> bool:
    """Tells whether somebody is a second reader of a text."""
    return reviews and reader not in (author, submitter)


def check_decision(submission: Submission, reader: str, latest_revision: int) -> None:
    """Errors: OwnText; SubmissionOver for what no longer waits."""
    if not may_decide(submission.author, submission.submitter, reader, reviews=True):
        raise OwnText("You wrote this or handed it in. Ask a colleague to read it.")
    check_waiting(submission, latest_revision)


def check_waiting(submission: Submission, latest_revision: int) -> None:
    """Errors: SubmissionOver."""
    if phase_of(submission, latest_revision) is not Phase.WAITING:
        raise SubmissionOver("Nobody waits for this any longer. Open the text again.")


def phase_of(submission: Submission, latest_revision: int) -> Phase:
    """Returns how far a submission is: one whose text was saved anew is overtaken."""
    if submission.phase is Phase.WAITING and submission.revision != latest_revision:
        return Phase.OVERTAKEN
    return submission.phase


def is_open(
    link: Link, submission: Submission, policy: Policy, latest_revision: int, now: datetime
) -> bool:
    """Tells whether a link still opens its text."""
    return (
        link.submission_id == submission.submission_id
        and link.revoke_time is None
        and link.create_time <= now < link.expire_time
        and policy is Policy.OUTSIDE_READER
        and phase_of(submission, latest_revision) is Phase.WAITING
    )


def tidy_reason(words: str, *, needed: bool = False, name: str = "reason") -> str:
    """Returns a reason or note as it is kept. Errors: InvalidFields."""
    kept = tidy_words(words)
    if len(kept) > MAX_REASON_CHARS or (needed and not kept):
        raise InvalidFields([(name, f"{int(needed)} to {MAX_REASON_CHARS} characters")])
    if holds_forbidden(kept):
        raise InvalidFields([(name, "control and direction marks cannot be kept")])
    return kept


def secret_of(key: bytes, area: str, link_id: str) -> str:
    """Returns the secret of a link: always the same one, 43 characters."""
    if len(key) < hashlib.sha256().digest_size:
        raise AssertionError("review links need a secret key")
    body = UUID(link_id).bytes
    mac = hmac.new(key, b"review link\0" + area.encode() + b"\0" + body, hashlib.sha256).digest()
    return urlsafe_b64encode(body + mac[:16]).decode().rstrip("=")


def read_secret(key: bytes, area: str, secret: str) -> str:
    """Returns the link's id. Errors: LinkUnknown for a secret that was not made here."""
    unknown = LinkUnknown("There is no such link.")
    if len(secret) != SECRET_LENGTH or not secret.isascii():
        raise unknown
    try:
        body = urlsafe_b64decode(secret + "=")
    except ValueError as error:
        raise unknown from error
    link_id = str(UUID(bytes=body[:16].ljust(16, b"\0")))
    # Made anew and compared as text: one link has one spelling.
    if not hmac.compare_digest(secret_of(key, area, link_id), secret):
        raise unknown
    return link_id
