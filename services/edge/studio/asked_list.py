"""Reading what visitors asked for: marks, what insights tells of ratings, the list of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from kit.config import ConfigError
from meguri.insights.v1 import insights_service_pb2 as insights_pb
from meguri.insights.v1.insights_service_pb2_grpc import InsightsServiceStub
from meguri.multilingual.v1 import asked_service_pb2 as pb
from meguri.multilingual.v1.asked_service_pb2_grpc import AskedServiceStub
from services.edge.clients import DEADLINE_S, stub
from services.edge.errors import is_away

COUNT_DEADLINE_S = 1.0  # the number beside a link is not worth waiting for
SINCE_AT_MOST = 500
# About how many of 100 do not like a text, by what insights says of it.
NOT_LIKED = {
    insights_pb.LIKING_HARDLY_ANYONE: 90,
    insights_pb.LIKING_FEW: 75,
    insights_pb.LIKING_ABOUT_HALF: 50,
}
LIKED_BY: Mapping[int, Any] = {
    insights_pb.LIKING_HARDLY_ANYONE: _l("Hardly anyone likes this text."),
    insights_pb.LIKING_FEW: _l("Few like this text."),
    insights_pb.LIKING_ABOUT_HALF: _l("About half like this text."),
}
REASONS: Mapping[str, Any] = {
    "hard": _l("Hard to understand"),
    "long": _l("Too long"),
    "language": _l("Odd language"),
    "mismatch": _l("Not what I see here"),
    "sound": _l("The sound"),
}
KINDS: Mapping[int, str] = {
    pb.ASKED_KIND_STRAY_CODE: "code",
    pb.ASKED_KIND_UNLIKED_TEXT: "text",
    pb.ASKED_KIND_LANGUAGE_BEHIND: "behind",
    pb.ASKED_KIND_LANGUAGE_NOT_OFFERED: "not-offered",
}


@dataclass(frozen=True)
class Shown:
    """An item as the page shows it. texts: liking and reasons of an unliked text, where told."""

    item: pb.AskedItem
    liked_by: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """The list. likings_known: insights has answered."""

    items: Sequence[Shown]
    marks: Sequence[pb.AskedMark]
    answer: pb.ListAskedResponse
    likings_known: bool


def name_of(matter: pb.AskedMatter) -> str:
    """Returns a name for a matter that is one on the page."""
    parts = (KINDS.get(matter.kind, ""), matter.stop_code, matter.locale)
    return "-".join(part for part in parts if part)


def read(deadline_s: float = DEADLINE_S) -> Asked:
    """Reads marks, what insights tells of ratings since they were made, and the list of both."""
    guide = stub(AskedServiceStub, deadline_s=deadline_s)
    marks = guide.ListAskedMarks(pb.ListAskedMarksRequest()).marks
    texts = _unliked(marks, deadline_s)
    told = {(each.stop_code, each.locale): each for each in texts or ()}
    answer = guide.ListAsked(
        pb.ListAskedRequest(unliked_texts=[_as_told(each, marks) for each in told.values()])
    )
    return Asked([_shown(each, told) for each in answer.items], marks, answer, texts is not None)


def settled(found: Asked) -> list[pb.AskedMark]:
    """Returns the marks whose matters are off the list."""
    waiting = {name_of(each.item.matter) for each in found.items}
    return [each for each in found.marks if name_of(each.matter) not in waiting]


def open_count() -> tuple[int, bool] | None:
    """Returns how many matters wait, and whether that is all of them; None while nobody knows."""
    try:
        found = read(COUNT_DEADLINE_S)
    except (grpc.RpcError, ConfigError):
        return None
    return len(found.items), found.likings_known


def count_words() -> str:
    """Returns the number of matters that wait as a link says it, "" while it is not known."""
    found = open_count()
    if found is None:
        return ""
    number, whole = found
    if not whole:
        return str(_("%(num)s or more", num=number)) if number else ""
    return str(number)


def _done_of_texts(marks: Sequence[pb.AskedMark]) -> dict[tuple[str, str], pb.AskedMark]:
    return {
        (each.matter.stop_code, each.matter.locale): each
        for each in marks
        if each.matter.kind == pb.ASKED_KIND_UNLIKED_TEXT and each.outcome == pb.ASKED_OUTCOME_DONE
    }


def _unliked(
    marks: Sequence[pb.AskedMark], deadline_s: float
) -> Sequence[insights_pb.UnlikedText] | None:
    """Returns the texts that few like, of those marked done by later ratings alone; None while
    insights is away: the rest of the list is true without."""
    since = [
        insights_pb.TextSince(stop_code=code, locale=locale, since_time=each.create_time)
        for (code, locale), each in _done_of_texts(marks).items()
    ]
    asked = insights_pb.ListUnlikedTextsRequest(since=since[:SINCE_AT_MOST])
    try:
        insights = stub(InsightsServiceStub, deadline_s=deadline_s)
        return list(insights.ListUnlikedTexts(asked).texts)
    except ConfigError:
        return None
    except grpc.RpcError as error:
        if is_away(error):
            return None
        raise


def _as_told(text: insights_pb.UnlikedText, marks: Sequence[pb.AskedMark]) -> pb.UnlikedText:
    told = pb.UnlikedText(
        stop_code=text.stop_code, locale=text.locale,
        unliked_percent=NOT_LIKED.get(text.liking, min(NOT_LIKED.values())),
    )  # fmt: skip
    done = _done_of_texts(marks).get((text.stop_code, text.locale))
    if done is not None:
        told.since_time.CopyFrom(done.create_time)
    return told


def _shown(item: pb.AskedItem, told: Mapping[tuple[str, str], insights_pb.UnlikedText]) -> Shown:
    text = told.get((item.matter.stop_code, item.matter.locale))
    if text is None or item.matter.kind != pb.ASKED_KIND_UNLIKED_TEXT:
        return Shown(item)
    reasons = tuple(str(REASONS.get(each, each)) for each in text.reasons)
    return Shown(item, str(LIKED_BY.get(text.liking, "")), reasons)
