"""Letters: which period each is about, what it holds, and what becomes of its proposals."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from kit.pure.errors import InvalidFields
from services.insights.domain.effect import Effect
from services.insights.domain.lines import is_line
from services.insights.domain.proposal import Proposal

DAY = timedelta(days=1)
WEEKS = timedelta(days=28)  # that a weekly letter looks at
AGAIN = timedelta(days=92)  # after which a declined or done proposal may come again
FIRST = date(2000, 1, 1)
MOST_NAME, MOST_REASON = 80, 200
PLANNED_AHEAD = timedelta(days=366)  # how far off an accepted action may lie


class LetterKind(StrEnum):
    """How much time a letter is about."""

    WEEK = "week"
    MONTH = "month"


class Few(StrEnum):
    """Why a letter proposes fewer than three actions."""

    NOT_FEW = ""
    TOO_FEW_DAYS = "too_few_days"
    NOTHING_CLEAR = "nothing_clear"


class Step(StrEnum):
    """What somebody decided about a proposal."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    DONE = "done"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True)
class Period:
    """The dates a letter is about, those its rules look at, and those they compare with."""

    first: date
    last: date
    seen_first: date
    before: date


@dataclass(frozen=True)
class Decision:
    """What somebody decided. on_date: of DONE when it was done, of ACCEPTED by when it is to be,
    None otherwise. said_time: ISO 8601, UTC. version: counts the decisions of a proposal."""

    step: Step
    owner: str = ""
    on_date: date | None = None
    reason: str = ""
    signed_as: str = ""
    said_time: str = ""
    version: int = 0


@dataclass(frozen=True)
class Earlier:
    """An action of an earlier letter that was done, with what can be said of its effect."""

    number: int
    proposal: Proposal
    owner: str
    done_date: str
    effect: Effect


@dataclass(frozen=True)
class Letter:
    """A letter as it is frozen. Dates are ISO 8601. waiting: accepted and not done yet."""

    number: int
    kind: LetterKind
    first_date: str
    last_date: str
    seen_first_date: str
    proposals: tuple[Proposal, ...] = ()
    few: Few = Few.NOT_FEW
    earlier: tuple[Earlier, ...] = ()
    waiting: int = 0
    demo: bool = False


@dataclass(frozen=True)
class Decided:
    """A proposal of a letter with all that was decided about it, the oldest first."""

    number: int
    proposal: Proposal
    decisions: tuple[Decision, ...] = field(default_factory=tuple)

    @property
    def standing(self) -> Decision | None:
        """What holds now; None where nothing was decided, or all was taken back."""
        newest = self.decisions[-1] if self.decisions else None
        return None if newest is None or newest.step is Step.TAKEN_BACK else newest

    @property
    def version(self) -> int:
        """How many decisions there are."""
        return self.decisions[-1].version if self.decisions else 0


def period_before(kind: LetterKind, today: date) -> Period:
    """Returns the newest whole month, or week from Monday to Sunday, that is over."""
    if kind is LetterKind.MONTH:
        last = today.replace(day=1) - DAY
        first = last.replace(day=1)
        return Period(first, last, first, (first - DAY).replace(day=1))
    last = today - DAY * (today.weekday() + 1)
    seen = last - WEEKS + DAY
    return Period(last - DAY * 6, last, seen, seen - WEEKS)


def period_after(kind: LetterKind, first_date: date) -> date:
    """Returns the date on which the first letter can be written of an area whose first event was on
    a date: once a period is over that has enough days."""
    on = first_date
    while True:
        on += DAY
        period = period_before(kind, on)
        if (on - period.last).days == 1 and period.last - first_date >= DAY * 13:
            return on


def blocked(decided: Iterable[Decided], today: date) -> frozenset[str]:
    """Returns the keys of proposals that are not made again: accepted, or declined or done within
    three months."""
    found = set()
    for one in decided:
        held = one.standing
        if held is None:
            continue
        since = held.on_date if held.step is Step.DONE else None
        since = since or date.fromisoformat(held.said_time[:10])
        if held.step is Step.ACCEPTED or today - since < AGAIN:
            found.add(one.proposal.key)
    return frozenset(found)


def check_decision(given: Decision, today: date) -> None:
    """Errors: InvalidFields naming all wrong fields."""
    wrong = list(_wrong(given, today))
    if wrong:
        raise InvalidFields(wrong)


def _wrong(given: Decision, today: date) -> Iterable[tuple[str, str]]:
    if not given.signed_as or not is_line(given.signed_as, MOST_NAME):
        yield "signed_as", "give the name of who decides"
    needs_owner = given.step in {Step.ACCEPTED, Step.DONE}
    if (needs_owner and not given.owner) or not is_line(given.owner, MOST_NAME):
        yield "owner", f"say who does it, in {MOST_NAME} characters"
    if (given.step is Step.DECLINED and not given.reason) or not is_line(given.reason, MOST_REASON):
        yield "reason", f"say why, in {MOST_REASON} characters"
    on = given.on_date
    if given.step is Step.DONE and (on is None or not FIRST <= on <= today):
        yield "on_date", "give the day on which it was done, today or before"
    if given.step is Step.ACCEPTED and on is not None and not (
        FIRST <= on <= today + PLANNED_AHEAD
    ):  # fmt: skip
        yield "on_date", "give a day within a year"
    if given.step in {Step.DECLINED, Step.TAKEN_BACK} and on is not None:
        yield "on_date", "leave the day out"


def few_of(found: Sequence[Proposal], days: int, least_days: int, most: int) -> Few:
    """Returns why a letter has fewer proposals than it may have."""
    if len(found) >= most:
        return Few.NOT_FEW
    return Few.TOO_FEW_DAYS if days < least_days else Few.NOTHING_CLEAR
