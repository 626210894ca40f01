"""How the studio names states, topics and groups, and who did something."""

from datetime import UTC, datetime
from typing import Any

from babel import Locale, UnknownLocaleError
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from google.protobuf.timestamp_pb2 import Timestamp

from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from services.edge.parts import person

# contract → (name in addresses, look of the badge, label)
STATES: dict[int, tuple[str, str, Any]] = {
    pb.TRANSLATION_STATE_MISSING: ("missing", "missing", _l("Missing")),
    pb.TRANSLATION_STATE_MACHINE_DRAFT: ("draft", "draft", _l("Machine draft")),
    pb.TRANSLATION_STATE_OUTDATED: ("outdated", "outdated", _l("Outdated")),
    pb.TRANSLATION_STATE_REVIEWED: ("reviewed", "reviewed", _l("Reviewed")),
    pb.TRANSLATION_STATE_SOURCE: ("source", "plain", _l("Source text")),
}
UNREAD_SOURCE = _l("Source, not yet checked")
UNCHECKED = "unchecked"
WAITING = "waiting"
FILTERS: dict[str, Any] = {
    "missing": _l("Missing"),
    UNCHECKED: UNREAD_SOURCE,
    "draft": _l("Machine draft"),
    "outdated": _l("Outdated"),
    WAITING: _l("Draft waits to be published"),
    "reviewed": _l("Reviewed"),
}
TOPICS: dict[int, Any] = {
    pb.PARAGRAPH_TOPIC_FORMATION: _l("What is seen and how it came to be"),
    pb.PARAGRAPH_TOPIC_FOLK_TALE: _l("Tale or belief"),
    pb.PARAGRAPH_TOPIC_CLIMATE: _l("Air, water, temperature"),
    pb.PARAGRAPH_TOPIC_ANIMALS: _l("Animals and plants"),
    pb.PARAGRAPH_TOPIC_HISTORY: _l("Dates and people"),
    pb.PARAGRAPH_TOPIC_ACCESS: _l("Steps, exits, wheelchairs"),
    pb.PARAGRAPH_TOPIC_SIZE: _l("Size in one line"),
    pb.PARAGRAPH_TOPIC_DOUBT: _l("Sources differ"),
}
GROUPS: dict[int, Any] = {
    pb.STOP_GROUP_ROUTE: _l("On the tour"),
    pb.STOP_GROUP_ELSEWHERE: _l("Off the tour"),
    pb.STOP_GROUP_ANIMAL: _l("Animals"),
    pb.STOP_GROUP_HISTORY: _l("History and how it works"),
}
IMPORTER = "import"
OUTSIDE = "link:"  # and the id of the link
READINGS: dict[int, Any] = {
    pb.READING_SECOND_READER: _l("Read by a second person"),
    pb.READING_OUTSIDE_READER: _l("Read by a reader outside, by a link"),
}


def state_name(state: int, *, unread: bool = False) -> str:
    """Returns the name a state has in addresses and style classes. unread: as in label."""
    if state == pb.TRANSLATION_STATE_SOURCE and unread:
        return UNCHECKED
    return STATES[state][0]


def label(state: int, *, unread: bool = False) -> str:
    """Returns the words of a state. unread: nobody has read the text."""
    if state == pb.TRANSLATION_STATE_SOURCE and unread:
        return str(UNREAD_SOURCE)
    return str(STATES[state][2])


def look(state: int, *, unread: bool = False) -> str:
    """Returns the look of a state's badge."""
    if state == pb.TRANSLATION_STATE_SOURCE and unread:
        return "draft"
    return STATES[state][1]


def language(tag: str) -> str:
    """Returns a language's name in the language of the page: who works here need not read it."""
    try:
        named = Locale.parse(tag, sep="-").get_display_name(get_locale())
    except (ValueError, UnknownLocaleError):
        named = None  # an area may publish what no table knows
    return str(named or tag)


def who(author: str) -> str:
    """Returns who did something, without names: a login's id says nothing to a reader."""
    known = person()
    if author.startswith(OUTSIDE):
        return str(_("A reader outside"))
    if author == IMPORTER:
        return str(_("First load"))
    if known is not None and author == known.user_id:
        return str(_("You"))
    return str(_("A colleague"))


def reading(number: int, reason: str) -> str:
    """Returns how a text was read before visitors saw it; "" where nobody was asked."""
    if number == pb.READING_ALONE:
        return str(_("Published without a second reader: %(reason)s", reason=reason))
    return str(READINGS.get(number, ""))


def moment(stamp: Timestamp) -> datetime:
    """Returns a time as Flask-Babel's filters want it; they turn it to the area's time zone."""
    return stamp.ToDatetime(tzinfo=UTC)
