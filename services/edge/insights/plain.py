"""Messages as JSON values: integers stay integers, times carry the area's offset."""

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from meguri.insights.v1 import insights_service_pb2 as pb

# What a withheld message must not show, not even as 0: that would look like a count.
_WITHHELD = ("count", "amount_yen", "estimate", "low", "high", "counted", "said", "waiting_yen")
_WITHHELD_BY = {"rating_count": "ratings_withheld"}
_COARSE = ("event_count",)
_IN_HOURS = ("captured_count", "captured_yen")
# Of sales: what is told of the total, and what only where all is told.
_TOTAL = ("net_yen", "kept_count")
_PARTS = ("captured_count", "captured_yen", "voided_count", "voided_yen", "refunded_count",
          "refunded_yen", "declined_count", "unknown_count")  # fmt: skip


def told_of(message: Message, reach: int) -> frozenset[str]:
    """Returns the fields of a message with sales that are told."""
    hidden = {
        pb.SALES_REACH_TOTAL: _PARTS, pb.SALES_REACH_NONE: (*_PARTS, *_TOTAL),
    }.get(pb.SalesReach.ValueType(reach), ())  # fmt: skip
    return frozenset(field.name for field in message.DESCRIPTOR.fields) - set(hidden)


def plain(message: Message, time_zone: str) -> dict[str, Any]:
    """Returns a message as a dict of its proto field names; a time that is not set is null."""
    hidden = _hidden(message)
    found: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        by = _WITHHELD_BY.get(field.name)
        if field.name in hidden or (by is not None and getattr(message, by)):
            found[field.name] = None
        elif isinstance(value := getattr(message, field.name), Timestamp):
            present = message.HasField(field.name)
            found[field.name] = _value(value, time_zone) if present else None
        else:
            found[field.name] = _value(value, time_zone)
    return found


def _hidden(message: Message) -> frozenset[str]:
    hidden: set[str] = set()
    if getattr(message, "withheld", False):
        hidden.update(_WITHHELD)
    if getattr(message, "sales_withheld", False):
        hidden.update(_IN_HOURS)
    if getattr(message, "coarse", False):
        hidden.update(_COARSE)
    if isinstance(message, pb.Payments | pb.DayTotals):
        reach = message.reach if isinstance(message, pb.Payments) else message.sales
        if isinstance(message, pb.Payments) and not message.HasField("other_shops_yen"):
            hidden.add("other_shops_yen")
        hidden.update({field.name for field in message.DESCRIPTOR.fields} - told_of(message, reach))
    return frozenset(hidden)


def _value(value: Any, time_zone: str) -> Any:
    if isinstance(value, Timestamp):
        moment = value.ToDatetime(tzinfo=UTC).astimezone(ZoneInfo(time_zone))
        return moment.isoformat(timespec="seconds")
    if isinstance(value, Message):
        return plain(value, time_zone)
    if isinstance(value, str | bool | int | float):
        return value
    if hasattr(value, "items"):
        return {str(key): each for key, each in sorted(value.items())}
    return [_value(each, time_zone) for each in value]
