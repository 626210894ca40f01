"""The KPI book on paper and in spreadsheets: for the council and for reports on subsidies.

One table in words is made once (`Paper`) and written as PDF, XLSX or CSV: all say the same.
"""

import io
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import xlsxwriter  # type: ignore[import-untyped] # it has none
from flask import Response, make_response
from flask_babel import gettext as _

from kit import typeset
from meguri.insights.v1 import kpi_service_pb2 as pb
from services.edge.errors import Problem
from services.edge.insights.kpi import shown, words
from services.edge.insights.present import local
from services.edge.pages import yen
from services.edge.parts import area, locale
from services.edge.spreadsheet import text_of

TEMPLATE = Path(__file__).parent / "typeset" / "book.typ"
WAIT_S = 5.0  # for the one setter; a book takes about a tenth of a second
ID = re.compile(r"[a-z][a-z0-9_]{1,39}", re.ASCII)

_turn = threading.Lock()


@dataclass(frozen=True)
class Row:
    """A KPI on paper. number: its figure for a spreadsheet, None where there is none."""

    name: str
    unit: str
    figure: str
    number: int | None
    so_far: str
    baseline: str
    target: str
    percent: int | None
    bar: float
    source: str
    owner: str
    definition: str
    beside: str


@dataclass(frozen=True)
class Paper:
    """A book in words. stamp: which edition it is, or that it is a draft. headings: by column.
    facts: what is said of the whole book. costs, effects: with the yen as words and as a number."""

    title: str
    stamp: str
    draft: bool
    note: str
    facts: tuple[str, ...]
    headings: Mapping[str, str]
    rows: tuple[Row, ...]
    costs: tuple[tuple[str, str, int], ...]
    effects: tuple[tuple[str, str, int], ...]
    corrections: tuple[tuple[str, str, str, str], ...]
    foot: str


def of_draft(book: pb.KpiBook) -> Paper:
    """Returns the book as it stands."""
    return _paper(book, _("Draft: not frozen, figures may change"))


def of_edition(found: pb.ReadKpiEditionResponse) -> Paper:
    """Returns a frozen edition."""
    mark = found.mark
    on = f"{local(mark.frozen_time, area().time_zone):%Y-%m-%d}"
    stamp = _("Edition %(number)s, frozen on %(date)s by %(name)s",
              number=mark.number, date=on, name=mark.frozen_by)  # fmt: skip
    changed = tuple(
        (each.name, each.what, each.before, each.after)
        for each in shown.corrections(found.corrections, found.book)
    )
    return _paper(found.book, stamp, mark.note, changed, found.digest)


def _paper(
    book: pb.KpiBook, stamp: str, note: str = "",
    changed: tuple[tuple[str, str, str, str], ...] = (), digest: str = "",
) -> Paper:  # fmt: skip
    return Paper(
        _("KPI book of %(area)s, %(year)s",
          area=area().name(locale()), year=words.year_word(book.fiscal_year)),
        stamp, not digest, note, tuple(facts(book)),
        {
            "name": _("KPI"), "figure": _("Result"), "baseline": _("Baseline"),
            "target": _("Target"), "progress": _("Way gone"), "unit": _("Unit"),
            "source": _("Source"), "owner": _("Answers for it"), "definition": _("What is counted"),
            "number": _("Number"), "costs": _("What it costs"), "effects": _("Cost of one more"),
            "effects_text": _(
                "All costs of the year for each one gained since the baseline: what the gain "
                "would have cost if nothing else had led to it."
            ),
            "corrections": _("What this edition corrects"), "what": _("What"),
            "before": _("Before"), "after": _("Now"), "yen": _("Yen"), "label": _("For"),
        },
        tuple(_row(kpi, book) for kpi in book.kpis),
        tuple((each.label, yen(each.amount_yen), each.amount_yen) for each in book.frame.costs),
        tuple(shown.effects(book)), changed,
        _("SHA-256 of what was frozen: %(digest)s", digest=digest) if digest else "",
    )  # fmt: skip


def facts(book: pb.KpiBook) -> list[str]:
    """Returns what is said of the whole book: its dates, how many shops report, if it counts."""
    told: list[str] = [
        _("Fiscal year from %(first)s to %(last)s", first=book.first_date, last=book.last_date)
    ]
    if book.until_date and book.until_date < book.last_date:
        told.append(_("Counted figures hold all events until %(date)s.", date=book.until_date))
    if book.frame.shop_count:
        told.append(
            _("%(count)s of %(all)s shops report their takings.",
              count=book.reporting_shop_count, all=book.frame.shop_count)
        )  # fmt: skip
    else:
        told.append(
            _("%(count)s shops report their takings; nobody has said how many there are.",
              count=book.reporting_shop_count)
        )  # fmt: skip
    if book.demo:
        told.append(_("Simulated visitors: nothing here counts."))
    return told


