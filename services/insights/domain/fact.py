"""A fact: one event as counted, with the date it belongs to."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.insights.domain.said import said_time

# Until directory's settings of an area are heard; facts are dated again when they say otherwise.
DEFAULT_TIME_ZONE = "Asia/Tokyo"


class Kind(StrEnum):
    """What happened, named as its event; RELEASED is a void that took nothing back."""

    SCAN = "scan_recorded"
    RATED = "rating_given"
    UNRATED = "rating_withdrawn"
    ANSWERED = "survey_answered"
    CAPTURED = "payment_captured"
    VOIDED = "payment_voided"
    REFUNDED = "payment_refunded"
    DECLINED = "payment_declined"
    EXPIRED = "payment_expired"
    UNKNOWN = "payment_became_unknown"
    RELEASED = "payment_released"
    ADMITTED = "ticket_admitted"
    PLANNED = "itinerary_planned"
    REPAIRED = "itinerary_repaired"
    CLOSED = "place_closed"
    REOPENED = "place_reopened"


class Dimension(StrEnum):
    """By what a day's count is split. TOTAL is the undivided count."""

    TOTAL = ""
    ASKED = "locale_asked"
    SERVED = "locale_served"
    MISSED = "locale_missed"
    STOP = "stop"
    OFFLINE = "offline"
    TENDER = "tender"
    SHOP = "shop"
    REASON = "reason"
    CHOSEN = "chosen"
    LEFT_OUT = "left_out"
    ORIGIN = "origin"
    SPLIT_SALE = "split_sale"  # of a payment that is a part of one
    ENDED = "ended"  # a refund that left nothing of a payment of its own date
    FACE = "face"  # stop/language/face
    COMPLAINT = "complaint"  # stop/language/reason
    ANSWER = "answer"  # question/option


# Dimensions that describe people; small cells of these are withheld.
ABOUT_PEOPLE = frozenset({
    Dimension.ASKED, Dimension.SERVED, Dimension.MISSED, Dimension.ORIGIN, Dimension.FACE,
    Dimension.COMPLAINT, Dimension.ANSWER,
})  # fmt: skip


class Slice(NamedTuple):
    """One value of one dimension a fact belongs to."""

    dimension: Dimension
    value: str


class Fact(NamedTuple):
    """One thing that happened.

    occur_time: aware, UTC. booked_date: the date its owner books it under, where the owner says
    one; it wins over the date of occur_time so that totals agree with the owner's.
    practice: no real money moved. count: how many alike it stands for. persons: people it was
    about, 0 where it does not say.
    """

    event_id: str
    service: str
    kind: Kind
    occur_time: datetime
    booked_date: date | None = None
    practice: bool = False
    count: int = 1  # type: ignore[assignment] # nobody asks a fact how often it holds a value
    amount_yen: int = 0
    persons: int = 0
    slices: tuple[Slice, ...] = ()

    @property
    def said_time(self) -> datetime:
        """When its event was put into the outbox."""
        return said_time(self.event_id, self.occur_time)


class DatedFact(NamedTuple):
    """A fact with the local date and hour it is counted under."""

    fact: Fact
    occur_date: date
    hour: int
    late: bool


def date_facts(facts: Iterable[Fact], zone: ZoneInfo, heard_time: datetime) -> list[DatedFact]:
    """Returns facts under their local dates and hours.

    late: insights heard of it after that date was over, so that it corrects a finished day.
    """
    today = heard_time.astimezone(zone).date()
    found = []
    for fact in facts:
        local = fact.occur_time.astimezone(zone)
        occur_date = fact.booked_date or local.date()
        found.append(DatedFact(fact, occur_date, local.hour, today > occur_date))
    return found
