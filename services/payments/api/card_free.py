"""Refuses requests in which somebody typed a card's number: before anything of them is kept."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from google.protobuf.message import Message

from meguri.payments.v1 import payments_service_pb2 as pb
from services.payments.domain.card_text import holds_card_number, is_card_number
from services.payments.domain.errors import CardNumberTyped

# Most requests of ASCII hold no long row of digits at all: one look at the bytes tells.
_LONG_ROW = re.compile(
    rb"[2-6](?:[0-9]{13}|[0-9]{3}[^0-9]{1,3}[0-9]{4}[0-9]{0,2}[^0-9]{1,3}[0-9]{4})"
)
# The busiest request by far, and never ASCII as a whole: amounts are written in bytes above 127.
_SALE_TEXTS = tuple(
    field.name for field in pb.TakePaymentRequest.DESCRIPTOR.fields
    if field.type == field.TYPE_STRING
)  # fmt: skip


def check(request: Message) -> None:
    """Errors: CardNumberTyped, which names the field and never quotes it.

    Sales that waited are looked at one by one (api/sales.py): one must not hold up the others.
    """
    if isinstance(request, pb.TakePaymentsRequest):
        return
    if isinstance(request, pb.TakePaymentRequest) and not request.items:
        content = "\n".join(getattr(request, name) for name in _SALE_TEXTS).encode()
    else:
        content = request.SerializeToString()
    if content.isascii() and _LONG_ROW.search(content) is None:
        return
    for name, text in _texts(request):
        found = is_card_number if name.endswith("_id") else holds_card_number
        if found(text):
            raise CardNumberTyped(name)


def _texts(message: Message, within: str = "") -> Iterator[tuple[str, str]]:
    """Gives each text of a message with the name of its field, those of maps and parts too."""
    for field, value in message.ListFields():
        name = f"{within}{field.name}"
        if isinstance(value, str | Message):
            parts: Iterable[Any] = (value,)
        elif isinstance(value, Mapping):
            parts = (*value.keys(), *value.values())
        elif field.type in (field.TYPE_STRING, field.TYPE_MESSAGE):
            parts = value
        else:
            continue
        for part in parts:
            if isinstance(part, str):
                yield name, part
            elif isinstance(part, Message):
                yield from _texts(part, f"{name}.")
