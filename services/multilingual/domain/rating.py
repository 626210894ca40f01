"""Ratings of narrations: three faces, given, changed and taken back by whoever gave them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from uuid import UUID

from services.multilingual.domain import stop_code as codes
from services.multilingual.domain.scan import cut_locale, known_locale

MAX_BATCH = 100
MAX_CHANGE = 100  # nobody makes up their mind more often; it bounds what one rating can say
MAX_AGE = timedelta(days=30)  # as of scans


class Face(IntEnum):
    """What is thought of a narration."""

    GOOD = 1
    FAIR = 2
    POOR = 3
    WITHDRAWN = 4


class Reason(IntEnum):
    """Why it was not good. Chosen and never written: free text would bring personal data."""

    HARD = 1
    LONG = 2
    LANGUAGE = 3
    MISMATCH = 4
    SOUND = 5


@dataclass(frozen=True)
class Rating:
    """A rating as a client reports it. rating_time: None for now."""

    rating_id: str
    stop_code: str
    locale: str
    face: int
    reasons: tuple[int, ...]
    change: int
    rating_time: datetime | None


@dataclass(frozen=True)
class Rated:
    """A rating as kept: nothing in it tells two phones apart."""

    rating_id: str
    stop_code: str
    place_id: str
    locale: str
    face: Face
    reasons: tuple[Reason, ...]
    change: int
    rating_time: datetime

    @property
    def holds(self) -> bool:
        """Whether it says anything of the narration."""
        return self.face is not Face.WITHDRAWN


@dataclass(frozen=True)
class Kept:
    """A rating with the number of events said of it so far."""

    rated: Rated
    version: int


@dataclass(frozen=True)
class Rejected:
    """Why an answer of a batch is not taken."""

    answer_id: str
    reason: str


@dataclass(frozen=True)
class Step:
    """What a change does: the rating that ends, the one that holds from now on, what is kept."""

    ended: Rated | None
    given: Rated | None
    kept: Kept


def judge(
    rating: Rating, places: Mapping[str, str], now: datetime, locales: Sequence[str] = ()
) -> Rated | Rejected:
    """Returns the rating as kept, or why not. places: stop code to place id of the area. locales:
    those of the area."""
    try:
        rating_id = str(UUID(rating.rating_id))
    except ValueError:
        return Rejected("", "RATING_ID_INVALID")  # what was sent is a stranger's text
    try:
        code = codes.read(rating.stop_code)
    except codes.StopCodeMistyped:
        return Rejected(rating_id, "STOP_CODE_MISTYPED")
    rating_time = min(rating.rating_time or now, now)  # phones' clocks run ahead
    reason = (
        "STOP_CODE_UNKNOWN" if code not in places
        else "LOCALE_INVALID" if not cut_locale(rating.locale)
        else _wrong_choice(rating)
        or ("RATING_TOO_OLD" if now - rating_time > MAX_AGE else "")
    )  # fmt: skip
    if reason:
        return Rejected(rating_id, reason)
    return Rated(
        rating_id,
        code,
        places[code],
        known_locale(rating.locale, locales),
        Face(rating.face),
        tuple(sorted({Reason(each) for each in rating.reasons})),
        rating.change,
        rating_time,
    )


def _wrong_choice(rating: Rating) -> str:
    if rating.face not in set(Face):
        return "FACE_INVALID"
    asked = rating.face in (Face.FAIR, Face.POOR)
    if not set(rating.reasons) <= (set(Reason) if asked else set()):
        return "REASON_INVALID"
    return "" if 1 <= rating.change <= MAX_CHANGE else "CHANGE_INVALID"


def newest(ratings: Iterable[Rated]) -> dict[str, Rated]:
    """Returns the last change of each rating of a batch, by id and in the order of ids: writers
    that take rows in one order cannot deadlock."""
    found: dict[str, Rated] = {}
    for each in ratings:
        known = found.get(each.rating_id)
        if known is None or known.change < each.change:
            found[each.rating_id] = each
    return dict(sorted(found.items()))


def step(known: Kept | None, rated: Rated) -> Step | Rejected | None:
    """Returns what a change does to the rating that is kept; None where it is known already.

    The order in which changes arrive does not matter: the highest one holds.
    """
    if known is None:
        return Step(None, rated if rated.holds else None, Kept(rated, int(rated.holds)))
    before = known.rated
    if (before.stop_code, before.locale) != (rated.stop_code, rated.locale):
        return Rejected(rated.rating_id, "RATING_ID_TAKEN")
    if rated.change <= before.change:
        return None
    ended = before if before.holds else None
    given = rated if rated.holds else None
    if ended and given and (ended.face, ended.reasons) == (given.face, given.reasons):
        ended = given = None  # only the number of the change is new
        rated = Rated(**{**vars(before), "change": rated.change})
    said = (ended is not None) + (given is not None)
    return Step(ended, given, Kept(rated, known.version + said))
