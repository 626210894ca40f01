"""Help requests: what is taken of a visitor's words, and the steps the staff take with them."""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from kit.pure.errors import InvalidFields, NotFound, Refusal, VersionConflict
from kit.pure.midnight import next_midnight
from services.multilingual.domain.help_desk import Desk
from services.multilingual.domain.help_template import holds_placeholder
from services.multilingual.domain.narration import holds_forbidden, tidy_words

MAX_STEP_CHARS = 2_000
MAX_STEPS = 100
MAX_WAITING = 1_000  # in an area: more is a flood, not a question
ANSWERED_DAYS = 14  # then the clock closes what was answered
FORGOTTEN_DAYS = 90  # then the clock closes whatever is still open
CONTACT_DAYS = 2  # after closing, so that a closing by mistake can be undone
LINK_DAYS = 60  # after arrival, or after the last answer
MAX_DUE_DAYS = 90
CLOCK = "clock"


class HelpRequestUnknown(NotFound):
    """There is no such request, or it was erased. Open the list again."""


class HelpLinkUnknown(NotFound):
    """Nothing is to be read behind this link, or no longer."""


class HelpDeskFull(Refusal):
    """Too many requests wait already. Send this one later."""


class HelpStepRefused(Refusal):
    """This cannot be done with the request as it stands. Open it again."""


class PlaceholderLeft(Refusal):
    """The answer still holds a placeholder such as {stop}. Write what belongs there."""


class Topic(IntEnum):
    """What a request is about; the numbers are the contract's."""

    LOST_ITEM = 1
    PAYMENT = 2
    BROKEN = 3
    TEXT = 4
    OTHER = 5


class State(IntEnum):
    """How far a request is."""

    NEW = 1
    TAKEN = 2
    ANSWERED = 3
    CLOSED = 4


class Act(IntEnum):
    """What is done with a request."""

    TAKE = 1
    HAND_OVER = 2
    NOTE = 3
    SET_DUE = 4
    ANSWER = 5
    CLOSE = 6
    REOPEN = 7


@dataclass(frozen=True)
class Step:
    """What somebody did. author: a user, CLOCK where time alone did. owner: "" for all."""

    act: Act
    author: str
    step_time: datetime
    text: str = ""
    locale: str = ""
    machine_draft: bool = False
    owner: str = ""
    due_time: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """What of a request changes: how far it is, who has it, until when. version: from 1."""

    state: State
    owner: str
    due_time: datetime
    version: int
    answer_time: datetime | None = None
    close_time: datetime | None = None


@dataclass(frozen=True)
class HelpRequest:
    """A request as kept. contact: "" for none. arrive_time: when it came here; write_time: when it
    was written, by the phone's clock."""

    help_id: str
    secret_sha256: bytes
    topic: Topic
    text: str
    contact: str
    stop_code: str
    receipt_number: str
    locale: str
    write_time: datetime
    arrive_time: datetime
    standing: Standing

    def is_overdue(self, now: datetime) -> bool:
        """Tells whether it waits for an answer longer than it should."""
        waits = self.standing.state in (State.NEW, State.TAKEN)
        return waits and now >= self.standing.due_time

    def contact_at(self, now: datetime) -> str:
        """Returns how to reach the visitor, "" once that is no longer needed."""
        closed = self.standing.close_time
        return "" if closed and now >= closed + timedelta(days=CONTACT_DAYS) else self.contact

    def erase_time(self, desk: Desk) -> datetime | None:
        """Returns when it is erased, None while it is not closed."""
        closed = self.standing.close_time
        return closed + timedelta(days=desk.keep_days) if closed else None

    def is_gone(self, desk: Desk, now: datetime) -> bool:
        """Tells whether it is to be read no longer, also where nothing has erased it yet."""
        at = self.erase_time(desk)
        return at is not None and now >= at

    def link_expire_time(self) -> datetime:
        """Returns until when its link opens."""
        return (self.standing.answer_time or self.arrive_time) + timedelta(days=LINK_DAYS)


def new_standing(desk: Desk, zone: str, now: datetime) -> Standing:
    """Returns how a request stands that has just come."""
    return Standing(State.NEW, "", desk.due_time(now, zone), 1)


