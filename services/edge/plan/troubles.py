"""Demands of a party that could not be met, in its words: what, why, and what to do about it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask_babel import gettext as _

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge.listed import listed
from services.edge.plan import cycles, words
from services.edge.plan.shown import Trouble

# Told of each must-visit by the service; the page says what they have in common once.
_OF_EACH = (pb.CONFLICT_KIND_MUST_VISIT_IMPOSSIBLE, pb.CONFLICT_KIND_ON_NO_DAY)
# What holds on every date: who is told to choose another one tries them all.
_ON_EVERY_DAY = {
    pb.WHY_OUT_HOURS_UNKNOWN, pb.WHY_OUT_NO_POINT, pb.WHY_OUT_TOO_FAR_ON_FOOT,
    pb.WHY_OUT_TOO_FAR_BY_CYCLE, pb.WHY_OUT_ESTIMATED_POINT_ON_FOOT,
}  # fmt: skip

NameOf = Callable[[str], str]


def of(itinerary: pb.Itinerary, name_of: NameOf, locale: str) -> list[Trouble]:
    """Returns the conflicts of a day. name_of: the name of a POI in the reader's language."""
    told: dict[object, list[pb.Conflict]] = {}
    for number, conflict in enumerate(itinerary.conflicts):
        alike = conflict.kind in _OF_EACH
        told.setdefault((conflict.kind, _then(conflict)) if alike else number, []).append(conflict)
    return [
        _of_each(found, name_of, locale)
        if found[0].kind in _OF_EACH
        else _trouble(itinerary, found[0], name_of, locale)
        for found in told.values()
    ]


def _quoted(poi_ids: Iterable[str], name_of: NameOf, locale: str) -> str:
    return listed((_("“%(name)s”", name=name_of(each)) for each in poi_ids), locale)


def _then(conflict: pb.Conflict) -> str:
    """Returns what to do about a must-visit that is impossible, where anything helps."""
    always = conflict.why_out in _ON_EVERY_DAY
    if conflict.kind == pb.CONFLICT_KIND_ON_NO_DAY:
        return _why(conflict) if always else str(_("Choose other dates."))
    if always:
        return ""  # why it is impossible says it all
    if conflict.why_out == pb.WHY_OUT_ANOTHER_DAY:
        return str(_("Leave it out on that day first."))
    return str(_("Choose another day or other times."))


def _of_each(conflicts: Sequence[pb.Conflict], name_of: NameOf, locale: str) -> Trouble:
    """Returns one sentence for must-visits that are impossible, with a reason for each, or one for
    all that have the same."""
    names = _quoted((poi_id for each in conflicts for poi_id in each.poi_ids), name_of, locale)
    then = _then(conflicts[0])
    if conflicts[0].kind == pb.CONFLICT_KIND_ON_NO_DAY:  # its reasons may differ by day
        what = _("{names} cannot be visited on any of your days.").replace("{names}", names)
        return Trouble(what, then)
    what = _("%(names)s cannot be visited on this day.", names=names)
    why_of: dict[str, list[str]] = {}
    for each in conflicts:
        why_of.setdefault(_why(each), []).extend(each.poi_ids)
    if len(why_of) > 1:
        told = ((_quoted(ids, name_of, locale), why) for why, ids in why_of.items())
        reasons = [str(_("%(names)s: %(why)s", names=one, why=why)) for one, why in told]
        return Trouble(what, then, reasons)
    [why] = why_of
    if why and len(conflicts) > 1:
        why = str(_("For each of them: %(why)s", why=why))
    return Trouble(what, f"{why} {then}".strip())


def _why(conflict: pb.Conflict) -> str:
    return words.why_out(conflict.why_out, conflict.missing_minutes, conflict.closure_reason)


def _trouble(
    itinerary: pb.Itinerary, conflict: pb.Conflict, name_of: NameOf, locale: str
) -> Trouble:
    names = _quoted(conflict.poi_ids, name_of, locale)
    if conflict.kind == pb.CONFLICT_KIND_BUDGET_TOO_SMALL and not conflict.poi_ids:
        yen = f"¥{conflict.missing_amount_yen:,}"
        missing, then = _("%(yen)s are missing.", yen=yen), _("Raise the budget.")
        return Trouble(_("The fares of the day go over your budget."), f"{missing} {then}")
    if by_cycle := cycles.trouble(itinerary, conflict, names):
        return by_cycle
    what, then = _TROUBLES[conflict.kind]()
    missing = ""
    if conflict.kind == pb.CONFLICT_KIND_TOO_MUCH_WALKING:
        missing = _("It is %(time)s too much.", time=words.duration(conflict.missing_minutes))
    elif conflict.missing_minutes:
        missing = _("%(time)s are missing.", time=words.duration(conflict.missing_minutes))
    elif conflict.missing_amount_yen:
        missing = _("%(yen)s are missing.", yen=f"¥{conflict.missing_amount_yen:,}")
    return Trouble(what.replace("{names}", names), f"{missing} {then}".strip())


_TROUBLES: dict[int, Any] = {
    pb.CONFLICT_KIND_START_AFTER_END: lambda: (
        _("The day ends before it starts."), _("Change the times.")),
    pb.CONFLICT_KIND_END_OUT_OF_REACH: lambda: (
        _("The end of your day cannot be reached in time."), _("Start earlier or end later.")),
    pb.CONFLICT_KIND_ESTIMATED_POINT_ON_FOOT: lambda: (
        _("We know the position of your start or end only roughly, so we draw no walk from it."),
        _("Choose a place with an exact position, or go by car.")),
    pb.CONFLICT_KIND_MUST_VISITS_CLASH: lambda: (
        _("{names} do not both fit into this day."), _("Drop one of them, or take a longer day.")),
    pb.CONFLICT_KIND_TOO_MANY_MUST_VISITS: lambda: (
        _("{names} do not all fit into this day."), _("Drop one of them, or take a longer day.")),
    pb.CONFLICT_KIND_BUDGET_TOO_SMALL: lambda: (
        _("The fees of {names} go over your budget."), _("Raise the budget or drop one of them.")),
    pb.CONFLICT_KIND_MUST_AND_NEVER: lambda: (
        _("{names} is both a must and to be left out. It was left out."), _("Choose one of both.")),
    pb.CONFLICT_KIND_NO_BUS: lambda: (
        _("No bus of that day takes you from your start to your end in time."),
        _("Start earlier, end later, choose another day, or go by car.")),
    pb.CONFLICT_KIND_NO_LUNCH: lambda: (
        _("No lunch fits between the times you gave, not even a break with something you bring."),
        _("Choose other times for lunch, or a day without one.")),
    pb.CONFLICT_KIND_TOO_MUCH_WALKING: lambda: (
        _("Even the day with the least walking makes you walk more than you want."),
        _("Allow more walking, or drop something that must be in.")),
    pb.CONFLICT_KIND_NO_POINT: lambda: (
        _("The position of your start or end is not recorded yet."), _("Choose another place.")),
}  # fmt: skip
