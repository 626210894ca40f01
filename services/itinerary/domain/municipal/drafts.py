"""From a sight of a municipal list to a POI that a person still has to look at."""

import hashlib
import re
from collections.abc import Iterable

from services.itinerary.domain.municipal.kinds import INTERESTS, STAYS, category_of
from services.itinerary.domain.municipal.sights import Sight
from services.itinerary.domain.poi import MAX_TEXT, Category, Fees, Poi, PoiStatus, PoiTexts

SCORE = 30  # ours, until somebody says what a sight is worth
ASSUMED = frozenset({"YEAR_END_ASSUMED"})  # no reason to ask before going
NO_POINT = frozenset({"POINT_MISSING", "POINT_UNUSABLE", "OLD_DATUM"})
OTHERWISE = Category.PARK  # of a sight whose name tells nothing; marked as estimated
CATEGORY_UNKNOWN = "CATEGORY_UNKNOWN"
MOST_ID = 60
SAID = ("name", "address", "first_date")  # what makes an id beside its English name


def ids_of(sights: Iterable[Sight]) -> dict[int, str]:
    """Returns an id for each row by its number: the same for the same sight whenever its file, or a
    newer one, comes again. Its English name where that is one of its own in the file."""
    made: dict[int, str] = {}
    taken: set[str] = set()
    for sight in sights:
        words = re.findall("[a-z0-9]+", sight.cells.get("name_en", "").lower())
        name = "-".join(words)[:MOST_ID].strip("-")
        if not name or name in taken:
            begins = f"{name or 'sight'}-"
            name = begins + _mark_of(sight, SAID)
            if name in taken:  # rows alike but for where they are; wholly alike ones are refused
                name = begins + _mark_of(sight, (*SAID, "latitude", "longitude"))
        made[sight.number] = name
        taken.add(name)
    return made


def _mark_of(sight: Sight, cells: Iterable[str]) -> str:
    said = [sight.cells.get(each, "") for each in cells]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:10]


def draft_of(sight: Sight, poi_id: str, source: str, *, is_occasion: bool) -> Poi:
    """Returns what is known of a sight; what its file does not say is estimated, and marked so.

    source: what to say of where it comes from.
    """
    category = category_of(sight.name, is_occasion=is_occasion)
    kind = category or OTHERWISE
    stay = STAYS[kind]
    doubts = {doubt.reason for doubt in sight.doubts}
    estimated = ["category", "stay", "score", *(["opening"] if doubts & ASSUMED else [])]
    in_doubt = doubts - ASSUMED - NO_POINT or category is None
    status = PoiStatus.CHECK_BEFORE_USE if in_doubt else PoiStatus.OPEN
    interest = INTERESTS.get(kind) if category else None
    return Poi(
        poi_id=poi_id, place_id=poi_id, category=kind,
        interests=(interest,) if interest else (),
        status=PoiStatus.ANNUAL if is_occasion else status,
        opening=sight.hours.opening, last_entry=sight.hours.last_entry,
        stay_min_minutes=stay[0], stay_max_minutes=stay[1], score=SCORE, hidden_spot=False,
        group="",
        fees=Fees(sight.fees.adult_yen, sight.fees.junior_high_yen, sight.fees.child_yen),
        texts=_texts(sight), phone=sight.cells.get("phone", "")[:MAX_TEXT],
        estimated_fields=tuple(estimated), source=source[:MAX_TEXT],
    )  # fmt: skip


def doubts_of(sight: Sight, *, is_occasion: bool) -> list[tuple[str, str]]:
    """Returns what a person has to look at: reasons, and the words of the file they are about."""
    found = [(doubt.reason, doubt.text) for doubt in sight.doubts]
    if category_of(sight.name, is_occasion=is_occasion) is None:
        found.append((CATEGORY_UNKNOWN, ""))
    return found


def _texts(sight: Sight) -> PoiTexts:
    def said(name: str, locale: str = "ja") -> dict[str, str]:
        text = sight.texts.get(f"{name}_{locale}", "")
        return {locale: text} if text else {}

    return PoiTexts(
        summary=said("summary") | said("summary", "en"), fee_note=said("fee_note"),
        access_note=said("access"), closed_note=said("closed"),
    )  # fmt: skip
