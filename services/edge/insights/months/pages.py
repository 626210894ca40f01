"""Pages of a month and of a year."""

from datetime import timedelta

from babel.dates import format_skeleton
from flask import Blueprint, Response, make_response, redirect, render_template
from flask_babel import get_locale
from werkzeug.wrappers import Response as Answer

from kit.roles import ANALYSTS
from meguri.insights.v1 import insights_service_pb2 as insights_pb
from meguri.insights.v1.insights_service_pb2_grpc import InsightsServiceStub
from services.edge.clients import stub
from services.edge.errors import Problem
from services.edge.insights.months import figures
from services.edge.insights.query import words
from services.edge.login import requires
from services.edge.parts import area, day_there

blueprint = Blueprint("months", __name__)


@blueprint.get("/insights/months")
@requires(*ANALYSTS)
def newest() -> Answer:
    """The month that ended last, since the running one is not whole; that one where nothing was
    counted before it."""
    today = day_there()
    asked = insights_pb.ReadRangeRequest(from_date=today.isoformat(), until_date=today.isoformat())
    begun = stub(InsightsServiceStub).ReadRange(asked).first_date
    first = today.replace(day=1)
    shown = first - timedelta(days=1) if begun and begun < first.isoformat() else first
    return redirect(f"/insights/months/{shown:%Y-%m}", 302)


@blueprint.get("/insights/months/<month>")
@requires(*ANALYSTS)
def show_month(month: str) -> Response:
    """A month in full, to look at and to print."""
    today = day_there()
    found = figures.month_of(month, today)
    if found is None:
        raise Problem(404, "not_found")
    return make_response(
        render_template(
            "insights/month.html", month=found, name=_name(found), words=words, demo=area().demo,
            after=found.after if figures.month_of(found.after, today) else "",
            **figures.of_month(found),
        )
    )  # fmt: skip


def _name(month: figures.Month) -> str:
    return str(format_skeleton("yMMMM", month.first, locale=get_locale()))


@blueprint.get("/insights/years/<year>")
@requires(*ANALYSTS)
def show_year(year: str) -> Response:
    """A year by months, beside the one before."""
    today = day_there()
    if figures.month_of(f"{year}-01", today) is None:
        raise Problem(404, "not_found")
    number = int(year)
    return make_response(
        render_template(
            "insights/year.html",
            year=number,
            cards=list(figures.of_year(number, today)),
            after=number + 1 if number < today.year else 0,
            demo=area().demo,
        )
    )
