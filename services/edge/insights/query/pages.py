"""Pages of questions: put together, answered, held against each other."""

from flask import Blueprint, Response, make_response, render_template, request

from kit.roles import ANALYSTS
from services.edge.errors import Problem
from services.edge.insights.present import local
from services.edge.insights.query import asked as reading
from services.edge.insights.query import calls, drawn, files, ready, scatter, words
from services.edge.insights.query.asked import Asked
from services.edge.login import requires
from services.edge.parts import area, day_there
from services.edge.spreadsheet import as_download

PAGE = ready.PAGE

blueprint = Blueprint("query", __name__)


@blueprint.get(PAGE)
@requires(*ANALYSTS)
def page() -> Response:
    """Ready questions and the form; with a question in the address, its answer first."""
    asked = reading.read(request.args, day_there())
    if not request.args or asked.wrong:
        status = 400 if asked.wrong else 200
        return make_response(
            render_template(
                "insights/query.html", asked=asked, found=None, words=words, themes=ready.themes()
            ),
            status,
        )
    found = calls.ask(asked)
    at = found.as_of_time
    return make_response(
        render_template(
            "insights/query.html", asked=asked, found=found, words=words, themes=(),
            view=drawn.view(asked, found),
            as_of=local(at, area().time_zone) if found.HasField("as_of_time") else None,
        )
    )  # fmt: skip


@blueprint.get(f"{PAGE}/answer.csv")
@requires(*ANALYSTS)
def download() -> Response:
    """An answer as a table."""
    asked = _sound()
    name = f"meguri-{area().area}-answer-{asked.first}-{asked.last}.csv"
    return as_download(files.answer_csv(asked, calls.ask(asked)), name)


@blueprint.get(f"{PAGE}/together")
@requires(*ANALYSTS)
def together() -> Response:
    """Two measures from day to day."""
    asked = reading.read(request.args, day_there(), reading.LONG)
    asked.wrong = {name: text for name, text in asked.wrong.items() if name in reading.TOGETHER}
    found = None if asked.wrong else calls.relate(asked)
    return make_response(
        render_template(
            "insights/query_together.html", asked=asked, found=found, words=words,
            drawn=scatter.scatter(found, 10 if asked.second in words.WEATHER else 1)
            if found else None,
            said=scatter.said(found, asked.measure, asked.second) if found else "",
        ),
        400 if asked.wrong else 200,
    )  # fmt: skip


def _sound() -> Asked:
    """Errors: Problem for a question that cannot be asked."""
    asked = reading.read(request.args, day_there())
    if asked.wrong:
        raise Problem(400, "invalid_fields", fields=list(asked.wrong.items()))
    return asked
