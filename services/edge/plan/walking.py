"""Less walking, few steps, wheelchairs: in a form, in JSON, on the page."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge.whole import read_whole

STRETCH, DAY = "15", "60"  # minutes that a form proposes for less walking
BOUNDS = {"stretch_minutes": (10, 90), "day_minutes": (10, 600)}
FIELDS = {"walk_stretch": "stretch_minutes", "walk_day": "day_minutes"}
EASES = ("any", "gentle", "wheelchair")
LEAST_MINUTES = 10  # of a limit
WORTH_LESS_MINUTES = 30  # on foot in a day, below which nobody gives up a sight to walk less
STEP_MINUTES = 5

Entries = Mapping[str, str]
Errors = dict[str, str]

_WHEELCHAIR: Mapping[int, Any] = {
    pb.WHEELCHAIR_YES: _l("Passable in a wheelchair"),
    pb.WHEELCHAIR_PARTLY: _l("In a wheelchair only in part or with a helper"),
    pb.WHEELCHAIR_NO: _l("Not possible in a wheelchair"),
}
_STEPS: Mapping[int, Any] = {
    pb.STEPS_NONE: _l("No steps"),
    pb.STEPS_SOME: _l("A few steps"),
    pb.STEPS_MANY: _l("Many steps"),
}
_SLOPE: Mapping[int, Any] = {
    pb.SLOPE_LEVEL: _l("Level"),
    pb.SLOPE_GENTLE: _l("Gentle slopes"),
    pb.SLOPE_STEEP: _l("Steep paths"),
}


def entries_of(trip: pb.TripRequest) -> list[tuple[str, str]]:
    """Returns the entries of a form for what a trip wants of walks and paths."""
    wish = trip.walking
    limited = any(wish.HasField(field) for field in FIELDS.values())  # type: ignore[arg-type] # a field
    found = [("less_walking", "yes")] if limited else []
    for name, proposed in (("walk_stretch", STRETCH), ("walk_day", DAY)):
        minutes = getattr(wish, FIELDS[name])
        found.append((name, str(minutes or "") if limited else proposed))
    return [*found, ("ease", EASES[trip.ease])]


def body_of(form: Entries, errors: Errors) -> dict[str, Any]:
    """Returns the entries of a submitted form as JSON has them."""
    walking: dict[str, Any] = {}
    if form.get("less_walking") == "yes":
        for name, field in FIELDS.items():
            text = form.get(name, "").strip()
            walking[field] = read_whole(text) if text else None
            if text and walking[field] is None:
                errors[name] = _("Enter a whole number.")
    return {"walking": walking or None, "ease": form.get("ease") or "any"}


def read(body: Mapping[str, Any], trip: pb.TripRequest, errors: Errors) -> None:
    """Reads `walking` and `ease` of a JSON body into a trip."""
    ease = body.get("ease", "any")
    if ease in EASES:
        trip.ease = EASES.index(ease)  # type: ignore[assignment] # numbered in this order
    else:
        errors["ease"] = _("Choose one of the possibilities.")
    given = body.get("walking")
    if given is None:
        return
    if not isinstance(given, Mapping) or not set(given) <= set(BOUNDS):
        errors["walking"] = _("Enter a whole number.")
        return
    for field, minutes in given.items():
        least, most = BOUNDS[field]
        if minutes is None:
            continue
        if isinstance(minutes, int) and not isinstance(minutes, bool) and least <= minutes <= most:
            setattr(trip.walking, field, minutes)
        else:
            errors["walking"] = _(
                "At a stretch 10 to 90 minutes on foot, in the whole day 10 to 600."
            )


def as_json(trip: pb.TripRequest) -> dict[str, Any]:
    """Returns what a trip wants of walks and paths as JSON has it."""
    wish = trip.walking
    return {
        "walking": {
            field: getattr(wish, field) if wish.HasField(field) else None  # type: ignore[arg-type] # a field
            for field in BOUNDS
        },
        "ease": EASES[trip.ease],
    }


def less(itinerary: pb.Itinerary, trip: pb.TripRequest) -> None:
    """Wishes for two thirds of what the day walks now."""
    minutes = itinerary.total_walk_minutes * 2 // 3
    trip.walking.day_minutes = max(LEAST_MINUTES, minutes - minutes % STEP_MINUTES)


def any_way(_itinerary: pb.Itinerary, trip: pb.TripRequest) -> None:
    """Wishes for no limit of walking."""
    trip.ClearField("walking")


def can_be_less(itinerary: pb.Itinerary) -> bool:
    """Tells whether a day walks enough to walk less."""
    return itinerary.total_walk_minutes > WORTH_LESS_MINUTES


def is_limited(itinerary: pb.Itinerary) -> bool:
    """Tells whether a day has a limit of walking."""
    return itinerary.trip.HasField("walking")


def paths_of(paths: pb.Paths, *, asked: bool) -> list[str]:
    """Returns what is known of paths in words. asked: also that nothing is, where it is so."""
    found = list(_known(paths))
    if asked and not found:
        return [str(_("Nobody has recorded steps and slopes here. Ask before you go."))]
    return found


def _known(paths: pb.Paths) -> Iterator[str]:
    for words, number in (
        (_WHEELCHAIR, paths.wheelchair), (_STEPS, paths.steps), (_SLOPE, paths.slope),
    ):  # fmt: skip
        if number in words:
            yield str(words[number])


def paths_json(paths: pb.Paths) -> dict[str, str]:
    """Returns what is known of paths as JSON has it."""
    named = {
        "wheelchair": pb.Wheelchair.Name(paths.wheelchair),
        "steps": pb.Steps.Name(paths.steps),
        "slope": pb.Slope.Name(paths.slope),
    }
    return {
        name: word.removeprefix(f"{name.upper()}_").lower().replace("unspecified", "unknown")
        for name, word in named.items()
    }
