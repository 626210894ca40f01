"""Refuses requests in which somebody typed a card's number: before anything of them is kept."""

import re
from collections.abc import Iterator

from google.protobuf.message import Message

from meguri.payments.v1 import payments_service_pb2 as pb
from services.payments.domain.card_text import holds_card_number
from services.payments.domain.errors import CardNumberTyped

# Most requests of ASCII hold no long row of digits at all: one look at the bytes tells.
_LONG_ROW = re.compile(rb"[2-6](?:[ .-]?[0-9]){13}")
_NOT_TYPED = frozenset({"code", "customer_code"})  # read by a scanner; they are never kept as text


def check(request: Message) -> None:
    """Errors: CardNumberTyped, which names the field and never quotes it.

    Sales that waited are looked at one by one (api/sales.py): one must not hold up the others.
    """
    if isinstance(request, pb.TakePaymentsRequest):
        return
    content = request.SerializeToString()
    if content.isascii() and _LONG_ROW.search(content) is None:
        return
    for name, text in _texts(request):
        if holds_card_number(text):
            raise CardNumberTyped(name)


def _texts(message: Message, within: str = "") -> "Iterator[tuple[str, str]]":
    for field, value in message.ListFields():
        name = f"{within}{field.name}"
        if field.type == field.TYPE_STRING and field.name not in _NOT_TYPED:
            yield from ((name, text) for text in ([value] if isinstance(value, str) else value))
        elif isinstance(value, Message):
            yield from _texts(value, f"{name}.")
        elif field.message_type is not None and not field.message_type.GetOptions().map_entry:
            for part in value:
                yield from _texts(part, f"{name}.")
