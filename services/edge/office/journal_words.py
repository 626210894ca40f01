"""Words for a register's sales file: its columns, what became of each row, what stays."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from meguri.payments.v1 import register_service_pb2 as pb
from services.edge.office.forms import Unreadable
from services.edge.office.sheets import LEFT_OUT, Choice, Sheet

FIELDS: dict[str, LazyString] = {
    "number": _l("Number of the receipt"),
    "time": _l("Date and time"),
    "amount": _l("Amount with tax"),
    "status": _l("Sale or return"),
    "tender": _l("Way to pay"),
    "reference": _l("Receipt that is returned"),
}
STATUSES: dict[str, LazyString] = {
    "sale": _l("A sale"),
    "refund": _l("A return"),
    "skip": _l("Moves no money: pass over"),
}
TENDERS: dict[str, LazyString] = {
    "cash_record": _l("Cash"),
    "card": _l("Card"),
    "transit_ic": _l("Transit IC"),
    "id": _l("iD"),
    "quicpay": _l("QUICPay"),
    "code_payment": _l("Code payment"),
}
UNREADABLE: dict[str, LazyString] = {
    "empty": _l("Choose the file. It needs a row of headings and at least one sale."),
    "encoding": _l("Save the file as UTF-8 or Shift_JIS and send it again."),
    "table": _l("The file is no CSV table. Export it as CSV and send it again."),
    "headings": _l("The first row must hold the headings, at least three and each once."),
    "long": _l("The file is too long. Export one day at a time, at most 5,000 rows."),
    "lost": _l("Choose the file once more."),
}
REASONS: dict[str, LazyString] = {
    "missing": _l("It has no receipt number."),
    "other_shop": _l("It is of another shop."),
    "too_large": _l("It is above 9,999,999 yen."),
    "in_future": _l("Its date is still to come."),
    "differs": _l("This number was taken before with another sale."),
    "not_recorded": _l("This way to pay cannot be recorded."),
    "unknown_sale": _l("The receipt that is returned is not known. Choose its column."),
    "refused": _l("More would go back than the sale took, or it went back already."),
    "malformed": _l("This cannot be read."),
    "zero": _l("The amount is 0."),
    "below_zero": _l("A sale cannot be below 0 yen. Is it a return?"),
    "unknown_status": _l("Nobody said whether this is a sale or a return."),
    "unknown_tender": _l("Nobody said what this way to pay is."),
    "unknown_shop": _l("It names no shop."),
    "card_number": _l("It holds the whole number of a card. Take it out of the file."),
}
WARNINGS: dict[str, LazyString] = {
    "no_time_of_day": _l("It has no time of day."),
    "old": _l("It is more than two months old. Is it the right file?"),
}
KEPT: dict[str, LazyString] = {
    "returned": _l("Money of it went back."),
    "closed": _l("It is in a daily close."),
    "confirmed": _l("The provider's file told it."),
    "changed": _l("It was canceled since."),
}
# In the order of the report: what needs somebody comes first.
OUTCOMES: dict[str, tuple[str, LazyString]] = {
    "rejected": ("bad", _l("Not taken in")),
    "doubt": ("warn", _l("Taken, look again")),
    "taken": ("ok", _l("Taken")),
    "known": ("info", _l("Taken before")),
    "skipped": ("plain", _l("Passed over")),
}


@dataclass(frozen=True)
class Row:
    """What became of a row of a file. cells: those of the columns that were chosen."""

    number: int
    outcome: str
    badge: str
    word: str
    cells: dict[str, str]
    remark: str = ""


def unreadable(error: Unreadable) -> str:
    """Returns why a file cannot be looked at, and what to do."""
    if error.reason == "words":
        text: str = _("The column %(name)s has too many different words. Is it the right one?",
                      name=error.what)  # fmt: skip
        return text
    return str(UNREADABLE[error.reason])


def kept(reason: str) -> str:
    """Returns why a line stays."""
    return str(KEPT.get(reason, reason))


def meanings(name: str) -> dict[str, LazyString]:
    """Returns what a word of a column may mean; LEFT_OUT: its rows are not taken, and listed."""
    return {**(STATUSES if name == "status" else TENDERS), LEFT_OUT: _l("Do not take")}


def rows(sheet: Sheet, choice: Choice, report: pb.TakeRegisterJournalResponse) -> list[Row]:
    """Returns every row of a file with what became of it, those that need somebody first."""
    rejected = {each.row: each for each in report.rejected}
    doubts: dict[int, list[str]] = {}
    for each in report.warnings:
        doubts.setdefault(each.row, []).append(str(WARNINGS.get(each.reason, each.reason)))
    known, skipped = set(report.known_rows), set(report.skipped_rows)
    found = []
    for number, cells in enumerate(sheet.rows, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        remark, outcome = " ".join(doubts.get(number, ())), "taken"
        if number in rejected:
            outcome, remark = "rejected", _remark(rejected[number], choice)
        elif number in doubts:
            outcome = "doubt"
        elif number in known or number in skipped:
            outcome = "known" if number in known else "skipped"
        badge, word = OUTCOMES[outcome]
        found.append(Row(number, outcome, badge, str(word), _cells(sheet, choice, cells), remark))
    order = list(OUTCOMES)
    return sorted(found, key=lambda each: (order.index(each.outcome), each.number))


def _remark(remark: pb.JournalRemark, choice: Choice) -> str:
    text = str(REASONS.get(remark.reason, remark.text))
    heading = choice.columns.get(remark.field, "")
    return f"{heading}: {text}" if heading else text


def _cells(sheet: Sheet, choice: Choice, row: Sequence[str]) -> dict[str, str]:
    return {name: sheet.cell(row, heading) for name, heading in choice.columns.items() if heading}
