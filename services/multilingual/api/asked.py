"""The gRPC door of the asked list: decode, call the use case, encode."""

from datetime import datetime
from enum import IntEnum
from typing import Any, TypeVar

import grpc

from kit.pure.errors import InvalidFields
from kit.roles import EDITORS, PROGRAMS
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.multilingual.v1 import asked_service_pb2 as pb
from meguri.multilingual.v1 import asked_service_pb2_grpc as pb_grpc
from services.multilingual import wire
from services.multilingual.app import asked
from services.multilingual.app.deps import Deps
from services.multilingual.domain.asked import (
    TEXTS_SHOWN,
    Item,
    Kind,
    Mark,
    MarkUnknown,
    Matter,
    MatterUnknown,
    Outcome,
    band,
)
from services.multilingual.domain.guide import Guide
from services.multilingual.domain.stray import Met

E = TypeVar("E", bound=IntEnum)

NAME = "meguri.multilingual.v1.AskedService"

ALLOWED: Allowed = {
    "ListAskedMarks": EDITORS,
    "ListAsked": EDITORS,
    "MarkAsked": EDITORS,
    "TakeBackAskedMark": EDITORS,
    "RecordStrayCodes": PROGRAMS,
}

ERRORS: Errors = {
    MatterUnknown: (grpc.StatusCode.NOT_FOUND, "ASKED_MATTER_UNKNOWN"),
    MarkUnknown: (grpc.StatusCode.NOT_FOUND, "ASKED_MARK_UNKNOWN"),
}


class AskedApi(pb_grpc.AskedServiceServicer):
    """Answers meguri.multilingual.v1.AskedService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def ListAskedMarks(
        self, request: pb.ListAskedMarksRequest, context: Any
    ) -> pb.ListAskedMarksResponse:
        """Marks in force."""
        marks, guide = await asked.list_marks(self._deps, caller().area)
        return pb.ListAskedMarksResponse(marks=[_mark(each, guide) for each in marks])

    async def ListAsked(self, request: pb.ListAskedRequest, context: Any) -> pb.ListAskedResponse:
        """What waits for somebody."""
        texts = [_unliked(at, each) for at, each in enumerate(request.unliked_texts)]
        found = await asked.list_asked(self._deps, caller().area, texts)
        return pb.ListAskedResponse(
            items=[_item(each, found.guide) for each in found.items],
            least_mistyped=band(found.mistyped),
            least_other_languages=band(found.others),
        )

    async def MarkAsked(self, request: pb.MarkAskedRequest, context: Any) -> pb.MarkAskedResponse:
        """Done, or put off."""
        kind = _as(Kind, request.matter.kind)
        if kind is None:
            raise InvalidFields([("matter.kind", "is missing or unknown")])
        matter = Matter(kind, request.matter.stop_code, request.matter.locale)
        outcome = _as(Outcome, request.outcome)
        mark, guide = await asked.mark(
            self._deps, request_key(request), caller().area, matter, outcome, request.reason,
            request.put_off_days,
        )  # fmt: skip
        return pb.MarkAskedResponse(mark=_mark(mark, guide))

    async def TakeBackAskedMark(
        self, request: pb.TakeBackAskedMarkRequest, context: Any
    ) -> pb.TakeBackAskedMarkResponse:
        """The undo."""
        mark, guide = await asked.take_back(
            self._deps, request_key(request), caller().area, request.mark_id
        )
        return pb.TakeBackAskedMarkResponse(mark=_mark(mark, guide))

    async def RecordStrayCodes(
        self, request: pb.RecordStrayCodesRequest, context: Any
    ) -> pb.RecordStrayCodesResponse:
        """Counts codes that lead nowhere."""
        met = [
            Met(each.stop_code, _time(f"codes[{at}].seen_time", each, "seen_time"), each.count)
            for at, each in enumerate(request.codes)
        ]
        found = await asked.record_strays(self._deps, request_key(request), caller().area, met)
        return pb.RecordStrayCodesResponse(
            recorded_count=found.recorded, mistyped_count=found.mistyped
        )


def _as(kind: type[E], number: int) -> E | None:
    try:
        return kind(number)
    except ValueError:
        return None


def _unliked(at: int, text: pb.UnlikedText) -> asked.Unliked:
    since = _time(f"unliked_texts[{at}].since_time", text, "since_time")
    return asked.Unliked(text.stop_code, text.locale, text.unliked_percent, since)


def _time(name: str, message: pb.UnlikedText | pb.StrayCode, field: str) -> datetime | None:
    try:
        return wire.moment(getattr(message, field)) if message.HasField(field) else None  # type: ignore[arg-type] # one name for two messages
    except (ValueError, OverflowError) as error:
        raise InvalidFields([(name, "is no time")]) from error


def _item(item: Item, guide: Guide) -> pb.AskedItem:
    stop = guide.stop(item.matter.stop_code)
    return pb.AskedItem(
        matter=_matter(item.matter),
        least_views=band(item.views),
        last_date=item.last.isoformat() if item.last else "",
        stop_without_text=item.matter.kind is Kind.STRAY_CODE and stop is not None,
        stop_name=_name(guide, item.matter.stop_code),
        wished_texts=[
            pb.WishedText(
                stop_code=each.stop_code, stop_name=_name(guide, each.stop_code),
                outdated=each.outdated,
            )
            for each in item.texts[:TEXTS_SHOWN]
        ],
        missing_count=sum(not each.outdated for each in item.texts),
        outdated_count=sum(each.outdated for each in item.texts),
        earlier_mark=_mark(item.earlier, guide) if item.earlier else None,
    )  # fmt: skip


def _matter(matter: Matter) -> pb.AskedMatter:
    return pb.AskedMatter(
        kind=pb.AskedKind.ValueType(matter.kind), stop_code=matter.stop_code, locale=matter.locale
    )


def _mark(mark: Mark, guide: Guide) -> pb.AskedMark:
    return pb.AskedMark(
        mark_id=mark.mark_id,
        matter=_matter(mark.matter),
        outcome=pb.AskedOutcome.ValueType(mark.outcome),
        reason=mark.reason,
        author=mark.author,
        create_time=wire.timestamp(mark.create_time),
        until_time=wire.timestamp(mark.until_time),
        withdraw_time=wire.timestamp(mark.withdraw_time),
        stop_name=_name(guide, mark.matter.stop_code),
    )


def _name(guide: Guide, stop_code: str) -> str:
    """Returns a stop's name in the area's own language, "" where nothing is published of it."""
    stop = guide.stop(stop_code)
    return guide.source_text(stop).name if stop else ""
