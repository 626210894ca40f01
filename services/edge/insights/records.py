"""The page of all records that figures are made from or that stand beside them: what each holds,
why, for how long, and who may see it. Terms and fields are the service's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from meguri.insights.v1 import keeping_service_pb2 as pb
from meguri.insights.v1.keeping_service_pb2_grpc import KeepingServiceStub
from services.edge.clients import stub
from services.edge.listed import listed
from services.edge.parts import locale

PAGE = "/insights/records"

blueprint = Blueprint("records", __name__)

KINDS: Mapping[str, Any] = {
    "scan_recorded": _l("A page of the guide was opened"),
    "rating_given": _l("An explanation was rated"),
    "rating_withdrawn": _l("A rating was taken back"),
    "survey_answered": _l("The survey was answered"),
    "payment_captured": _l("A payment was taken"),
    "payment_voided": _l("A payment was canceled"),
    "payment_refunded": _l("A payment was given back"),
    "payment_declined": _l("A payment was declined"),
    "payment_expired": _l("A payment was not finished in time"),
    "payment_became_unknown": _l("It is not known whether a payment went through"),
    "payment_released": _l("A reserved amount was let go"),
    "ticket_admitted": _l("A party went in with a ticket"),
    "itinerary_planned": _l("A day was planned"),
    "itinerary_repaired": _l("A planned day was planned again"),
    "place_closed": _l("A place was shut"),
    "place_reopened": _l("A place was opened again"),
}
FIELDS: Mapping[str, Any] = {
    "locale_asked": _l("language asked for"), "locale_served": _l("language shown"),
    "locale_missed": _l("language that was not there"), "stop": _l("stop"),
    "offline": _l("whether the phone had no signal"), "count": _l("how many pages"),
    "face": _l("the face that was chosen"), "complaint": _l("the reasons that were chosen"),
    "answer": _l("the answers that were chosen"), "tender": _l("way to pay"),
    "shop": _l("shop, gate or place"), "amount_yen": _l("amount"),
    "practice": _l("whether it was practice"),
    "split_sale": _l("number of the sale it is a part of"),
    "ended": _l("whether all of it went back"), "reason": _l("why it was declined"),
    "origin": _l("country, if the party said one"), "persons": _l("number of people"),
    "chosen": _l("spots in the plan"), "left_out": _l("why wished spots were left out"),
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """What is said of a record. holds: "" where each kind says it."""

    name: Any
    holds: Any
    why: Any
    who: Any


_STAFF = _l("Marketing staff, accountants and administrators")
GROUPS: Mapping[int, Words] = {
    pb.FACT_GROUP_HAPPENINGS: Words(
        _l("What visitors did"), "",
        _l("Figures of days are counted from them, and counted anew where something was wrong."),
        _l("Nobody one by one. Sums of days: marketing staff, accountants and administrators. "
           "Divided by language, country, gate or hour, fewer than ten people are told to nobody; "
           "how many went in on a whole day is told as it is, and published from ten on."),
    ),
    pb.FACT_GROUP_ANSWERS: Words(
        _l("What visitors said"), "",
        _l("Texts and the offer get better by it."),
        _l("Nobody one by one. By whole months and groups of ten, with a little chance: marketing "
           "staff and editors."),
    ),
    pb.FACT_GROUP_MONEY: Words(
        _l("Payments"), "",
        _l("Sales are counted and compared with the closes of shops. No card number, no name."),
        _l("Single shops: who keeps the books, and the shop’s owner. Others: sums of three shops "
           "or more, none above 70 %, or with a shop’s consent."),
    ),
}  # fmt: skip
RECORDS: Mapping[str, Words] = {
    "sums": Words(
        _l("Sums of hours and days"),
        _l("How many of each kind, by language, stop, country, shop and so on; counts of sensors "
           "by zone and hour; totals that shops and the till said"),
        _l("Years are compared by them when single records are gone."),
        _STAFF,
    ),
    "told_months": Words(
        _l("What months of ratings and answers have told"),
        _l("Words and whole tens, as the page showed them"),
        _l("It stays readable when single answers are gone."), _STAFF,
    ),
    "heard": Words(
        _l("Which events were counted"),
        _l("The random number of each event and when it came; nothing of what it said"),
        _l("Nothing is counted twice."), _l("Nobody"),
    ),
    "kpi": Words(
        _l("The KPI book and its editions"),
        _l("Aims, figures, sources, and the names of staff who entered or froze them"),
        _l("The council gets the same figures again later."), _STAFF,
    ),
    "imports": Words(
        _l("Imported weather and statistics"),
        _l("Figures, source, the file’s name and SHA-256, the name of who took it in; "
           "not the file"),
        _l("Figures of others stand beside the own ones."), _STAFF,
    ),
    "drafts": Words(
        _l("Files that are being looked at"), _l("What was read of the file"),
        _l("Somebody looks at each row before it is kept."), _STAFF,
    ),
    "letters": Words(
        _l("Letters and what was decided"),
        _l("Proposals, their figures, and the names and reasons of staff who decided"),
        _l("What was done is compared with what came of it."), _STAFF,
    ),
    "mails": Words(
        _l("Which letter was mailed to whom"), _l("Address, time, whether it arrived"),
        _l("No letter is mailed twice."), _STAFF,
    ),
    "consents": Words(
        _l("What shops decided about being read"), _l("Decision, name and time"),
        _l("A shop is read only as long as it wants."),
        _l("The shop’s owner and administrators"),
    ),
    "settings": Words(
        _l("Settings and names"),
        _l("Names of places, terms, choices of open data, addresses that letters go to"),
        _l("Pages can be shown with names."), _STAFF,
    ),
    "requests": Words(
        _l("What staff have just sent"), _l("The request’s number and its answer"),
        _l("A form that is sent twice acts once."), _l("Nobody"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A record as the page shows it. kinds: single ones with what each holds."""

    name: str
    holds: str
    kinds: tuple[tuple[str, str], ...]
    term: str
    gone: str
    why: str
    who: str


