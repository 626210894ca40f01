"""What any text in any request may be: as long as its meaning asks for, and no card's number.

Said once, for every service: the guard (kit.rpc) looks before a method does. Length comes first,
so that looking for numbers takes a bounded time whatever a stranger sends. Services bound their
own fields more closely. Files are bytes: whoever reads their rows looks for numbers there.
"""

from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from kit.pure.card_text import CODE_BEGINNINGS, LONG_ROW, holds_card_number, is_card_number
from kit.pure.errors import InvalidFields, Refusal

SHORT = 200  # characters of a name, an id, a code, a date: of everything that has no line below
LONGER = {
    # What people write at length, and what machines do.
    **dict.fromkeys(("note", "reason", "summary", "opening", "source", "sources"), 2_000),
    **dict.fromkeys(("access_note", "closed_note", "fee_note", "payment_note"), 2_000),
    "suspended_note": 2_000,
    "definition": 400,  # of a KPI
    **dict.fromkeys(("accept_language", "headers", "page_token", "payload"), 4_000),
    **dict.fromkeys(("base_url", "public_url", "url"), 2_000),
    "text": 10_000,  # a paragraph, which the guide itself bounds by its index
    "transcript": 5_000,  # of a recording
    "mapping": 20_000,  # a file of its own, in TOML
    "password": 1_000,
}
TOGETHER = 200_000  # characters of all texts of one request, which are searched in a few moments
NOT_KEPT = frozenset({"password", "pin"})  # as a hash only: whatever is typed there
# How a message is looked at where its contract says so (meguri.options.v1.TextScope): parts that
# waited, many to a call, by their service, one by one with check() or blank(); whole areas and
# shops, from those who run them, without TOGETHER.
SCOPE = "meguri.options.v1.text_scope"
ONE_BY_ONE, WHOLE = "TEXT_SCOPE_ONE_BY_ONE", "TEXT_SCOPE_WHOLE"
# How a field holds texts.
_TEXT, _PART, _MANY, _MAP = range(4)


class TextTooLong(InvalidFields):
    """A text is longer than anybody needs there."""


class CardNumberTyped(Refusal):
    """A text holds the number of a card. It names the field and never quotes it."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} holds a card's number, or a customer's code. Take it out; nothing was kept."
        )


def check(request: Message) -> None:
    """Looks at every text of a request. Errors: TextTooLong, CardNumberTyped."""
    given: list[tuple[str, str]] = []
    _read(request, "", given)
    whole = "\n".join([text for _, text in given])
    if len(whole) > SHORT:
        _check_lengths(request, given, len(whole))
    if whole.isascii() and LONG_ROW.search(whole) is None and CODE_BEGINNINGS[0] not in whole:
        return  # most requests
    for name, text in given:
        if _holds_number(name, text):
            raise CardNumberTyped(name)


def blank(scan: Message) -> None:
    """Empties those texts of a scan that check() would refuse: then it is a scan of nothing.

    Of a rating or a reply likewise. Parts of it are blanked before it, each by itself.
    """
    given: list[tuple[str, str]] = []
    _read(scan, "", given)
    for name, text in given:
        if len(text) > LONGER.get(name, SHORT) or _holds_number(name, text):
            scan.ClearField(name)


def _holds_number(name: str, text: str) -> bool:
    # A hash is made by a machine: one in some thousands has such a row of digits somewhere in it.
    found = is_card_number if name.endswith(("_id", "sha256")) else holds_card_number
    return name not in NOT_KEPT and found(text)


def _check_lengths(request: Message, given: list[tuple[str, str]], together: int) -> None:
    wrong = {
        name: most
        for name, text in given
        if len(text) > SHORT and len(text) > (most := LONGER.get(name.rpartition(".")[2], SHORT))
    }
    if wrong:
        raise TextTooLong([(name, f"at most {most} characters") for name, most in wrong.items()])
    if together > TOGETHER and scope_of(request.DESCRIPTOR) != WHOLE:
        raise TextTooLong([("request", f"at most {TOGETHER} characters in all its texts")])


def _read(message: Message, within: str, found: list[tuple[str, str]]) -> None:
    """Adds each text of a message with the name of its field, those of maps and parts too."""
    for name, kind in _fields(message.DESCRIPTOR):
        if kind is _TEXT:
            text: str = getattr(message, name)
            if text:
                found.append((within + name, text))
        elif kind is _PART:
            if message.HasField(name):
                _read(getattr(message, name), f"{within}{name}.", found)
        elif held := getattr(message, name):
            for part in (*held, *held.values()) if kind is _MAP else held:
                if isinstance(part, str):
                    found.append((within + name, part))
                elif isinstance(part, Message):
                    _read(part, f"{within}{name}.", found)


@cache
def scope_of(kind: Descriptor) -> str:
    """Returns the TextScope that the contract of a message gives it, by name."""
    try:
        option: Any = kind.file.pool.FindExtensionByName(SCOPE)
    except KeyError:  # no contract of this process marks any
        return ""
    number = kind.GetOptions().Extensions[option]
    return str(option.enum_type.values_by_number[number].name)


@cache
def _fields(kind: Descriptor) -> tuple[tuple[str, int], ...]:
    """Returns what of a kind of message may hold texts: descriptors are dear to ask each time."""
    found = []
    for each in kind.fields:
        part = each.message_type
        if each.type == each.TYPE_STRING:
            found.append((each.name, _MANY if each.is_repeated else _TEXT))
        elif part is not None and scope_of(part) != ONE_BY_ONE:
            is_map = part.GetOptions().map_entry
            found.append((each.name, _MAP if is_map else _MANY if each.is_repeated else _PART))
    return tuple(found)
