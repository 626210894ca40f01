"""Forms whose file is too large: their page comes again, with what was typed in it.

How large a body may be is decided by its head, as for every body (bodies.py), and nothing of one
that is too large is kept. But a browser shows an answer only after it has sent its form, and what
was typed stands in that form. So of people who are signed in the text fields are read while the
file runs through, up to a bound of bytes and time.
"""

import functools
import io
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar, cast

from flask import Request, current_app, g
from flask_babel import format_decimal
from flask_babel import gettext as _
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import (
    Data,
    Epilogue,
    Event,
    Field,
    File,
    MultipartDecoder,
    NeedData,
)

from services.edge.errors import wants_json

RUNS_THROUGH_BYTES = 500_000_000  # a minute of a phone’s finest video; beyond it nothing is read
RUNS_THROUGH_S = 20.0  # before connections.LONGEST_S ends it
TYPED_BYTES = 300_000  # of all text fields together
PARTS_MOST = 1_000
BEHIND_BYTES = 3  # of a line that a boundary ends
PIECE_BYTES = 65_536
MEGABYTE = 1_000_000
MARK = "comes_again"

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class TooLarge:
    """A form that was too large. sizes: bytes of each file by its field; of one that did not come
    whole those of the whole form, as its head said."""

    sizes: dict[str, int]

    def size(self, name: str) -> int:
        """Returns the bytes of a file, 0 of one that was not sent."""
        return self.sizes.get(name, 0)


def comes_again(
    page: Callable[..., Any],
) -> Callable[[Callable[P, R]], Callable[P, R | tuple[Any, int]]]:
    """Has a view whose form is too large answer with `page`, below `requires`, which still checks
    who sends it. page: called as the view is, with a TooLarge first; request.form is what was
    typed. Its status is 413.
    """

    def wrap(view: Callable[P, R]) -> Callable[P, R | tuple[Any, int]]:
        @functools.wraps(view)
        def taken(*args: P.args, **kwargs: P.kwargs) -> R | tuple[Any, int]:
            found: TooLarge | None = g.get("too_large")
            if found is None:
                return view(*args, **kwargs)
            return page(found, *args, **kwargs), 413

        setattr(taken, MARK, True)
        return taken

    return wrap


def may_come_again(request: Request) -> bool:
    """Tells whether a form that is too large is one whose page comes again."""
    view = current_app.view_functions.get(request.endpoint or "")
    is_form = request.mimetype == "multipart/form-data" and bool(request.content_length)
    return is_form and getattr(view, MARK, False) and not wants_json()


def keep_typed(request: Request) -> None:
    """Reads what was typed into a form that is too large, which request.form then holds."""
    boundary = request.mimetype_params.get("boundary", "").encode("latin-1", "replace")
    pieces = _pieces(request.environ["wsgi.input"])
    typed, sizes = read_typed(pieces, boundary, request.content_length or 0)
    request.form = ImmutableMultiDict(typed)
    request.files = ImmutableMultiDict()
    g.too_large = TooLarge(sizes)


def told(size_bytes: int, what_to_do: object) -> str:
    """Returns how large a file was, in MB and never told smaller, and what to do about it."""
    tenths = -(-10 * size_bytes // MEGABYTE)
    was = _("The file has %(size)s MB.", size=format_decimal(tenths / 10, "0.#"))
    return f"{was}{'' if was.endswith('。') else ' '}{what_to_do}"


def read_typed(
    pieces: Iterable[bytes], boundary: bytes, length: int
) -> tuple[list[tuple[str, str]], dict[str, int]]:
    """Returns the text fields of a form in order, and the bytes of each of its files; of a form
    that breaks off, is damaged or has too much text what came before. length: of the form, which
    a file that does not come whole counts with."""
    decoder, found = MultipartDecoder(boundary, max_parts=PARTS_MOST), _Typed(length)
    with suppress(ValueError, RequestEntityTooLarge):
        for piece in _between_parts(pieces, boundary):
            decoder.receive_data(piece)
            while not isinstance(event := decoder.next_event(), NeedData | Epilogue):
                found.take(event)
            if len(decoder.buffer) > TYPED_BYTES:  # the head of a part without an end
                break
    return found.fields, found.sizes


def _between_parts(pieces: Iterable[bytes], boundary: bytes) -> Iterator[bytes]:
    """Gives pieces so that none ends in or right behind a boundary, where the decoder takes half of
    the line before it for the end of the part."""
    mark, held = b"--" + boundary, b""
    reach = len(mark) + BEHIND_BYTES
    for piece in pieces:
        whole = held + piece
        cut = max(0, len(whole) - reach)
        at = whole.rfind(mark, max(0, cut - reach), cut + len(mark))
        if 0 <= at < cut < at + reach:
            cut = at
        held = whole[cut:]
        yield whole[:cut]
    yield held


class _Typed:
    """What was typed into a form, and how large its files are."""

    def __init__(self, length: int) -> None:
        self.fields: list[tuple[str, str]] = []
        self.sizes: dict[str, int] = {}
        self._length, self._left = length, TYPED_BYTES
        self._part: Field | File | None = None
        self._text, self._size = bytearray(), 0

    def take(self, event: Event) -> None:
        """Takes a part's head or some of its bytes. Errors: ValueError for too much text."""
        if isinstance(event, Field | File):
            self._part, self._text, self._size = event, bytearray(), 0
            if isinstance(event, File):
                self.sizes[event.name] = self._length
        elif isinstance(event, Data) and isinstance(self._part, File):
            self._size += len(event.data)
            if not event.more_data:
                self.sizes[self._part.name] = self._size
        elif isinstance(event, Data) and self._part is not None:
            self._left -= len(event.data)
            if self._left < 0:
                raise ValueError("too much text")
            self._text += event.data
            if not event.more_data:
                self.fields.append((self._part.name, self._text.decode(errors="replace")))


def _pieces(body: Any) -> Iterator[bytes]:
    """Gives a body as it comes until the bound of bytes or time."""
    until, left = time.monotonic() + RUNS_THROUGH_S, RUNS_THROUGH_BYTES
    pieces = getattr(body, "pieces", None) or _reading(cast(io.RawIOBase, body))
    for piece in pieces():
        yield piece
        left -= len(piece)
        if left <= 0 or time.monotonic() > until:
            return


def _reading(body: io.RawIOBase) -> Callable[[], Iterator[bytes]]:
    return lambda: iter(lambda: body.read(PIECE_BYTES) or b"", b"")
