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
from services.edge.listed import listed
from services.edge.parts import locale

# What the questions that a survey begins with are about, for while the guide is away.
TOPICS: Mapping[str, Any] = {
    "country": _l("Where visitors live"),
    "prefecture": _l("Prefectures in Japan"),
    "party": _l("Who came together"),
    "transport": _l("How they came here"),
    "heard": _l("How they heard of this place"),
}
_KINDS = {
    "country": feedback_pb.QUESTION_KIND_COUNTRY,
    "prefecture": feedback_pb.QUESTION_KIND_PREFECTURE,
}
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
    """A question and its answers. rows: none where nothing is told yet. not_asked: any longer."""

    label: str
    rows: tuple[Row, ...]
    not_asked: bool = False


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
            listed((str(REASONS.get(cell.value, cell.value)) for cell in each.reasons), locale()),
        )
        for stop in found.stops
        if not stop.withheld
        for each in stop.languages
        if not each.withheld
    ]
    return sorted(lines, key=lambda each: (each.liking, each.stop_code))


def asked(found: pb.ReadFeedbackResponse) -> tuple[list[Asked], bool]:
    """Returns the questions in the order they are asked, those without a told answer too, and
    whether the guide has given their words."""
    known = _questions()
    told = {each.question_id: each.answers for each in found.questions}
    listed = [key for key, question in known.items() if not question.not_asked or key in told]
    return [
        Asked(
            known[key].label.text if key in known else _topic(key),
            _rows(key, told[key], known.get(key)) if key in told else (),
            key in known and known[key].not_asked,
        )
        for key in (*listed, *(key for key in told if key not in known))
    ], bool(known)


def _rows(
    key: str, answers: pb.Breakdown, question: feedback_pb.Question | None
) -> tuple[Row, ...]:
    kind = question.kind if question else _KINDS.get(key, feedback_pb.QUESTION_KIND_CHOICE)
    options = question.options if question else ()
    labels = {option.option_id: option.label.text for option in options}
    return tuple(
        Row(
            _option(kind, labels, cell.value), cell.value, cell.count, 0,
            charts.share(cell.count, answers.n),
        )
        for cell in answers.cells
    )  # fmt: skip


def _option(kind: int, labels: Mapping[str, str], option_id: str) -> str:
    if kind == feedback_pb.QUESTION_KIND_COUNTRY:
        return country_name(option_id)
    if kind == feedback_pb.QUESTION_KIND_PREFECTURE:
        return prefectures.name(option_id, locale())
    return labels.get(option_id, option_id)


def _topic(question_id: str) -> str:
    """Returns what a question is about; of one that somebody made, its id."""
    return str(TOPICS.get(question_id, question_id))


def _questions() -> dict[str, feedback_pb.Question]:
    """Returns the survey's own words, of questions no longer asked too; none while the guide is
    away."""
    try:
        answer = stub(FeedbackServiceStub).ReadSurvey(
            feedback_pb.ReadSurveyRequest(locale=locale(), include_not_asked=True)
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
