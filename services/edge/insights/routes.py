"""Pages of the area's numbers for marketing staff: today, days, checks against the owners."""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from babel.dates import format_skeleton
from flask import Blueprint, Response, jsonify, make_response, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _
from google.protobuf.message import Message
from jinja2 import pass_context
from jinja2.runtime import Context

from kit.roles import ANALYSTS, AUDITORS, FEEDBACK_READERS
from meguri.insights.v1 import insights_service_pb2 as pb
from meguri.insights.v1.insights_service_pb2_grpc import InsightsServiceStub
from services.edge.clients import stub
from services.edge.insights import export, feedback, folds, plain, present, strict, words
from services.edge.insights.agreement import agreements
from services.edge.insights.imports.pages import blueprint as imports
from services.edge.insights.kpi.pages import blueprint as kpi
from services.edge.insights.letters.mail import blueprint as letter_mail
from services.edge.insights.letters.pages import blueprint as letters
from services.edge.insights.months.pages import blueprint as months
from services.edge.insights.open_data.pages import blueprint as open_data
from services.edge.insights.query.api import blueprint as query_api
from services.edge.insights.query.pages import blueprint as query
from services.edge.insights.records import PAGE as RECORDS
from services.edge.insights.records import blueprint as records
from services.edge.insights.shops import name_shops
from services.edge.insights.visitors.pages import pages
from services.edge.insights.visitors.period import date_of
from services.edge.insights.visitors.sensors import blueprint as sensors
from services.edge.login import requires
from services.edge.parts import area, day_there, may
from services.edge.spreadsheet import as_download

DAYS_SHOWN = 30
CHECKED_DAYS = 7
ANSWERS_DEADLINE_S = 5.0  # a month of answers is read one by one: thousands, on a busy machine

blueprint = Blueprint("insights", __name__, template_folder="templates")
blueprint.before_request(strict.check)
blueprint.register_blueprint(pages)
blueprint.register_blueprint(sensors)
blueprint.register_blueprint(kpi)
blueprint.register_blueprint(open_data)
blueprint.register_blueprint(query)
blueprint.register_blueprint(query_api)
blueprint.register_blueprint(months)
blueprint.register_blueprint(imports)
blueprint.register_blueprint(letters)
blueprint.register_blueprint(letter_mail)
blueprint.register_blueprint(records)


@blueprint.context_processor
def _foot() -> dict[str, object]:
    """Every page of figures leads to the terms of what they are made from."""
    return {"foot_links": [(RECORDS, _("Which records are kept"))]}


def _word_of_reader(word: Callable[[Any], str]) -> Callable[[Context, Any], str]:
    """Returns a filter that is asked for every page: of a constant Jinja would ask once, while it
    compiles the page, and keep the word in the language of the first reader."""

    @pass_context
    def told(_context: Context, value: Any) -> str:
        return word(value)

    return told


for _name, _word in (
    ("long_date", present.long_date), ("day_word", folds.day_word),
    ("service_word", words.service_word),
    ("measure_word", words.measure_word), ("tender_word", words.tender_word),
    ("shop_word", present.shop_word),
):  # fmt: skip
    blueprint.add_app_template_filter(_word_of_reader(_word), _name)


@blueprint.get("/insights")
@requires(*ANALYSTS)
def show_today() -> Response:
    """The running day; a script keeps it fresh."""
    return _day_page(name_shops(_insights().ReadToday(pb.ReadTodayRequest()).day), live=True)


@blueprint.get("/insights/live")
@requires(*ANALYSTS)
def show_live() -> Response:
    """The changing part of the running day; not sent again while its ETag is the same."""
    day = name_shops(_insights().ReadToday(pb.ReadTodayRequest()).day)
    return _fresh(make_response(_figures(day, live=True)))


@blueprint.get("/insights/days")
@requires(*ANALYSTS)
def show_days() -> Response:
    """Totals of each day of a range."""
    found = _read_range()
    return make_response(
        render_template(
            "insights/days.html",
            found=found,
            first=_from(),
            last=_until(),
            scan_chart=folds.drawn(found.days, "scan_count", _("scans")),
            money_chart=folds.drawn(found.days, "net_yen", _("yen")),
            folds=folds.folded(found.days),
            untold=folds.untold(found.days), row_of=folds.row_of,
            by=_("by month") if len(found.days) > folds.WEEKS_UP_TO else _("by day"),
            any_event=any(
                day.scan_count or day.captured_count or day.plan_count or day.kept_count
                or day.sales == pb.SALES_REACH_NONE for day in found.days
            ),
        )
    )  # fmt: skip


@blueprint.get("/insights/days.csv")
@requires(*ANALYSTS)
def download_days() -> Response:
    """Totals of each day of a range as a table."""
    return as_download(
        export.range_csv(_read_range()), f"meguri-{area().area}-{_from()}-{_until()}.csv"
    )


