"""Pages of the KPI book: the book of a year, one KPI, shops and costs, editions."""

from collections.abc import Callable
from typing import Any

import grpc
from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from kit.client import problem_of
from kit.roles import ANALYSTS
from meguri.insights.v1 import kpi_service_pb2 as pb
from meguri.insights.v1.kpi_service_pb2_grpc import KpiServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, form_request_id, sentence
from services.edge.insights.kpi import listed, papers, series, shown, typed, words
from services.edge.insights.kpi.usual import usual
from services.edge.insights.lines import line
from services.edge.insights.present import local
from services.edge.insights.problems import PROBLEMS
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import area, locale, person
from services.edge.whole import read_whole

PAGE = "/insights/kpi"
DEADLINE_S = 10.0  # ten years of days are added up

blueprint = Blueprint("kpi", __name__)
Page = Response | Answer


@blueprint.get(PAGE)
@requires(*ANALYSTS)
def book() -> Response:
    """The book of a fiscal year as it stands."""
    _done()
    return _book_page(_read(_year()))


@blueprint.post(f"{PAGE}/usual")
@requires(*ANALYSTS)
def begin() -> Answer:
    """Begins a book with the KPIs that such plans usually have; those there are stay."""
    request_id = form_request_id()
    found = _read(0)
    there = {each.kpi_id for each in (*found.book.kpis, *found.retired)}
    for kpi_id, settings in usual():
        if kpi_id not in there:
            _service().SaveKpi(
                pb.SaveKpiRequest(
                    request_id=f"{request_id}:{kpi_id}", kpi_id=kpi_id, settings=settings
                )
            )
    return redirect(PAGE, 303)


@blueprint.get(f"{PAGE}/new")
@requires(*ANALYSTS)
def new() -> Response:
    """The form of a KPI that is not there yet."""
    return _settings_page(None, typed.Settings(), new_request_id())


@blueprint.post(f"{PAGE}/new")
@requires(*ANALYSTS)
def add() -> Page:
    """Adds a KPI."""
    request_id = form_request_id()
    given = typed.read_settings(request.form, "")
    wanted = typed.check_settings(given, {})
    if not papers.ID.fullmatch(given.kpi_id):
        given.wrong["f-kpi_id"] = _("2 to 40 small letters, digits and underscores, as web_views.")
    return _save(None, given, wanted, request_id, 0)


@blueprint.get(f"{PAGE}/one/<kpi_id>")
@requires(*ANALYSTS)
def one(kpi_id: str) -> Response:
    """One KPI: its years and months, and the forms for a figure and for what it is."""
    _done()
    found, kpi = _one(kpi_id)
    # The list of entries leads here with one of them, to be entered again.
    given = typed.read_value(request.args)
    given.period = given.period or str(found.book.fiscal_year)
    return _one_page(found, kpi, given, new_request_id())


@blueprint.post(f"{PAGE}/one/<kpi_id>")
@requires(*ANALYSTS)
def enter(kpi_id: str) -> Page:
    """Enters a figure, or takes one back."""
    request_id = form_request_id()
    given = typed.read_value(request.form)
    value = typed.check_value(given)
    found, kpi = _one(kpi_id)
    if not given.wrong:
        wanted = pb.EnterKpiValueRequest(
            request_id=request_id, kpi_id=kpi_id, period=given.period, source_note=given.source,
            signed_as=_name(),
        )  # fmt: skip
        if value is not None:
            wanted.value = value
        if _kept(lambda: _service().EnterKpiValue(wanted), given.wrong):
            return redirect(f"{PAGE}/one/{kpi_id}?year={found.book.fiscal_year}&done=1", 303)
    return _one_page(found, kpi, given, request_id, 422)


@blueprint.get(f"{PAGE}/one/<kpi_id>/settings")
@requires(*ANALYSTS)
def settings(kpi_id: str) -> Response:
    """The form of what a KPI is."""
    _found, kpi = _one(kpi_id)
    return _settings_page(kpi, typed.settings_of(kpi), new_request_id())


@blueprint.post(f"{PAGE}/one/<kpi_id>/settings")
@requires(*ANALYSTS)
def change(kpi_id: str) -> Page:
    """Changes what a KPI is."""
    request_id = form_request_id()
    _found, kpi = _one(kpi_id)
    given = typed.read_settings(request.form, kpi_id)
    wanted = typed.check_settings(given, dict(kpi.settings.names))
    version = read_whole(request.form.get("version", ""), 18) or 0
    return _save(kpi, given, wanted, request_id, version)


