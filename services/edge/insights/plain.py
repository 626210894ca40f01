"""Messages as JSON values: integers stay integers, times carry the area's offset."""

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

# What a withheld message must not show, not even as 0: that would look like a count.
_WITHHELD = ("count", "amount_yen", "estimate", "low", "high")
_WITHHELD_BY = {"rating_count": "ratings_withheld"}


def plain(message: Message, time_zone: str) -> dict[str, Any]:
    """Returns a message as a dict of its proto field names; a time that is not set is null."""
    hidden = getattr(message, "withheld", False)
    found: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        by = _WITHHELD_BY.get(field.name)
        if (hidden and field.name in _WITHHELD) or (by is not None and getattr(message, by)):
            found[field.name] = None
        elif isinstance(value := getattr(message, field.name), Timestamp):
            present = message.HasField(field.name)
            found[field.name] = _value(value, time_zone) if present else None
        else:
            found[field.name] = _value(value, time_zone)
    return found


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
