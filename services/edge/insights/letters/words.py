"""What a letter says: each proposal in plain words, with its figures and how sure they are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_skeleton
from flask_babel import format_date, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from meguri.insights.v1 import letter_service_pb2 as pb
from services.edge.insights.feedback import LIKINGS, REASONS
from services.edge.insights.present import language_name, place_name
from services.edge.insights.words import tender_word
from services.edge.listed import listed
from services.edge.parts import locale

K = 10
NOON = 12  # an edge before it is the beginning of the opening, one after it the end

UNITS: Mapping[int, Any] = {
    pb.SERIES_UNIT_PAGES: _l("Pages of the guide"),
    pb.SERIES_UNIT_PLANS: _l("Plans of a day with this spot"),
    pb.SERIES_UNIT_WISHES: _l("Wishes that plans left out"),
    pb.SERIES_UNIT_PEOPLE: _l("People who went in"),
    pb.SERIES_UNIT_SALES: _l("Sales kept"),
    pb.SERIES_UNIT_DECLINED: _l("Payments declined"),
}
MISSED: Any = _l("Pages shown in another language than asked for")
STEPS: Mapping[int, tuple[str, Any]] = {
    pb.PROPOSAL_STEP_ACCEPTED: ("info", _l("Accepted")),
    pb.PROPOSAL_STEP_DECLINED: ("plain", _l("Declined")),
    pb.PROPOSAL_STEP_DONE: ("ok", _l("Done")),
    pb.PROPOSAL_STEP_TAKEN_BACK: ("plain", _l("Taken back")),
}


@dataclass(frozen=True)
class Said:
    """A proposal in words."""

    title: str
    why: str
    begin: str
    sure: str
    expected: str
    judged: str


def said(one: pb.Proposal) -> Said:
    """Returns a proposal in words; one of a later release is told by its name alone."""
    say = _ACTIONS.get(one.action)
    title, why, begin = say(one) if say else (one.proposal_key, "", "")
    return Said(title, why, begin, _sure(one), _expected(one), _judged(one))


Words = tuple[str, str, str]  # title, why, where to begin


def _add_language(one: pb.Proposal) -> Words:
    name = language_name(one.subject)
    return (
        str(_("Have texts in this language: %(language)s", language=name)),
        str(_("In %(days)s days, readers who wished for this language got another one on at least "
              "%(count)s of %(total)s pages.",
              days=one.day_count, count=many(one.count), total=many(one.total))),
        str(_("Begin with the stops that are read most: “What visitors asked for” at the texts "
              "of the guide lists them.")),
    )  # fmt: skip


def _improve_text(one: pb.Proposal) -> Words:
    reasons = listed([str(REASONS.get(each, each)) for each in one.reasons], locale())
    liked = str(LIKINGS.get(one.liking, ""))
    return (
        str(_("Write a text anew: %(stop)s (%(language)s)",
              stop=_name(one), language=language_name(one.detail))),
        str(_("How many of those who rated it like it: %(word)s. Reasons chosen most: %(reasons)s.",
              word=liked, reasons=reasons) if reasons
            else _("How many of those who rated it like it: %(word)s.", word=liked)),
        str(_("Read it aloud at the place itself. The text as it was is kept.")),
    )  # fmt: skip


def _sign_at_stop(one: pb.Proposal) -> Words:
    return (
        str(_("Put up a sign: %(stop)s", stop=_name(one))),
        str(_("In %(days)s days its page was opened this often: %(count)s. Half of the stops have "
              "%(typical)s or more.",
              days=one.day_count, count=many(one.count), typical=many(one.typical))),
        str(_("Look whether the sign is there and can be seen from the way, and print it anew. "
              "If the stop is quite new, decline this.")),
    )  # fmt: skip


def _show_spot(one: pb.Proposal) -> Words:
    return (
        str(_("Bring a spot to light: %(spot)s", spot=_name(one))),
        str(_("Of %(total)s plans in %(days)s days, so many hold it: %(count)s. Half of the spots "
              "that visitors plan are in %(typical)s or more.",
              total=many(one.total), days=one.day_count, count=few(one.count),
              typical=many(one.typical))),
        str(_("“Spots in plans” at the texts of the guide lets it count a little more for some "
              "weeks, with a reason that visitors read.")),
    )  # fmt: skip


def _longer_hours(one: pb.Proposal) -> Words:
    return (
        str(_("Open when visitors wish to come")),
        str(_("In %(days)s days, plans had to leave out %(total)s wishes; %(count)s of them "
              "because the place was closed on that day or at that hour.",
              days=one.day_count, total=many(one.total), count=many(one.count))),
        str(_("Look which spots these are, and ask those who keep them for one more day or hour.")),
    )  # fmt: skip


def _move_bus(one: pb.Proposal) -> Words:
    return (
        str(_("Talk about one bus time")),
        str(_("In %(days)s days, plans had to leave out %(total)s wishes; %(count)s of them "
              "because no bus went that would fit.",
              days=one.day_count, total=many(one.total), count=many(one.count))),
        str(_("Look which spots these are, and take the figures to the bus company.")),
    )  # fmt: skip


def _open_earlier(one: pb.Proposal) -> Words:
    hour = int(one.detail or 0)
    return (
        str(_("Open the gates earlier") if hour < NOON else _("Keep the gates open longer")),
        str(_("In %(days)s days, about %(count)s of %(total)s people went in between %(from)s and "
              "%(until)s o’clock, one of %(hours)s open hours: at least twice an even share.",
              **_hours(one, hour))),
        str(_("Try half an hour for a month, and mark it as done on the first day.")),
    )  # fmt: skip


def _staff_till(one: pb.Proposal) -> Words:
    hour = int(one.detail or 0)
    return (
        str(_("Staff the tills earlier") if hour < NOON else _("Staff the tills longer")),
        str(_("In %(days)s days, at least %(count)s of %(total)s sales kept were made between "
              "%(from)s and %(until)s o’clock, one of %(hours)s open hours: at least twice an even "
              "share. Hours of too few shops are not in it.",
              **_hours(one, hour))),
        str(_("Ask the shops who could open half an hour more for a month.")),
    )  # fmt: skip


def _offer_brand(one: pb.Proposal) -> Words:
    tender = tender_word(one.subject)
    return (
        str(_("Find out why payments are declined: %(tender)s", tender=tender)),
        str(_("In %(days)s days, at least %(count)s of %(total)s payments tried this way were "
              "declined. Days of too few shops are not in it.",
              days=one.day_count, total=many(one.total), count=many(one.count))),
        str(_("Ask at the counter which brands guests hold out, and the payment company to add the "
              "one that is missing.")),
    )  # fmt: skip


_ACTIONS: Mapping[int, Callable[[pb.Proposal], Words]] = {
    pb.LETTER_ACTION_ADD_LANGUAGE: _add_language,
    pb.LETTER_ACTION_IMPROVE_TEXT: _improve_text,
    pb.LETTER_ACTION_SIGN_AT_STOP: _sign_at_stop,
    pb.LETTER_ACTION_SHOW_SPOT: _show_spot,
    pb.LETTER_ACTION_LONGER_HOURS: _longer_hours,
    pb.LETTER_ACTION_MOVE_BUS: _move_bus,
    pb.LETTER_ACTION_OPEN_EARLIER: _open_earlier,
    pb.LETTER_ACTION_STAFF_TILL: _staff_till,
    pb.LETTER_ACTION_OFFER_BRAND: _offer_brand,
}


def _hours(one: pb.Proposal, hour: int) -> dict[str, Any]:
    return {
        "days": one.day_count, "count": many(one.count), "total": many(one.total), "from": hour,
        "until": hour + 1, "hours": one.typical,
    }  # fmt: skip


def _sure(one: pb.Proposal) -> str:
    if one.action == pb.LETTER_ACTION_IMPROVE_TEXT:
        return str(_("Ratings are told in words, with a little chance, so that nobody’s own can be "
                     "worked out: a text may be one word off."))  # fmt: skip
    if one.steady:
        return str(_("Quite sure: the time before says the same."))
    return str(_("Less sure: the time before did not say so."))


def _expected(one: pb.Proposal) -> str:
    if not one.HasField("expected"):
        return str(_("Not known. No past days of this area tell it."))
    both = {"low": amount(one.expected.low), "high": amount(one.expected.high)}
    if one.expected.basis == pb.EXPECTED_BASIS_AT_MOST:
        return str(_("At most %(low)s to %(high)s fewer a day: so many there are now, from the "
                     "weakest week to the strongest.", **both))  # fmt: skip
    return str(_("If it came to what the middle half of the others has: %(low)s to %(high)s more a "
                 "day. That is what others have, no promise.", **both))  # fmt: skip


def unit_word(one: pb.Proposal) -> str:
    """Returns what the figure counts that an action is judged by."""
    if one.fewer and one.unit == pb.SERIES_UNIT_PAGES:  # nobody wants pages as such to be fewer
        return str(MISSED)
    return str(UNITS.get(one.unit, ""))


def _judged(one: pb.Proposal) -> str:
    if one.unit == pb.SERIES_UNIT_UNSPECIFIED:
        return str(_("No daily figure tells of it. Look at its ratings in the months after."))
    unit = unit_word(one)
    if one.fewer:
        return str(_("%(unit)s, a day: they are to become fewer.", unit=unit))
    return str(_("%(unit)s, a day: they are to become more.", unit=unit))


def period(letter: pb.Letter) -> str:
    """Returns the month or week that a letter is about."""
    first, last = date.fromisoformat(letter.first_date), date.fromisoformat(letter.last_date)
    if letter.kind == pb.LETTER_KIND_MONTH:
        return str(format_skeleton("yMMMM", first, locale=get_locale()))
    return f"{day(first.isoformat())} – {day(last.isoformat())}"


def kind(letter: pb.Letter) -> str:
    """Returns how much time a letter is about."""
    month = letter.kind == pb.LETTER_KIND_MONTH
    return str(_("Letter of the month") if month else _("Letter of the week"))


def day(text: str) -> str:
    """Returns YYYY-MM-DD as a date with its year."""
    return str(format_date(date.fromisoformat(text), "long", rebase=False)) if text else ""


def many(count: int) -> str:
    """Returns a count as people write it."""
    return f"{count:,}"


def few(count: int) -> str:
    """Returns a count that below ten is not told."""
    return many(count) if count >= K else str(_("fewer than 10"))


def amount(value: float) -> str:
    """Returns a number a day: whole from ten on, with a tenth below."""
    value = abs(value)
    return f"{round(value):,}" if value >= K else f"{value:.1f}"


def _name(one: pb.Proposal) -> str:
    return place_name(one.names, one.subject)
