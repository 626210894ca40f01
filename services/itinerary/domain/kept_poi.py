"""A POI as it is kept: what the staff says of it, who confirmed which field, and what came from a
file.

A file that is loaded again is the third side of a merge: what the staff changed since stays, what
only the file changed is taken over (decision 0074).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from services.itinerary.domain.place import Closure
from services.itinerary.domain.poi import Poi, PoiTexts

RETIRED = "retired"  # the reason that plans are told, as one of a closure
MAX_SAID = 200
TEXT_KINDS = ("summary", "fee_note", "access_note", "payment_note", "closed_note")


class PoiState(StrEnum):
    """Whether visitors see a POI."""

    LISTED = "listed"
    DRAFT = "draft"
    RETIRED = "retired"


@dataclass(frozen=True)
class FieldConfirmation:
    """Somebody of the staff says that a field is right. field: one of FIELDS. confirmed_date:
    YYYY-MM-DD."""

    field: str
    confirmed_by: str
    confirmed_date: str


@dataclass(frozen=True)
class KeptPoi:
    """A POI with all that is kept beside it.

    file_poi: what a file said last, once the staff has changed something; None while all of it is
    the file's, or nothing ever was (from_file False). retire_note: why, in the staff's words.
    """

    poi: Poi
    version: int
    state: PoiState = PoiState.LISTED
    confirmations: tuple[FieldConfirmation, ...] = ()
    from_file: bool = True
    file_poi: Poi | None = None
    retire_note: str = ""
    retire_time: datetime | None = None
    change_time: datetime | None = None


@dataclass(frozen=True)
class PoiVersion:
    """A POI as it was. Newer ones first wherever there are several."""

    version: int
    poi: Poi
    state: PoiState
    change_time: datetime


# What can be confirmed, or stand among the estimated fields, and what it is made of.
FIELDS: Mapping[str, Callable[[Poi], Any]] = {
    "category": lambda poi: (poi.category, poi.interests),
    "status": lambda poi: poi.status,
    "opening": lambda poi: poi.opening,
    "last_entry": lambda poi: poi.last_entry,
    "stay": lambda poi: (poi.stay_min_minutes, poi.stay_max_minutes),
    "score": lambda poi: poi.score,
    "fees": lambda poi: poi.fees,
    "phone": lambda poi: poi.phone,
    "paths": lambda poi: poi.paths,
    "rental": lambda poi: poi.cycle_rental,
    "height": lambda poi: poi.elevation_m,
    "summary": lambda poi: poi.texts.summary,
    "access": lambda poi: poi.texts.access_note,
    "payment": lambda poi: poi.texts.payment_note,
    "closed": lambda poi: poi.texts.closed_note,
}
# What a merge decides one by one; texts and estimates are merged apart.
_PARTS: Mapping[str, tuple[str, ...]] = {
    "place_id": ("place_id",), "category": ("category",), "interests": ("interests",),
    "status": ("status",), "opening": ("opening",), "last_entry": ("last_entry",),
    "stay": ("stay_min_minutes", "stay_max_minutes"), "score": ("score",),
    "hidden_spot": ("hidden_spot",), "group": ("group",), "fees": ("fees",), "phone": ("phone",),
    "source": ("source",), "paths": ("paths",), "rental": ("cycle_rental",),
    "height": ("elevation_m",),
}  # fmt: skip


@dataclass
class Merged:
    """What becomes of a POI. kept: fields in which the file says something else than the staff."""

    poi: Poi
    kept: list[str] = field(default_factory=list)


def merged(base: Poi, mine: Poi, theirs: Poi) -> Merged:
    """Returns the staff's POI with what only the file changed. base: what the file said before."""
    found = Merged(mine)
    for name, parts in _PARTS.items():
        was, ours, new = (
            tuple(getattr(poi, part) for part in parts) for poi in (base, mine, theirs)
        )
        if ours == was:
            found.poi = replace(found.poi, **dict(zip(parts, new, strict=True)))
        elif new not in (was, ours):
            found.kept.append(name)
    texts = {
        kind: _texts(
            kind, getattr(base.texts, kind), getattr(mine.texts, kind),
            getattr(theirs.texts, kind), found.kept,
        )
        for kind in TEXT_KINDS
    }  # fmt: skip
    estimated = _estimates(base.estimated_fields, mine.estimated_fields, theirs.estimated_fields)
    found.poi = replace(found.poi, texts=PoiTexts(**texts), estimated_fields=estimated)
    return found


def _texts(
    kind: str, base: Mapping[str, str], mine: Mapping[str, str], theirs: Mapping[str, str],
    kept: list[str],
) -> dict[str, str]:  # fmt: skip
    texts: dict[str, str] = {}
    for locale in dict.fromkeys([*mine, *theirs]):
        was, ours, new = base.get(locale, ""), mine.get(locale, ""), theirs.get(locale, "")
        text = new if ours == was else ours
        if ours != was and new not in (was, ours):
            kept.append(f"{kind}.{locale}")
        if text:
            texts[locale] = text
    return texts


def _estimates(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> tuple[str, ...]:
    sure = {name for name in base if name not in mine}
    doubted = [name for name in mine if name not in base]
    return tuple(dict.fromkeys([*(name for name in theirs if name not in sure), *doubted]))


def confirmed(
    before: KeptPoi | None, poi: Poi, said: Sequence[FieldConfirmation]
) -> tuple[Poi, tuple[FieldConfirmation, ...]]:
    """Returns a POI whose confirmed fields are estimates no longer, and all that is confirmed of
    it. A confirmation of before holds while its field stays as it was and nobody doubts it."""
    new = {each.field: each for each in said}
    stays = {
        each.field: each
        for each in (before.confirmations if before else ())
        if before
        and each.field not in poi.estimated_fields
        and FIELDS[each.field](before.poi) == FIELDS[each.field](poi)
    }
    estimated = tuple(name for name in poi.estimated_fields if name not in new)
    holds = stays | new
    return (
        replace(poi, estimated_fields=estimated),
        tuple(holds[name] for name in FIELDS if name in holds),
    )


def check_confirmations(said: Sequence[FieldConfirmation], latest: date) -> list[tuple[str, str]]:
    """Returns what is wrong with confirmations: paths and sentences. latest: no day after it."""
    faults = []
    for index, each in enumerate(said):
        path = f"confirmations[{index}]"
        if each.field not in FIELDS:
            faults.append((f"{path}.field", "nothing of a POI has this name [UNKNOWN_FIELD]"))
        if not 0 < len(each.confirmed_by) <= MAX_SAID:
            faults.append((f"{path}.confirmed_by", "say who, in 1 to 200 characters [NO_NAME]"))
        try:
            day = date.fromisoformat(each.confirmed_date)
        except ValueError:
            day = None
        if day is None or day > latest or day.isoformat() != each.confirmed_date:
            faults.append((f"{path}.confirmed_date", "a day until today, YYYY-MM-DD [BAD_DATE]"))
    return faults


def retirement(kept: KeptPoi) -> Closure:
    """Returns the closure that a retired POI is for plans: of it alone, for good."""
    if kept.retire_time is None:
        raise ValueError("it is not retired")
    poi_id = kept.poi.poi_id
    return Closure(
        f"{RETIRED}/{poi_id}", frozenset(), RETIRED, kept.retire_time, None, frozenset({poi_id})
    )