@blueprint.get("/insights/days/<on>")
@requires(*ANALYSTS)
def show_day(on: str) -> Response:
    """One day in full."""
    return _day_page(name_shops(_insights().ReadDay(pb.ReadDayRequest(date=on)).day), live=False)


@blueprint.get("/insights/days/<on>.csv")
@requires(*ANALYSTS)
def download_day(on: str) -> Response:
    """All figures of one day as a table."""
    day = name_shops(_insights().ReadDay(pb.ReadDayRequest(date=on)).day)
    return as_download(export.day_csv(day), f"meguri-{area().area}-{day.date}.csv")


@blueprint.get("/insights/agreement")
@requires(*ANALYSTS)
def show_agreement() -> Response:
    """Whether the totals here are those of the services that own them."""
    last = day_there()
    return make_response(
        render_template(
            "insights/agreement.html",
            days=agreements(last - timedelta(days=CHECKED_DAYS - 1), last),
            asks_ledger=may(*AUDITORS),
        )
    )


@blueprint.get("/insights/feedback")
@requires(*FEEDBACK_READERS)
def show_feedback() -> Response:
    """What visitors said in a month: ratings and the survey."""
    found = _read_feedback()
    before, after = feedback.around(found.month, day_there())
    asked, in_words = feedback.asked(found) if found.reply_count else ([], True)
    return make_response(
        render_template(
            "insights/feedback.html", found=found, rated=feedback.rated(found),
            asked=asked, in_words=in_words, before=before, after=after,
            only_this=not _sees_all(),
            name=format_skeleton("yMMMM", date.fromisoformat(f"{found.month}-01"),
                                 locale=get_locale()),
        )
    )  # fmt: skip


@blueprint.get("/api/v1/insights/feedback")
@requires(*ANALYSTS)
def api_feedback() -> Response:
    """What visitors said in a month, for programs."""
    return _json(_read_feedback())


@blueprint.get("/api/v1/insights/today")
@requires(*ANALYSTS)
def api_today() -> Response:
    """The running day for programs."""
    return _json(name_shops(_insights().ReadToday(pb.ReadTodayRequest()).day))


@blueprint.get("/api/v1/insights/days")
@requires(*ANALYSTS)
def api_days() -> Response:
    """Totals of each day for programs."""
    return _json(_read_range())


@blueprint.get("/api/v1/insights/days/<on>")
@requires(*ANALYSTS)
def api_day(on: str) -> Response:
    """One day for programs."""
    return _json(name_shops(_insights().ReadDay(pb.ReadDayRequest(date=on)).day))


@blueprint.get("/api/v1/insights/agreement")
@requires(*ANALYSTS)
def api_agreement() -> Response:
    """Exact totals per business date for programs."""
    return _json(
        _insights().ReadAgreement(
            pb.ReadAgreementRequest(from_date=_from().isoformat(), until_date=_until().isoformat())
        )
    )


def _insights() -> InsightsServiceStub:
    return stub(InsightsServiceStub)


def _day_page(day: pb.Day, *, live: bool) -> Response:
    figures = _figures(day, live=live)
    response = make_response(
        render_template(
            "insights/day.html",
            day=day,
            live=live,
            figures=figures,
            etag=_etag_of(figures),
            before=date.fromisoformat(day.date) - timedelta(days=1),
            after=None if live else date.fromisoformat(day.date) + timedelta(days=1),
            today=day_there(),
        )
    )
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _figures(day: pb.Day, *, live: bool) -> str:
    return render_template("insights/figures.html", live=live, **present.day_view(day))


def _read_range() -> pb.ReadRangeResponse:
    return _insights().ReadRange(
        pb.ReadRangeRequest(from_date=_from().isoformat(), until_date=_until().isoformat())
    )


def _sees_all() -> bool:
    return may(*ANALYSTS)


def _read_feedback() -> pb.ReadFeedbackResponse:
    month = request.args.get("month", "")[:20]
    patient = stub(InsightsServiceStub, deadline_s=ANSWERS_DEADLINE_S)
    return patient.ReadFeedback(pb.ReadFeedbackRequest(month=month))


def _until() -> date:
    return date_of(request.args, "until") or day_there()


def _from() -> date:
    return date_of(request.args, "from") or _until() - timedelta(days=DAYS_SHOWN - 1)


def _json(message: Message) -> Response:
    return _fresh(jsonify(plain.plain(message, area().time_zone)))


def _etag_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _fresh(response: Response) -> Response:
    """Gives an answer its ETag; who knows it already is told so without a body."""
    response.set_etag(_etag_of(response.get_data(as_text=True)))
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)  # changes the response itself
    return response
