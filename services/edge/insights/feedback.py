"""What visitors said in a month, as its page shows it: which texts are liked least, who came."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import grpc
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from meguri.insights.v1 import insights_service_pb2 as pb
from meguri.multilingual.v1 import feedback_service_pb2 as feedback_pb
from meguri.multilingual.v1.feedback_service_pb2_grpc import FeedbackServiceStub
from services.edge import prefectures
from services.edge.clients import stub
from services.edge.insights import charts
from services.edge.insights.present import Row, country_name, language_name, place_name
from services.edge.parts import locale

LOW = pb.LIKING_ABOUT_HALF  # liked by no more than these: worth a look
LIKINGS: Mapping[int, Any] = {
    pb.LIKING_HARDLY_ANYONE: _l("hardly anyone"),
    pb.LIKING_FEW: _l("few"),
    pb.LIKING_ABOUT_HALF: _l("about half"),
    pb.LIKING_MOST: _l("most"),
    pb.LIKING_NEARLY_ALL: _l("nearly all"),
}
OTHER_LANGUAGES = "und"  # of the guide: a language it is not read in here
REASONS: Mapping[str, Any] = {
    "hard": _l("Hard to understand"),
    "long": _l("Too long"),
    "language": _l("Odd language"),
    "mismatch": _l("Not what I see here"),
    "sound": _l("The sound"),
}


@dataclass(frozen=True)
class Rated:
    """A line of the table: a stop in one language, with ten ratings or more."""

    stop: str
    stop_code: str
    language: str
    locale: str
    count: int
    liking: int
    liked_by: str
    low: bool
    reasons: str


@dataclass(frozen=True)
class Asked:
    """A question and its answers. withheld: too few to tell anything."""

    label: str
    rows: tuple[Row, ...]
    n: int
    withheld: bool


def rated(found: pb.ReadFeedbackResponse) -> list[Rated]:
    """Returns the stops by language, least liked first; withheld ones are left out."""
    lines = [
        Rated(
            place_name(stop.names, stop.stop_code),
            stop.stop_code,
            str(_("Other languages"))
            if each.locale == OTHER_LANGUAGES
            else language_name(each.locale),
            each.locale,
            each.count,
            each.liking,
            str(LIKINGS.get(each.liking, "")),
            each.liking <= LOW,
            ", ".join(str(REASONS.get(cell.value, cell.value)) for cell in each.reasons),
        )
        for stop in found.stops
        if not stop.withheld
        for each in stop.languages
        if not each.withheld
    ]
    return sorted(lines, key=lambda each: (each.liking, each.stop_code))


def asked(found: pb.ReadFeedbackResponse) -> list[Asked]:
    """Returns the questions in the order they are asked, with the words of the survey."""
    known = _questions()
    order = {question_id: at for at, question_id in enumerate(known)}
    return [
        Asked(
            known[each.question_id].label.text if each.question_id in known else each.question_id,
            _rows(each.answers, known.get(each.question_id)),
            each.answers.n,
            each.answers.withheld,
        )
        for each in sorted(
            found.questions, key=lambda each: order.get(each.question_id, len(order))
        )
    ]


def _rows(answers: pb.Breakdown, question: feedback_pb.Question | None) -> tuple[Row, ...]:
    largest = max((cell.count for cell in answers.cells), default=0)
    return tuple(
        Row(
            _option(question, cell.value), cell.value, None if cell.withheld else cell.count, 0,
            charts.share(cell.count, largest),
        )
        for cell in answers.cells
    )  # fmt: skip


def _option(question: feedback_pb.Question | None, option_id: str) -> str:
    if question is None:
        return option_id
    if question.kind == feedback_pb.QUESTION_KIND_COUNTRY:
        return country_name(option_id)
    if question.kind == feedback_pb.QUESTION_KIND_PREFECTURE:
        return prefectures.name(option_id, locale())
    labels = {option.option_id: option.label.text for option in question.options}
    return labels.get(option_id, option_id)


def _questions() -> dict[str, feedback_pb.Question]:
    """Returns the survey's own words; while the guide is away the ids stay."""
    try:
        answer = stub(FeedbackServiceStub).ReadSurvey(
            feedback_pb.ReadSurveyRequest(locale=locale())
        )
    except grpc.RpcError:
        return {}
    return {each.question_id: each for each in answer.questions}


def around(month: str, running: date) -> tuple[str, str]:
    """Returns the months before and after; "" for one that has not begun."""
    first = date.fromisoformat(f"{month}-01")
    after = (first + timedelta(days=32)).replace(day=1)
    before = (first - timedelta(days=1)).isoformat()[:7]
    return before, "" if after > running else after.isoformat()[:7]
