"""The hours of the desk that answers visitors, in words of the page's language."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import grpc
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from google.protobuf.timestamp_pb2 import Timestamp

from meguri.multilingual.v1 import help_service_pb2 as pb
from meguri.multilingual.v1.help_service_pb2_grpc import HelpServiceStub
from services.edge.clients import stub
from services.edge.errors import is_away
from services.edge.parts import area

DEADLINE_S = 3.0
HOUR = 60
# contract → (name in forms and addresses, words)
TOPICS: dict[int, tuple[str, Any]] = {
    pb.HELP_TOPIC_LOST_ITEM: ("lost_item", _l("Something lost or found")),
    pb.HELP_TOPIC_PAYMENT: ("payment", _l("Ticket or payment")),
    pb.HELP_TOPIC_BROKEN: ("broken", _l("Something is broken")),
    pb.HELP_TOPIC_TEXT: ("text", _l("A text is wrong")),
    pb.HELP_TOPIC_OTHER: ("other", _l("Something else")),
}
BY_NAME = {name: number for number, (name, _words) in TOPICS.items()}


def service() -> HelpServiceStub:
    """Returns the stub of help, with the deadline that people at a page may be asked to wait."""
    return stub(HelpServiceStub, deadline_s=DEADLINE_S)


def ask() -> pb.HelpDesk:
    """Returns the desk. Errors: grpc.RpcError."""
    return service().ReadHelpDesk(pb.ReadHelpDeskRequest()).desk


def read() -> pb.HelpDesk | None:
    """Returns the desk, None while the guide is away: a page of help opens all the same."""
    try:
        return ask()
    except grpc.RpcError as error:
        if not is_away(error):
            raise
        return None


def hours(desk: pb.HelpDesk | None) -> str:
    """Returns "Mon–Fri 9:00–17:00" in the page's language, "" where nobody has said any hours."""
    if desk is None or desk.until_minute <= desk.from_minute:
        return ""
    days = _("daily") if len(desk.weekdays) == 7 else _joined(desk.weekdays)
    return f"{days} {clock(desk.from_minute)}–{clock(desk.until_minute)}"


def clock(minute: int) -> str:
    """Returns a minute of the day as an hour and a minute: 9:00, 24:00."""
    return f"{minute // HOUR}:{minute % HOUR:02}"


def minute(typed: str) -> int | None:
    """Returns the minute of the day of a time as browsers send it, None for what is none."""
    try:
        at = time.fromisoformat(typed)
    except ValueError:
        return None
    return at.hour * HOUR + at.minute


def last_day(stamp: Timestamp) -> date:
    """Returns the last day in the area on which something is in time that is due at a midnight."""
    at = stamp.ToDatetime(tzinfo=UTC) - timedelta(seconds=1)
    return at.astimezone(ZoneInfo(area().time_zone)).date()


def day_name(day: int, width: str = "abbreviated") -> str:
    """Returns the name of a day of the week, 1 for Monday, in the page's language."""
    current = get_locale()
    if current is None:
        raise LookupError("a page has a language")
    return str(current.days["stand-alone"][width][day - 1])


def _joined(weekdays: Iterable[int]) -> str:
    return "・".join(
        day_name(first) if first == last else f"{day_name(first)}–{day_name(last)}"
        for first, last in _runs(weekdays)
    )


def _runs(weekdays: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yields first and last day of days that follow one another."""
    first = last = 0
    for day in weekdays:
        if first and day == last + 1:
            last = day
            continue
        if first:
            yield first, last
        first = last = day
    if first:
        yield first, last