def _save(
    kpi: pb.Kpi | None, given: typed.Settings, wanted: pb.KpiSettings, request_id: str, version: int
) -> Page:
    if not given.wrong:
        asked = pb.SaveKpiRequest(
            request_id=request_id, kpi_id=given.kpi_id, settings=wanted, expected_version=version
        )
        try:
            if _kept(lambda: _service().SaveKpi(asked), given.wrong):
                return redirect(f"{PAGE}/one/{given.kpi_id}?done=1", 303)
        except grpc.RpcError as error:
            if problem_of(error).reason != "VERSION_CONFLICT":
                raise
            if kpi is None:
                given.wrong["f-kpi_id"] = _("There is such a KPI already. Choose another id.")
            else:
                notify("warn", _("Somebody else has changed it meanwhile. This is what holds now."))
                return _settings_page(kpi, typed.settings_of(kpi), new_request_id(), 409)
    return _settings_page(kpi, given, request_id, 422)


@blueprint.get(f"{PAGE}/frame")
@requires(*ANALYSTS)
def frame() -> Response:
    """The form of shops and costs of a year."""
    found = _read(_year())
    return _frame_page(found, typed.frame_of(found.book.frame), new_request_id())


@blueprint.post(f"{PAGE}/frame")
@requires(*ANALYSTS)
def save_frame() -> Page:
    """Keeps shops and costs of a year."""
    request_id = form_request_id()
    found = _read(_year())
    given = typed.read_frame(request.form)
    wanted = typed.check_frame(given)
    if not given.wrong:
        asked = pb.SaveKpiFrameRequest(
            request_id=request_id, fiscal_year=found.book.fiscal_year, frame=wanted
        )
        if _kept(lambda: _service().SaveKpiFrame(asked), given.wrong):
            return redirect(f"{PAGE}?year={found.book.fiscal_year}&done=1", 303)
    return _frame_page(found, given, request_id, 422)


@blueprint.post(f"{PAGE}/freeze")
@requires(*ANALYSTS)
def freeze() -> Page:
    """Freezes the book of a year as its next edition."""
    request_id, year, note = (
        form_request_id(),
        _year(),
        line(request.form.get("note", ""), 300),
    )
    wrong: dict[str, str] = {}
    if not note or len(note) > 200:
        wrong["f-note"] = _("Say what the edition is for, in at most 200 characters.")
    asked = pb.FreezeKpiEditionRequest(
        request_id=request_id, fiscal_year=year, note=note, signed_as=_name()
    )
    if not wrong:
        made: Any = _kept(lambda: _service().FreezeKpiEdition(asked), wrong)
        if made:
            return redirect(f"{PAGE}/editions/{year}/{made.number}", 303)
    return _book_page(_read(year), wrong=wrong, note=note, status=422)


@blueprint.get(f"{PAGE}/editions/<year>/<number>")
@requires(*ANALYSTS)
def edition(year: str, number: str) -> str:
    """A frozen edition, to be read and printed."""
    found = _edition(year, number)
    return render_template(
        "insights/kpi_edition.html", found=found, book=found.book, mark=found.mark,
        kpis=[shown.shown(kpi, found.book) for kpi in found.book.kpis],
        corrections=shown.corrections(found.corrections, found.book),
        effects=shown.effects(found.book), words=words, facts=papers.facts(found.book),
        frozen=local(found.mark.frozen_time, area().time_zone),
    )  # fmt: skip


@blueprint.get(f"{PAGE}/editions/<year>/<number>.<kind>")
@requires(*ANALYSTS)
def edition_file(year: str, number: str, kind: str) -> Response:
    """A frozen edition as a file: pdf, xlsx or csv."""
    found = _edition(year, number)
    return papers.answer(
        kind, papers.of_edition(found), f"meguri-kpi-{found.book.fiscal_year}-{found.mark.number}"
    )


@blueprint.get(f"{PAGE}/draft.<kind>")
@requires(*ANALYSTS)
def draft_file(kind: str) -> Response:
    """The book as it stands, as a file that says that it is a draft: pdf, xlsx or csv."""
    found = _read(_year())
    year = found.book.fiscal_year
    return papers.answer(kind, papers.of_draft(found.book), f"meguri-kpi-{year}-draft")


def _service() -> KpiServiceStub:
    return stub(KpiServiceStub, deadline_s=DEADLINE_S)


