"""What may reach a terminal: text. Whatever else stands in a file, a name or an answer is shown as
its number, so that nobody's spreadsheet moves the cursor, renames the window or hides a line.

`./meguri` writes through guarded(); what a command draws itself goes through redraw().
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, TextIO, cast

# Controls but the end of a line and the tab, what turns the direction of a line around or is not
# seen at all (joiners stay: scripts need them), other ends of lines, and half characters, which no
# terminal could be sent.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_CELL_LETTERS = 60


def plain(text: str) -> str:
    """Returns a text with every control shown as its number, as JSON writes it."""
    return _UNSAFE.sub(lambda found: _number(found[0]), text)


def _number(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")  # JSON writes what is beyond 16 bits as two
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def cell(text: str) -> str:
    """Returns a cell of a file as a part of one line: plain, and cut where it is long."""
    line = plain(" ".join(text.split()))
    return line if len(line) <= _CELL_LETTERS else f"{line[: _CELL_LETTERS - 1]}…"


def width(text: str) -> int:
    """Returns how many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


class _Guarded:
    """A stream that lets plain text through."""

    def __init__(self, stream: TextIO) -> None:
        self.unguarded = stream

    def write(self, text: str) -> int:
        self.unguarded.write(plain(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unguarded, name)


def guarded(stream: TextIO) -> TextIO:
    """Returns a stream to which only plain text can be written; all else is the stream's own."""
    return cast(TextIO, _Guarded(stream))


def redraw(stream: TextIO, text: str = "", end: str = "") -> None:
    """Writes a text in the place of the line that stands there, which ends where it says so."""
    own: TextIO = getattr(stream, "unguarded", stream)
    own.write(f"\r\x1b[2K{plain(text)}{end}")
    own.flush()
