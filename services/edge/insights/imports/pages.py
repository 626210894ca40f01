"""What was imported: which days and months are there, weather and months drawn, who brought
what."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import grpc
from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from kit.client import problem_of
from kit.roles import ANALYSTS
from meguri.insights.v1 import import_service_pb2 as pb
from services.edge import uploads
from services.edge.clients import new_request_id
from services.edge.errors import form_request_id
from services.edge.insights.imports import drafts, drawn, files, mapped, strips, words
from services.edge.insights.imports.calls import FILE_DEADLINE_S, reason_of, service, signed
from services.edge.insights.lines import line
from services.edge.insights.present import local
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import area
from services.edge.spreadsheet import as_download
from services.edge.whole import read_whole

PAGE = "/insights/imports"
MOST_BYTES = 3 * 1024 * 1024
DRAWN_DAYS, DRAWN_MONTHS = 92, 36
DONE = {"kept", "undone", "dropped"}

blueprint = Blueprint("imports", __name__)
blueprint.register_blueprint(drafts.blueprint)


@blueprint.get(PAGE)
@requires(*ANALYSTS)
def page() -> Response:
    """What was imported, and the form for the next file."""
    _told()
    return _page()


def _too_large(found: uploads.TooLarge) -> Response:
    said = uploads.told(found.size("file"), words.UNUSABLE["TOO_LARGE"])
    return _page({"f-file": said}, 413)


@blueprint.post(PAGE)
@requires(*ANALYSTS)
@uploads.comes_again(_too_large)
def take() -> Response | Answer:
    """Reads a file into a draft, which is looked at next."""
    request_id = form_request_id()
    sent = request.files.get("file")
    content = sent.read(MOST_BYTES + 1) if sent else b""
    name = line((sent.filename or "").replace("\\", "/").rpartition("/")[2], 200) if sent else ""
    if sent:
        sent.close()
    if not sent or not name:
        return _page({"f-file": _("Choose the file.")}, 422)
    if len(content) > MOST_BYTES:
        return _page({"f-file": str(words.UNUSABLE["TOO_LARGE"])}, 413)
    asked = pb.StartImportRequest(request_id=request_id, file=content, file_name=name)
    try:
        made = service(FILE_DEADLINE_S).StartImport(asked)
    except grpc.RpcError as error:
        problem = problem_of(error)
        if problem.reason != "FILE_UNUSABLE":
            raise
        said = words.UNUSABLE.get(reason_of(problem.fields), words.UNUSABLE["NO_TABLE"])
        return _page({"f-file": str(said)}, 422)
    return redirect(f"{PAGE}/drafts/{made.draft_id}", 303)


@blueprint.post(f"{PAGE}/undo")
@requires(*ANALYSTS)
def undo() -> Answer:
    """Takes an import back."""
    service().UndoImport(
        pb.UndoImportRequest(
            request_id=form_request_id(),
            number=read_whole(request.form.get("number", ""), 9) or 0, signed_as=signed(),
        )
    )  # fmt: skip
    return redirect(f"{PAGE}?done=undone#list", 303)


@blueprint.get(f"{PAGE}/help")
@requires(*ANALYSTS)
def helping() -> str:
    """How to get files, step by step."""
    return render_template("insights/imports_help.html")


@blueprint.get(f"{PAGE}/weather")
@requires(*ANALYSTS)
def weather() -> str:
    """The weather of days, drawn and as a table."""
    given = {name: request.args.get(name, "")[:10] for name in ("from", "until")}
    found = _weather(request.args.get("station", "")[:60], given["from"], given["until"])
    days = list(found.days)
    if not any(given.values()):
        days = days[-DRAWN_DAYS:]
    hints = [f"{day.date}: {_hint(day)}" for day in days]
    return render_template(
        "insights/imports_weather.html", found=found, days=days[::-1], words=words,
        station_choices=mapped.same(each.name for each in found.stations),
        first=given["from"] or (days[0].date if days else ""),
        last=given["until"] or (days[-1].date if days else ""),
        temperatures=drawn.temperatures(days, hints), rain=drawn.rain(days, hints),
        elements=[name for name in words.ELEMENTS if any(day.HasField(name) for day in days)],  # type: ignore[arg-type] # elements
    )  # fmt: skip


@blueprint.get(f"{PAGE}/months")
@requires(*ANALYSTS)
def months() -> str:
    """Figures of months, drawn and as a table."""
    found: pb.ReadMonthsResponse = service().ReadMonths(pb.ReadMonthsRequest())
    measure = request.args.get("measure", "")[:60]
    if measure not in found.measures:
        measure = next(iter(found.measures), "")
    figures = [each for each in found.figures if each.measure == measure]
    places = list(dict.fromkeys(each.place for each in figures))
    place = request.args.get("place", "")[:60]
    if place not in places:
        place = places[0] if places else ""
    by_key = {(each.place, each.month): each for each in figures}
    names = sorted({each.month for each in figures})
    return render_template(
        "insights/imports_months.html", measures=list(found.measures), measure=measure,
        measure_choices=mapped.same(found.measures), place_choices=mapped.same(places),
        places=places, place=place, months=names[::-1], by_key=by_key, words=words,
        chart_of_months=_chart(
            [by_key.get((place, name)) for name in names[-DRAWN_MONTHS:]], names[-DRAWN_MONTHS:]
        ),
        unit=words.UNITS.get(figures[0].unit, "") if figures else "",
        step=max((each.step for each in figures), default=1),
        sources=list(dict.fromkeys(each.source_note for each in figures if each.source_note)),
    )  # fmt: skip


@blueprint.get(f"{PAGE}/weather.csv")
@requires(*ANALYSTS)
def weather_file() -> Response:
    """All weather, of all stations."""
    first = _weather("", "", "")
    found = [
        _weather(each.name, *span)
        for each in first.stations
        for span in _spans(each.first_date, each.last_date)
    ]
    return as_download(files.weather(found), f"meguri-{area().area}-weather.csv")


@blueprint.get(f"{PAGE}/months.csv")
@requires(*ANALYSTS)
def months_file() -> Response:
    """All figures of months."""
    found = service().ReadMonths(pb.ReadMonthsRequest())
    return as_download(files.months(found.figures), f"meguri-{area().area}-months.csv")


def _spans(first: str, last: str) -> Iterator[tuple[str, str]]:
    """Gives dates in parts of ten years: one answer holds no more than 33."""
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    while begin <= end:
        until = min(end, begin + timedelta(days=3_652))
        yield begin.isoformat(), until.isoformat()
        begin = until + timedelta(days=1)


def _weather(station: str, first: str, last: str) -> pb.ReadWeatherResponse:
    found: pb.ReadWeatherResponse = service().ReadWeather(
        pb.ReadWeatherRequest(station=station, from_date=first, until_date=last)
    )
    return found


def _hint(day: pb.WeatherDay) -> str:
    return ", ".join(
        f"{words.ELEMENTS[name]} {words.tenths(getattr(day, name))}"
        for name in words.ELEMENTS
        if day.HasField(name)  # type: ignore[arg-type] # an element
    )


def _chart(figures: Sequence[pb.MonthFigure | None], names: Sequence[str]) -> Any:
    labels = [name[2:].replace("-0", "/").replace("-", "/") for name in names]
    values = [each.value if each and each.HasField("value") else None for each in figures]
    hints = [
        f"{words.month_word(name)}: {words.figure_word(each) if each else '–'}"
        for name, each in zip(names, figures, strict=True)
    ]
    return drawn.months(values, labels, hints)


def _told() -> None:
    done, count = request.args.get("done", ""), read_whole(request.args.get("count", ""), 9) or 0
    if done == "kept":
        notify("ok", _("Kept: %(count)s figures.", count=f"{count:,}"))
    elif done == "undone":
        notify("ok", _("Taken back. What was there before it counts again."))
    elif done == "dropped":
        notify("ok", _("Thrown away. Nothing was kept."))


def _page(wrong: dict[str, str] | None = None, status: int = 200) -> Response:
    found: pb.ListImportsResponse = service().ListImports(pb.ListImportsRequest())
    body = render_template(
        "insights/imports.html", found=found, wrong=wrong or {}, request_id=new_request_id(),
        most_bytes=MOST_BYTES, too_large_words=words.UNUSABLE["TOO_LARGE"], words=words,
        days=strips.of_days(found.weather_dates),
        series=[(each, strips.of_months(each)) for each in found.series], local=local,
        zone=area().time_zone, height=strips.HEIGHT, step=strips.STEP,
    )  # fmt: skip
    return make_response(body, status)
