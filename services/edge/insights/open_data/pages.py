"""Pages of open data: for everybody, and for the staff who choose it."""

from dataclasses import dataclass, field

import grpc
from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from kit.client import problem_of
from kit.roles import ANALYSTS
from meguri.insights.v1 import open_data_service_pb2 as pb
from meguri.insights.v1.open_data_service_pb2_grpc import OpenDataServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, form_request_id
from services.edge.insights import charts
from services.edge.insights.lines import line
from services.edge.insights.open_data import files, fiware, words
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import area
from services.edge.whole import read_whole

PAGE = files.PAGE
DRAWN_DAYS = 60
MOST_PUBLISHER, MOST_CONTACT = 80, 200

blueprint = Blueprint("open_data", __name__)


@blueprint.get(PAGE)
def page() -> str:
    """What is published, drawn and as files."""
    found = _read()
    return render_template(
        "insights/open.html", found=found, words=words,
        drawn=[_drawn(found, measure) for measure in found.settings.measures],
        licence=words.LICENCES.get(found.settings.licence), newest=list(found.days)[-14:][::-1],
        years=files.years(found),
    )  # fmt: skip


@blueprint.get(f"{PAGE}/days.csv")
def days() -> Response:
    """The days as CSV."""
    return files.answer(files.as_csv(_published()), "text/csv; charset=utf-8", "days.csv")


@blueprint.get(f"{PAGE}/days.csv-metadata.json")
def csvw() -> Response:
    """The table for programs that know CSVW."""
    return files.answer(
        files.as_csvw(_published()), "application/csvm+json", "days.csv-metadata.json"
    )


@blueprint.get(f"{PAGE}/datapackage.json")
def package() -> Response:
    """The table for programs that know Frictionless."""
    return files.answer(files.as_package(_published()), "application/json", "datapackage.json")


@blueprint.get(f"{PAGE}/dataset.jsonld")
def dataset() -> Response:
    """The table in the words of schema.org."""
    return files.answer(files.as_dataset(_published()), "application/ld+json", "dataset.jsonld")


@blueprint.get(f"{PAGE}/days.ngsi-ld.json")
def ngsi_ld() -> Response:
    """The days for platforms of smart cities (FIWARE)."""
    found = fiware.entities(_published(), area().area)
    return files.answer(found, fiware.MEDIA_TYPE, "days.ngsi-ld.json")


@dataclass
class Typed:
    """A choice as somebody made it. wrong: sentences by the id of their field."""

    measures: set[int] = field(default_factory=set)
    licence: int = 0
    publisher: str = ""
    contact: str = ""
    wrong: dict[str, str] = field(default_factory=dict)


@blueprint.get(f"{PAGE}/choice")
@requires(*ANALYSTS)
def choice() -> Response:
    """The form of what is published."""
    found = _choice()
    if request.args.get("done"):
        notify("ok", _("Saved. This is what everybody sees from now on.")
               if found.settings.measures else _("Saved. Nothing is published."))  # fmt: skip
    return _choice_page(found, _typed_of(found.settings), new_request_id())


@blueprint.post(f"{PAGE}/choice")
@requires(*ANALYSTS)
def choose() -> Response | Answer:
    """Chooses what is published."""
    request_id = form_request_id()
    typed = Typed(
        {number for number in words.COLUMNS if request.form.get(f"measure-{number}")},
        read_whole(request.form.get("licence", ""), 2) or 0,
        request.form.get("publisher", "").strip()[:300],
        request.form.get("contact", "").strip()[:400],
    )  # fmt: skip
    _check(typed)
    if typed.wrong:
        return _choice_page(_choice(), typed, request_id, 422)
    wanted = pb.SaveOpenDataSettingsRequest(
        request_id=request_id,
        expected_version=read_whole(request.form.get("version", ""), 18) or 0,
        settings=pb.OpenDataSettings(
            measures=sorted(typed.measures),  # type: ignore[arg-type] # numbers of the enum
            licence=typed.licence,  # type: ignore[arg-type] # as above
            publisher=typed.publisher, contact=typed.contact,
        ),
    )  # fmt: skip
    try:
        _service().SaveOpenDataSettings(wanted)
    except grpc.RpcError as error:
        if problem_of(error).reason != "VERSION_CONFLICT":
            raise
        notify("warn", _("Somebody else has changed it meanwhile. This is what holds now."))
        found = _choice()
        return _choice_page(found, _typed_of(found.settings), new_request_id(), 409)
    return redirect(f"{PAGE}/choice?done=1", 303)


def _check(typed: Typed) -> None:
    if typed.measures and typed.licence not in words.LICENCES:
        typed.wrong["f-licence"] = _("Choose the terms.")
    if typed.measures and not typed.publisher:
        typed.wrong["f-publisher"] = _("Say who publishes.")
    if typed.publisher != line(typed.publisher, MOST_PUBLISHER):
        typed.wrong["f-publisher"] = _("At most 80 characters.")
    if typed.contact != line(typed.contact, MOST_CONTACT):
        typed.wrong["f-contact"] = _("At most 200 characters.")


def _typed_of(settings: pb.OpenDataSettings) -> Typed:
    return Typed(
        set(settings.measures), int(settings.licence), settings.publisher, settings.contact
    )


def _service() -> OpenDataServiceStub:
    return stub(OpenDataServiceStub)


def _read() -> pb.ReadOpenDataResponse:
    found: pb.ReadOpenDataResponse = _service().ReadOpenData(
        pb.ReadOpenDataRequest(
            from_date=request.args.get("from", "")[:10],
            until_date=request.args.get("until", "")[:10],
        )
    )
    return found


def _published() -> pb.ReadOpenDataResponse:
    """Returns what is published. Errors: Problem not_found where nothing is."""
    found = _read()
    if not found.settings.measures:
        raise Problem(404, "not_found")
    return found


def _choice() -> pb.ReadOpenDataSettingsResponse:
    found: pb.ReadOpenDataSettingsResponse = _service().ReadOpenDataSettings(
        pb.ReadOpenDataSettingsRequest()
    )
    return found


def _drawn(
    found: pb.ReadOpenDataResponse, measure: int
) -> tuple[words.Column, charts.Chart | None]:
    """Returns the newest days of a figure drawn; a day that is withheld leaves a gap."""
    newest = list(found.days)[-DRAWN_DAYS:]
    values = [
        next((each.value for each in day.figures if each.measure == measure), 0) for day in newest
    ]
    hints = [f"{day.date}: {value:,}" for day, value in zip(newest, values, strict=True)]
    labels = [day.date[5:].lstrip("0").replace("-", "/") for day in newest]
    there = any(values)
    return words.COLUMNS[measure], charts.columns(
        [max(0, each) for each in values], labels, hints
    ) if there else None


def _choice_page(
    found: pb.ReadOpenDataSettingsResponse, typed: Typed, request_id: str, status: int = 200
) -> Response:
    body = render_template(
        "insights/open_choice.html", found=found, typed=typed, request_id=request_id, words=words
    )
    return make_response(body, status)