@blueprint.get(PAGE)
def page() -> str:
    """All records and their terms, for everybody."""
    found: pb.ReadKeepingResponse = stub(KeepingServiceStub).ReadKeeping(pb.ReadKeepingRequest())
    return render_template("insights/records.html", single=single(found), others=others(found))


def single(found: pb.ReadKeepingResponse) -> list[Row]:
    """Returns single facts by group, with the term that the area chose."""
    rows = []
    for term in found.terms:
        words = GROUPS.get(term.group)
        if words is None:
            continue
        kinds = tuple(
            (str(KINDS.get(each.kind, each.kind)), _fields(each))
            for each in found.kinds
            if each.group == term.group
        )
        text = ngettext(
            "until %(num)s whole month after its own is over",
            "until %(num)s whole months after its own are over", term.months,
        )  # fmt: skip
        gone = (
            _("There are none from before %(date)s any more.", date=term.first_kept_date)
            if term.first_kept_date else ""
        )  # fmt: skip
        rows.append(_row(words, str(text), kinds, str(gone)))
    return rows


def others(found: pb.ReadKeepingResponse) -> list[Row]:
    """Returns all other records with their terms."""
    return [
        _row(RECORDS[each.record], _term(each.days)) for each in found.records
        if each.record in RECORDS
    ]  # fmt: skip


def _row(
    words: Words, term: str, kinds: tuple[tuple[str, str], ...] = (), gone: str = ""
) -> Row:  # fmt: skip
    holds, why, who = str(words.holds), str(words.why), str(words.who)
    return Row(str(words.name), holds, kinds, term, gone, why, who)


def _term(days: int) -> str:
    if not days:
        return str(_("as long as the area takes part"))
    return str(ngettext("%(num)s day", "%(num)s days", days))


def _fields(kind: pb.KeptKind) -> str:
    told = [str(FIELDS.get(each, each)) for each in kind.fields]
    return listed([str(_("date and hour")), *told], locale())