def _year() -> int:
    """Returns the year the address names, 0 for the running one."""
    year = read_whole(request.values.get("year", ""), 4) or 0
    return year if 2000 <= year <= 2098 else 0


def _read(year: int) -> pb.ReadKpiBookResponse:
    found: pb.ReadKpiBookResponse = _service().ReadKpiBook(pb.ReadKpiBookRequest(fiscal_year=year))
    return found


def _edition(year_text: str, number_text: str) -> pb.ReadKpiEditionResponse:
    year, number = read_whole(year_text, 4), read_whole(number_text, 6)
    if year is None or number is None:
        raise Problem(404, "not_found")
    asked = pb.ReadKpiEditionRequest(fiscal_year=year, number=number)
    found: pb.ReadKpiEditionResponse = _service().ReadKpiEdition(asked)
    return found


def _one(kpi_id: str) -> tuple[pb.ReadKpiBookResponse, pb.Kpi]:
    found = _read(_year())
    both = (*found.book.kpis, *found.retired)
    kpi = next((each for each in both if each.kpi_id == kpi_id), None)
    if kpi is None:
        raise Problem(404, "not_found")
    return found, kpi


def _name() -> str:
    known = person()
    return line(known.display_name if known else "", 80) or "?"


def _kept(call: Callable[[], Any], wrong: dict[str, str]) -> Any:
    """Makes a change; what the service says against it goes to `wrong`, and None comes back."""
    try:
        return call()
    except grpc.RpcError as error:
        reason = problem_of(error).reason
        told = PROBLEMS.get(reason)
        if reason in {"TEXT_TOO_LONG", "CARD_NUMBER_TYPED"}:
            told = sentence(reason.lower())  # beside what was typed, not instead of it
        if reason == "INVALID_FIELDS":
            told = _("This cannot be kept. Look at each entry again; nothing was changed.")
        if told is None:
            raise
        wrong["form"] = str(told)
        return None


def _done() -> None:
    if request.args.get("done"):
        notify("ok", _("Saved."))


def _book_page(
    found: pb.ReadKpiBookResponse, *, wrong: dict[str, str] | None = None, note: str = "",
    status: int = 200,
) -> Response:  # fmt: skip
    body = render_template(
        "insights/kpi_book.html", found=found, book=found.book, wrong=wrong or {}, note=note,
        kpis=[shown.shown(kpi, found.book) for kpi in found.book.kpis],
        retired=[shown.shown(kpi, found.book) for kpi in found.retired],
        request_id=new_request_id(), words=words, newest=next(iter(found.editions), None),
        editions=listed.editions(found.editions),
        pending=shown.corrections(found.pending, found.book),
    )  # fmt: skip
    return make_response(body, status)


def _one_page(
    found: pb.ReadKpiBookResponse, kpi: pb.Kpi, given: typed.Value, request_id: str,
    status: int = 200,
) -> Response:  # fmt: skip
    unit = kpi.settings.unit
    asked = pb.ReadKpiEntriesRequest(kpi_id=kpi.kpi_id)
    entered: pb.ReadKpiEntriesResponse = _service().ReadKpiEntries(asked)
    free = listed.year_is_free(kpi)
    body = render_template(
        "insights/kpi_one.html", found=found, book=found.book, kpi=kpi, given=given,
        shown=shown.shown(kpi, found.book), request_id=request_id, words=words,
        periods=listed.periods_to_enter(kpi), whole_year=free,
        entries=listed.entries(entered.entries, unit),
        years=shown.lines(kpi.years, unit), months=shown.lines(kpi.months, unit),
        year_chart=shown.year_chart(kpi), month_chart=shown.chart(kpi.months, unit),
    )  # fmt: skip
    return make_response(body, status)


def _settings_page(
    kpi: pb.Kpi | None, given: typed.Settings, request_id: str, status: int = 200
) -> Response:
    name = words.name_of(kpi.settings.names, kpi.kpi_id) if kpi else _("A new KPI")
    body = render_template(
        "insights/kpi_settings.html", kpi=kpi, given=given, name=name, request_id=request_id,
        words=words, locale=locale(), choices=series.choices(),
    )  # fmt: skip
    return make_response(body, status)


def _frame_page(
    found: pb.ReadKpiBookResponse, given: typed.Frame, request_id: str, status: int = 200
) -> Response:
    body = render_template(
        "insights/kpi_frame.html", book=found.book, given=given, request_id=request_id, words=words
    )
    return make_response(body, status)