def _row(kpi: pb.Kpi, book: pb.KpiBook) -> Row:
    each = shown.shown(kpi, book)
    return Row(
        each.name, each.unit, each.figure or each.missing,
        kpi.figure.value if kpi.HasField("figure") else None,
        each.so_far, each.baseline, each.target, each.percent, each.bar, each.source, each.owner,
        each.definition, each.beside,
    )  # fmt: skip


def as_pdf(paper: Paper) -> bytes:
    """Returns the paper as PDF. Errors: Problem service_unavailable where too many wait."""
    face = typeset.FACES.get(locale(), typeset.FACES["en"])
    told = {
        "paper": json.dumps(asdict(paper), ensure_ascii=False),
        "font": face.font, "lang": face.lang, "region": face.region,
    }  # fmt: skip
    if not _turn.acquire(timeout=WAIT_S):
        raise Problem(503, "service_unavailable", retry_after_s=2)
    try:
        made, _keeps = typeset.compile_pdf(TEMPLATE, told)
    finally:
        _turn.release()
    return made


def table(paper: Paper) -> tuple[list[str], list[list[object]]]:
    """Returns headings and rows of the KPIs."""
    names = ("name", "number", "figure", "unit", "baseline", "target", "progress", "source",
             "owner", "definition")  # fmt: skip
    rows: list[list[object]] = [
        [
            row.name, "" if row.number is None else row.number,
            " ".join(filter(None, (row.figure, row.so_far))), row.unit, row.baseline, row.target,
            "" if row.percent is None else f"{row.percent} %", row.source, row.owner,
            row.definition,
        ]
        for row in paper.rows
    ]  # fmt: skip
    return [paper.headings[name] for name in names], rows


def as_csv(paper: Paper) -> bytes:
    """Returns the KPIs as CSV."""
    headings, rows = table(paper)
    return text_of([*headings, paper.stamp], rows).encode()


def as_xlsx(paper: Paper) -> bytes:
    """Returns the paper as a spreadsheet: a sheet of KPIs, one of costs, one of corrections."""
    made = io.BytesIO()
    # Text stays text: nothing anybody typed is a formula or a link.
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
             "strings_to_numbers": False}  # fmt: skip
    with xlsxwriter.Workbook(made, plain) as file:
        heavy = file.add_format({"bold": True, "text_wrap": True, "bottom": 1})
        number = file.add_format({"num_format": "#,##0"})
        headings, rows = table(paper)
        above = [paper.title, paper.stamp, paper.note, *paper.facts]
        sheets: list[tuple[str, list[str], list[list[object]]]] = [
            (_("KPI"), headings, rows),
            (paper.headings["costs"], [paper.headings["label"], paper.headings["yen"]],
             [[name, amount] for name, _told, amount in paper.costs]),
            (paper.headings["effects"], [paper.headings["name"], paper.headings["yen"]],
             [[name, amount] for name, _told, amount in paper.effects]),
            (paper.headings["corrections"],
             [paper.headings[name] for name in ("name", "what", "before", "after")],
             [list(each) for each in paper.corrections]),
        ]  # fmt: skip
        for title, heads, lines in sheets:
            if not lines:
                continue
            sheet = file.add_worksheet(_sheet_name(title))
            sheet.set_column(0, 0, 34)
            sheet.set_column(1, len(heads), 20)
            for at, text in enumerate(filter(None, above)):
                sheet.write_string(at, 0, text)
            first = len(list(filter(None, above))) + 1
            for column, head in enumerate(heads):
                sheet.write_string(first, column, head, heavy)
            for down, line in enumerate(lines, start=first + 1):
                for column, cell in enumerate(line):
                    if isinstance(cell, int):
                        sheet.write_number(down, column, cell, number)
                    else:
                        sheet.write_string(down, column, str(cell))
            sheet.freeze_panes(first + 1, 1)
    return made.getvalue()


def _sheet_name(title: str) -> str:
    """Returns a title as spreadsheets allow it: 31 characters, some never."""
    return re.sub(r"[\[\]:*?/\\']", " ", title)[:31]


KINDS: Mapping[str, tuple[Callable[[Paper], bytes], str]] = {
    "pdf": (as_pdf, "application/pdf"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (as_csv, "text/csv; charset=utf-8"),
}


def answer(kind: str, paper: Paper, name: str) -> Response:
    """Returns a paper as a file. Errors: Problem not_found for a kind there is not."""
    if kind not in KINDS:
        raise Problem(404, "not_found")
    make, content_type = KINDS[kind]
    response = make_response(make(paper))
    response.content_type = content_type
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response
