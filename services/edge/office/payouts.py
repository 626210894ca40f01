"""When providers pay: what an owner chooses from, and the words for any terms that are kept."""

from collections.abc import Mapping

from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from meguri.payments.v1 import payments_service_pb2 as pb

LAST_DAY = 31  # of any month
UNKNOWN, KEPT = "", "kept"
# Whose money waits for nobody: the drawer, and the provider to practice with.
WITHOUT_PAYOUT = frozenset({"cash_record", "acquirer_simulator"})


def _monthly(*closings: tuple[int, int, int]) -> pb.PayoutTerms:
    return pb.PayoutTerms(closings=[
        pb.PayoutClosing(closing_day=closes, months_later=later, payout_day=pays)
        for closes, later, pays in closings
    ])  # fmt: skip


# What acquirers in Japan usually write; other terms come by the file of shops and are only shown.
CHOICES: dict[str, pb.PayoutTerms] = {
    "next-day": pb.PayoutTerms(days=1),
    "two-days": pb.PayoutTerms(days=2),
    "wednesday": pb.PayoutTerms(weekday=3, days=2),
    "twice": _monthly((15, 0, LAST_DAY), (LAST_DAY, 1, 15)),
    "month": _monthly((LAST_DAY, 1, LAST_DAY)),
    "month-early": _monthly((LAST_DAY, 1, 1)),
}
_WEEKDAYS: tuple[LazyString, ...] = (
    _l("Monday"), _l("Tuesday"), _l("Wednesday"), _l("Thursday"), _l("Friday"), _l("Saturday"),
    _l("Sunday"),
)  # fmt: skip


def choice_of(setting: pb.TenderSetting | None) -> str:
    """Returns which choice a way to pay has: one of CHOICES, KEPT for others, UNKNOWN for none."""
    if setting is None or not setting.HasField("payout_terms"):
        return UNKNOWN
    return next((key for key, terms in CHOICES.items() if terms == setting.payout_terms), KEPT)


def chosen(key: str, before: pb.TenderSetting | None) -> pb.PayoutTerms | None:
    """Returns the terms of a choice; a form that does not ask, or keeps them, changes nothing."""
    if key in CHOICES:
        return CHOICES[key]
    if key == UNKNOWN or before is None or not before.HasField("payout_terms"):
        return None
    return before.payout_terms


def options(setting: pb.TenderSetting | None) -> Mapping[str, str]:
    """Returns the choices with their words, those that are kept among them."""
    found = {key: told(terms) for key, terms in CHOICES.items()}
    if setting is not None and choice_of(setting) == KEPT:
        found[KEPT] = told(setting.payout_terms)
    return found


def told(terms: pb.PayoutTerms) -> str:
    """Returns terms as a sentence in the language of the page."""
    if terms.closings:
        return " / ".join(_closing(each) for each in terms.closings)
    if terms.weekday:
        day = str(_WEEKDAYS[(terms.weekday - 1) % 7])
        return str(ngettext(
            "sales up to each %(day)s, %(num)s day later",
            "sales up to each %(day)s, %(num)s days later",
            terms.days, day=day,
        ))  # fmt: skip
    if not terms.days:
        return str(_("on the day of the sale"))
    return str(ngettext("%(num)s day after the sale", "%(num)s days after the sale", terms.days))


def _closing(each: pb.PayoutClosing) -> str:
    closes, pays = _day(each.closing_day), _day(each.payout_day)
    if each.months_later == 0:
        told = _("closed %(closes)s, paid %(pays)s", closes=closes, pays=pays)
    elif each.months_later == 1:
        told = _("closed %(closes)s, paid %(pays)s of the next month", closes=closes, pays=pays)
    else:
        told = _(
            "closed %(closes)s, paid %(pays)s of the month after next", closes=closes, pays=pays
        )
    return str(told)


def _day(day: int) -> str:
    return str(_("on the last day") if day >= LAST_DAY else _("on day %(day)s", day=day))