def hash_of(secret: str) -> bytes:
    """Returns what is kept of a secret. Guessing 32 random bytes is nothing a slow hash could make
    any harder."""
    return hashlib.sha256(b"help answer\0" + secret.encode()).digest()


def clock_closes_at(standing: Standing, arrive_time: datetime) -> datetime | None:
    """Returns when time alone closes a request, None for one that is closed."""
    if standing.state is State.CLOSED:
        return None
    if standing.state is State.ANSWERED and standing.answer_time:
        return standing.answer_time + timedelta(days=ANSWERED_DAYS)
    return arrive_time + timedelta(days=FORGOTTEN_DAYS)


def take_step(standing: Standing, version: int, step: Step) -> Standing:
    """Returns how a request stands after a step. version: the one its author saw. step: tidied.

    Errors: VersionConflict, HelpStepRefused.
    """
    if version != standing.version:
        raise VersionConflict("Somebody else did something with this request. Open it again.")
    if standing.version > MAX_STEPS:
        raise HelpStepRefused("This request has as many steps as one may have. Close it.")
    closed = standing.state is State.CLOSED
    if closed != (step.act is Act.REOPEN) and step.act is not Act.NOTE:
        raise HelpStepRefused("The request is closed already, or it is not closed.")
    if closed and step.act is Act.NOTE:
        raise HelpStepRefused("The request is closed. Undo that first.")
    return replace(_moved(standing, step), version=standing.version + 1)


def _moved(standing: Standing, step: Step) -> Standing:
    if step.act in (Act.TAKE, Act.HAND_OVER):
        owner = step.author if step.act is Act.TAKE else step.owner
        answered = standing.state is State.ANSWERED
        state = State.ANSWERED if answered else State.TAKEN if owner else State.NEW
        return replace(standing, owner=owner, state=state)
    if step.act is Act.SET_DUE and step.due_time:
        return replace(standing, due_time=step.due_time)
    if step.act is Act.ANSWER:
        return replace(
            standing, state=State.ANSWERED, owner=standing.owner or step.author,
            answer_time=step.step_time,
        )  # fmt: skip
    if step.act is Act.CLOSE:
        return replace(standing, state=State.CLOSED, close_time=step.step_time)
    if step.act is Act.REOPEN:
        before = (
            State.ANSWERED if standing.answer_time
            else State.TAKEN if standing.owner else State.NEW
        )  # fmt: skip
        return replace(standing, state=before, close_time=None)
    return standing


def tidy_step(step: Step) -> Step:
    """Returns a step with its words as they are kept. Errors: InvalidFields, PlaceholderLeft."""
    text = tidy_words(step.text)
    speaks = step.act in (Act.NOTE, Act.ANSWER)
    if len(text) > MAX_STEP_CHARS or (speaks and not text) or (text and not speaks):
        raise InvalidFields([("text", f"1 to {MAX_STEP_CHARS} characters, of notes and answers")])
    if holds_forbidden(text):
        raise InvalidFields([("text", "control and direction marks cannot be kept")])
    if step.act is Act.ANSWER and holds_placeholder(text):
        raise PlaceholderLeft("Write what belongs in place of each word in braces.")
    if step.act is Act.ANSWER and not step.locale:
        raise InvalidFields([("locale", "give the language of the answer")])
    return replace(step, text=text)


def due_of(text: str, zone: str, now: datetime) -> datetime:
    """Returns the end of a day of the area. text: YYYY-MM-DD, today to 90 days ahead. Errors:
    InvalidFields."""
    wrong = InvalidFields([("due_date", f"give a day, today or up to {MAX_DUE_DAYS} days ahead")])
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is None:
        raise wrong
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise wrong from None
    ahead = (day - now.astimezone(ZoneInfo(zone)).date()).days
    if not 0 <= ahead <= MAX_DUE_DAYS:
        raise wrong
    noon = datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC)
    return next_midnight(noon, zone)


def id_of(text: str) -> str:
    """Returns the id of a request as kept. Errors: HelpRequestUnknown."""
    try:
        return str(UUID(text))
    except ValueError:
        raise HelpRequestUnknown("There is no such request. Open the list again.") from None
