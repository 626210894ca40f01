"""What a point of interest is, and which records of it are usable."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from services.itinerary.domain.calendar import OpeningError, OpeningHours
from services.itinerary.domain.paths import NOTHING_KNOWN, Paths

POI_ID = re.compile(r"[a-z0-9][a-z0-9/_-]{0,79}")
LAST_ENTRY = re.compile(r"([0-9]{1,2}):([0-5][0-9])|-([0-9]{1,3})min")
MAX_STAY_MINUTES = 1440
MAX_FEE_YEN = 1_000_000
MAX_SCORE = 100
MAX_TEXT = 600
LONG_VISIT_MINUTES = 480
LOWEST_M, HIGHEST_M = -100, 4_000  # above the sea; a typing error is caught, no mountain of Japan


class Category(StrEnum):
    """What kind of thing a POI is; the values of the contract in lower case."""

    CAVE = "cave"
    VIEWPOINT = "viewpoint"
    NATURE = "nature"
    PARK = "park"
    MUSEUM = "museum"
    VISITOR_CENTER = "visitor_center"
    HERITAGE = "heritage"
    ZOO = "zoo"
    HOT_SPRING = "hot_spring"
    ACTIVITY = "activity"
    SCENIC_DRIVE = "scenic_drive"
    HIKE = "hike"
    SHOPPING = "shopping"
    FOOD = "food"
    ROADSIDE_STATION = "roadside_station"
    CULTURE = "culture"
    LODGING = "lodging"
    TRANSPORT = "transport"
    PARKING = "parking"
    OCCASION = "occasion"


# Somewhere to sleep, park or change: a start or an end, never a visit by itself.
NOT_A_VISIT = frozenset({Category.LODGING, Category.TRANSPORT, Category.PARKING})


class Interest(StrEnum):
    """What a party likes."""

    CAVE = "cave"
    NATURE = "nature"
    VIEW = "view"
    HISTORY = "history"
    SCIENCE = "science"
    FOOD = "food"
    BATH = "bath"
    ANIMALS = "animals"
    SHOPPING = "shopping"
    ACTIVITY = "activity"
    ART = "art"


class PoiStatus(StrEnum):
    """How sure the data of a POI is and what it asks of a visitor."""

    OPEN = "open"
    CHECK_BEFORE_USE = "check_before_use"
    RESERVATION_ONLY = "reservation_only"
    SEASONAL = "seasonal"
    ANNUAL = "annual"


@dataclass(frozen=True)
class Fees:
    """Admission of one person in yen; None is not known, 0 is free."""

    adult_yen: int | None = None
    junior_high_yen: int | None = None
    child_yen: int | None = None


Texts = Mapping[str, str]  # by locale


@dataclass(frozen=True)
class PoiTexts:
    """Short texts by locale."""

    summary: Texts = field(default_factory=dict)
    fee_note: Texts = field(default_factory=dict)
    access_note: Texts = field(default_factory=dict)
    payment_note: Texts = field(default_factory=dict)
    closed_note: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class Poi:
    """A point of interest as the staff records it. Names and coordinate belong to its place.

    last_entry: "16:30", "-45min" (before closing) or "". score: 0 to 100 before interests.
    group: at most one POI of a group is put into a day. cycle_rental: cycles can be rented there.
    elevation_m: above the sea, None where nobody has recorded it.
    """

    poi_id: str
    place_id: str
    category: Category
    interests: tuple[Interest, ...]
    status: PoiStatus
    opening: str
    last_entry: str
    stay_min_minutes: int
    stay_max_minutes: int
    score: int
    hidden_spot: bool
    group: str
    fees: Fees
    texts: PoiTexts
    phone: str
    estimated_fields: tuple[str, ...]
    source: str
    paths: Paths = NOTHING_KNOWN
    cycle_rental: bool = False
    elevation_m: int | None = None


@dataclass(frozen=True)
class Remark:
    """A remark about one row of a bulk load. row counts from 1."""

    row: int
    field: str
    reason: str
    text: str


@lru_cache(maxsize=4096)
def parse_opening(text: str) -> OpeningHours:
    """Reads opening hours once per text. Errors: OpeningError."""
    return OpeningHours.parse(text)


def check_poi(row: int, poi: Poi) -> tuple[list[Remark], list[Remark]]:
    """Returns what makes a record unusable, and what is merely odd about it."""
    errors = [Remark(row, name, reason, text) for name, reason, text in _errors(poi)]
    return errors, [] if errors else list(_warnings(row, poi))


def _errors(poi: Poi) -> list[tuple[str, str, str]]:
    found = []
    if not POI_ID.fullmatch(poi.poi_id):
        found.append(("poi_id", "BAD_ID", "use lower-case letters, digits, - _ / (at most 80)"))
    if poi.place_id != poi.poi_id and not POI_ID.fullmatch(poi.place_id):
        found.append(("place_id", "BAD_ID", "use lower-case letters, digits, - _ / (at most 80)"))
    found += _bad_numbers(poi)
    if poi.last_entry and not LAST_ENTRY.fullmatch(poi.last_entry):
        found.append(("last_entry", "BAD_LAST_ENTRY", 'write "16:30" or "-45min"'))
    try:
        if poi.opening:
            parse_opening(poi.opening)
    except OpeningError as error:
        found.append(("opening", "BAD_OPENING", str(error)[:200]))
    if any(len(text) > MAX_TEXT for text in _all_texts(poi)):
        found.append(("texts", "TEXT_TOO_LONG", f"at most {MAX_TEXT} characters each"))
    return found


def _bad_numbers(poi: Poi) -> list[tuple[str, str, str]]:
    found = []
    if not 0 < poi.stay_min_minutes <= poi.stay_max_minutes <= MAX_STAY_MINUTES:
        found.append(("stay_min_minutes", "BAD_STAY", "0 < shortest <= longest <= 1440 minutes"))
    if not 0 <= poi.score <= MAX_SCORE:
        found.append(("score", "BAD_SCORE", "0 to 100"))
    fees = (poi.fees.adult_yen, poi.fees.junior_high_yen, poi.fees.child_yen)
    if any(fee is not None and not 0 <= fee <= MAX_FEE_YEN for fee in fees):
        found.append(("fees", "BAD_FEE", "0 to 1,000,000 yen, or nothing when not known"))
    if poi.elevation_m is not None and not LOWEST_M <= poi.elevation_m <= HIGHEST_M:
        found.append(("elevation_m", "BAD_ELEVATION", "-100 to 4,000 meters, or nothing"))
    return found


def _all_texts(poi: Poi) -> list[str]:
    texts = poi.texts
    notes = (texts.summary, texts.fee_note, texts.access_note, texts.payment_note,
             texts.closed_note)  # fmt: skip
    return [poi.phone, poi.source, poi.group, *(text for note in notes for text in note.values())]


def _warnings(row: int, poi: Poi) -> list[Remark]:
    found = []
    visited = poi.category not in NOT_A_VISIT
    if visited and not poi.opening:
        found.append(Remark(row, "opening", "HOURS_UNKNOWN", "no time can be promised without"))
    if visited and poi.fees.adult_yen is None:
        found.append(Remark(row, "fees", "FEE_UNKNOWN", "plans say that the fee is not known"))
    if visited and poi.stay_max_minutes > LONG_VISIT_MINUTES:
        found.append(Remark(row, "stay_max_minutes", "LONG_STAY", "longer than most days"))
    if not poi.source:
        found.append(Remark(row, "source", "NO_SOURCE", "nobody can check it later"))
    return found
