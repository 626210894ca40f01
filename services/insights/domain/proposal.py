"""What a letter proposes: an action, why, from which figures, and what is to be expected of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.insights.domain.fact import Dimension, Kind


class Action(StrEnum):
    """What the office may do."""

    ADD_LANGUAGE = "add_language"
    IMPROVE_TEXT = "improve_text"
    SIGN_AT_STOP = "sign_at_stop"
    SHOW_SPOT = "show_spot"
    LONGER_HOURS = "longer_hours"
    MOVE_BUS = "move_bus"
    OPEN_EARLIER = "open_earlier"
    STAFF_TILL = "staff_till"
    OFFER_BRAND = "offer_brand"


class Basis(StrEnum):
    """Where an expected effect is from. OTHERS: what the middle half of the others gets more.
    AT_MOST: all that is lost now, from its weakest week to its strongest; more cannot be won."""

    OTHERS = "others"
    AT_MOST = "at_most"


@dataclass(frozen=True)
class Expected:
    """An effect a day that past days of this area make thinkable; never a promise."""

    low: float
    high: float
    basis: Basis


@dataclass(frozen=True)
class SeriesKey:
    """The daily figure that an action is judged by. values: added up; none for the whole kind.
    persons: people are counted, not facts. fewer: it is to fall."""

    kind: Kind
    dimension: Dimension = Dimension.TOTAL
    values: tuple[str, ...] = ("",)
    persons: bool = False
    fewer: bool = False


@dataclass(frozen=True)
class Proposal:
    """An action that figures speak for.

    subject: a stop code, POI, language or tender, "" where the action has none. detail: the
    language of a text; the hour, 0 to 23, that people crowd in. count of total: what speaks for it,
    and among how many; figures of people are rounded down to tens. typical: what others get.
    days: that the figures are of. steady: the days before said the same. liking, reasons: of a
    text, in words. expected, series: None where nobody can know.
    """

    action: Action
    subject: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""
    count: int = 0
    total: int = 0
    typical: int = 0
    days: int = 0
    steady: bool = False
    liking: int = 0
    reasons: tuple[str, ...] = ()
    expected: Expected | None = None
    series: SeriesKey | None = None
    strength: float = 1.0

    @property
    def key(self) -> str:
        """What makes two proposals the same, in whatever letter."""
        return "/".join((self.action, self.subject, self.detail)).rstrip("/")
