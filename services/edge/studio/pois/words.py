"""How the pages of POIs name categories, states and fields."""

from collections.abc import Iterable, Mapping
from typing import Any

from babel.dates import get_day_names
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from meguri.itinerary.v1 import itinerary_service_pb2 as base
from meguri.itinerary.v1 import poi_service_pb2 as pb
from services.edge.listed import listed
from services.edge.parts import locale
from services.edge.studio.pois import hours
from services.edge.studio.timetables.typed import one_name

CATEGORIES: dict[int, Any] = {
    base.POI_CATEGORY_CAVE: _l("Cave"), base.POI_CATEGORY_VIEWPOINT: _l("Viewpoint"),
    base.POI_CATEGORY_NATURE: _l("Nature"), base.POI_CATEGORY_PARK: _l("Park"),
    base.POI_CATEGORY_MUSEUM: _l("Museum"),
    base.POI_CATEGORY_VISITOR_CENTER: _l("Visitor center"),
    base.POI_CATEGORY_HERITAGE: _l("History"), base.POI_CATEGORY_ZOO: _l("Animal park"),
    base.POI_CATEGORY_HOT_SPRING: _l("Hot spring"),
    base.POI_CATEGORY_ACTIVITY: _l("Something to do"),
    base.POI_CATEGORY_SCENIC_DRIVE: _l("Scenic drive"), base.POI_CATEGORY_HIKE: _l("Hike"),
    base.POI_CATEGORY_SHOPPING: _l("Shops"), base.POI_CATEGORY_FOOD: _l("Food"),
    base.POI_CATEGORY_ROADSIDE_STATION: _l("Roadside station"),
    base.POI_CATEGORY_CULTURE: _l("Culture"), base.POI_CATEGORY_LODGING: _l("Place to stay"),
    base.POI_CATEGORY_TRANSPORT: _l("Bus center"), base.POI_CATEGORY_PARKING: _l("Car park"),
    base.POI_CATEGORY_OCCASION: _l("Festival"),
}  # fmt: skip
INTERESTS: dict[int, Any] = {
    base.INTEREST_CAVE: _l("Caves"), base.INTEREST_NATURE: _l("Nature"),
    base.INTEREST_VIEW: _l("Views"), base.INTEREST_HISTORY: _l("History"),
    base.INTEREST_SCIENCE: _l("Rocks and fossils"), base.INTEREST_FOOD: _l("Food"),
    base.INTEREST_BATH: _l("Hot springs"), base.INTEREST_ANIMALS: _l("Animals"),
    base.INTEREST_SHOPPING: _l("Shops and crafts"),
    base.INTEREST_ACTIVITY: _l("Walking and doing"), base.INTEREST_ART: _l("Art"),
}  # fmt: skip
# status → (label, what it does)
STATUSES: dict[int, tuple[Any, Any]] = {
    base.POI_STATUS_OPEN: (_l("Ordinary"), _l("Anybody can go there when it is open.")),
    base.POI_STATUS_CHECK_BEFORE_USE: (
        _l("Ask before going"), _l("Plans ask visitors to call first.")),
    base.POI_STATUS_RESERVATION_ONLY: (
        _l("Only with a reservation"), _l("In a plan only where a visitor asks for it.")),
    base.POI_STATUS_SEASONAL: (_l("Only in a season"), _l("The opening hours say when.")),
    base.POI_STATUS_ANNUAL: (_l("Once a year"), _l("The opening hours say on which dates.")),
}  # fmt: skip
# state → (look of its badge, label)
STATES: dict[int, tuple[str, Any]] = {
    pb.POI_STATE_LISTED: ("ok", _l("Visitors see it")),
    pb.POI_STATE_DRAFT: ("plain", _l("Draft")),
    pb.POI_STATE_RETIRED: ("bad", _l("Retired")),
}
FIELDS: dict[str, Any] = {
    "category": _l("What it is"), "status": _l("How one gets in"),
    "opening": _l("Opening hours"), "last_entry": _l("Last entry"),
    "closed": _l("Closed days in words"), "stay": _l("How long one stays"),
    "score": _l("What a visit is worth"), "fees": _l("Fees"), "payment": _l("How one can pay"),
    "summary": _l("What it is, in a sentence"), "access": _l("Steps, slopes, parking"),
    "phone": _l("Telephone"), "paths": _l("Wheelchairs, steps, slopes"),
    "rental": _l("Rental cycles"), "height": _l("Height above the sea"),
}  # fmt: skip
TEXTS: dict[str, tuple[str, Any]] = {
    "summary": ("summary", FIELDS["summary"]), "closed_note": ("closed", FIELDS["closed"]),
    "fee_note": ("fees", _l("What the fee includes")),
    "payment_note": ("payment", FIELDS["payment"]), "access_note": ("access", FIELDS["access"]),
}  # fmt: skip
# of the paths: (label, what each number of the contract means)
PATHS: dict[str, tuple[Any, dict[int, Any]]] = {
    "wheelchair": (_l("Wheelchair"), {
        base.WHEELCHAIR_UNSPECIFIED: _l("not known"), base.WHEELCHAIR_YES: _l("all of it"),
        base.WHEELCHAIR_PARTLY: _l("in part, or with a helper"),
        base.WHEELCHAIR_NO: _l("not possible"),
    }),
    "steps": (_l("Steps"), {
        base.STEPS_UNSPECIFIED: _l("not known"), base.STEPS_NONE: _l("no steps"),
        base.STEPS_SOME: _l("a few steps"), base.STEPS_MANY: _l("many steps"),
    }),
    "slope": (_l("Slopes"), {
        base.SLOPE_UNSPECIFIED: _l("not known"), base.SLOPE_LEVEL: _l("level"),
        base.SLOPE_GENTLE: _l("gently up or down"), base.SLOPE_STEEP: _l("steep"),
    }),
}  # fmt: skip
FEES: dict[str, Any] = {
    "adult": _l("Adult"),
    "junior_high": _l("Junior high school"),
    "child": _l("Primary school"),
}
KINDS: dict[str, Any] = {
    hours.OPEN: _l("open"),
    hours.CLOSED: _l("shut"),
    hours.NEXT_DAY: _l("shut; on a holiday the day after instead"),
    hours.NEXT_WORKDAY: _l("shut; on a holiday the next working day instead"),
}
NTHS: dict[str, Any] = {
    hours.EVERY: _l("every"), "1": _l("1st of the month"), "2": _l("2nd of the month"),
    "3": _l("3rd of the month"), "4": _l("4th of the month"), "5": _l("5th of the month"),
    "-1": _l("last of the month"),
}  # fmt: skip
# What is to be looked at, in the order of the list's filter.
FLAGS: dict[str, Any] = {
    "draft": _l("Drafts"), "estimated": _l("Something is estimated"),
    "no-hours": _l("Opening hours not known"), "no-point": _l("No map pin"),
    "outdated": _l("Asked long ago, or over"), "retired": _l("Retired"),
}  # fmt: skip
DONE: dict[str, Any] = {
    "saved": _l("Kept. Visitors and day plans have it from now on."),
    "draft": _l("Kept as a draft. Visitors do not see it."),
    "retired": _l("Retired. Visitors no longer see it; kept day plans say so and offer another."),
    "back": _l("It is back. Visitors see it again."),
    "named": _l("The names are kept."),
    "made": _l("It is made, as a draft. Fill in what you know, then show it to visitors."),
    "as-was": _l("Nothing was different, so nothing was changed."),
}  # fmt: skip


def day_name(day: str) -> str:
    """Returns the short name of a weekday in the language of the page; of holidays the word."""
    if day == hours.HOLIDAY:
        return str(_("Holidays"))
    return str(get_day_names("abbreviated", locale=get_locale())[hours.WEEKDAYS.index(day)])


def name_of(names: Mapping[str, str], otherwise: str) -> str:
    """Returns a name in the language of the page, else in Japanese, else what there is."""
    return one_name(dict(names), locale()) or otherwise


def estimated(names: Iterable[str]) -> str:
    """Returns which fields are estimated, in a few words."""
    told = [str(FIELDS[name]) for name in FIELDS if name in set(names)]
    return str(_("Estimated: %(what)s", what=listed(told, locale()))) if told else ""


def still_here() -> str:
    """Returns what to say of a form whose login had expired."""
    return str(_("You are signed in again. What you typed is still here; it is not kept yet."))


def told_lost(names: list[str]) -> str:
    """Returns what to say of fields that were confirmed before they were changed."""
    return str(
        ngettext(
            "%(names)s was changed and is no longer confirmed.",
            "%(names)s were changed and are no longer confirmed.", len(names),
            names=", ".join(str(FIELDS[name]) for name in names),
        )
    )  # fmt: skip
