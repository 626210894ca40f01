"""Sentences for the refusals of planning."""

from flask_babel import lazy_gettext as _l

PROBLEMS = {
    "AREA_NOT_READY": _l("This area is still being loaded. Try again in a moment."),
    "DAYS_OVERLAP": _l("Another of your days has not ended then, or has begun already."),
    "NOT_UNDER_WAY": _l("This day is not under way: it is over, or another day."),
    "PLANNER_BUSY": _l("Many days are being planned just now. Try again in a moment."),
}
