"""The text of a provider's file: UTF-8, or the Shift_JIS that acquirers in Japan and Excel write.

A file is read as what it is, whatever its mapping says, since people save files anew before they
send them. What is text in one encoding only is that. What is text in several (a few bytes outside
of ASCII may well be) is the one in which the headings stand, or, where they stand in both, the one
that the mapping names. Everything else is refused: a name read wrongly looks like another name.
"""

import csv
import io
import re
from collections.abc import Callable

from services.payments.domain.errors import FileEncodingUnknown

UTF_8, SHIFT_JIS = "utf-8-sig", "cp932"
NAMES = {"utf-8": UTF_8, "utf8": UTF_8, "shift_jis": SHIFT_JIS, "cp932": SHIFT_JIS}
# Read by nobody here, but what is text in it may only by chance be text in Shift_JIS.
_LIKE_SHIFT_JIS = "euc_jp"
# A file of Windows programs that is neither: UTF-16 says so at its beginning.
_MARKS = (b"\xff\xfe", b"\xfe\xff")
_PRIVATE = range(0xE000, 0xF900)  # where cp932 puts characters that each maker chose anew
_JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
_UTF_8_MARK = b"\xef\xbb\xbf"


def read_text(content: bytes, named: str, knows: Callable[[list[str]], bool]) -> str:
    """Returns the text of a file. named: the mapping's encoding. knows: tells whether a row of
    headings is that of the mapping.

    Errors: FileEncodingUnknown.
    """
    if content.startswith(_MARKS) or b"\0" in content:  # a spreadsheet's own file, most of all
        raise _unknown()
    if content.isascii():
        return content.decode("ascii")
    marked = content.startswith(_UTF_8_MARK)
    texts = {each: _decoded(content, each) for each in (UTF_8, *(() if marked else (SHIFT_JIS,)))}
    possible = {each: text for each, text in texts.items() if text is not None}
    chosen = _only(possible) or _only(
        {each: text for each, text in possible.items() if knows(_headings(text))}
    )
    if chosen == SHIFT_JIS and UTF_8 not in possible and _is_pasted(content):
        raise _unknown()
    if chosen == SHIFT_JIS and not _is_sure(content, named, knows, possible[SHIFT_JIS]):
        chosen = None
    if chosen is None and len(possible) > 1:
        chosen = NAMES[named]
    if chosen is None:
        raise _unknown()
    return possible[chosen]


def _unknown() -> FileEncodingUnknown:
    return FileEncodingUnknown(
        "The file is neither UTF-8 nor Shift_JIS. Save it as CSV UTF-8 and send it again."
    )


def _only(found: dict[str, str]) -> str | None:
    return next(iter(found)) if len(found) == 1 else None


def _is_sure(
    content: bytes, named: str, knows: Callable[[list[str]], bool], text: str
) -> bool:  # fmt: skip
    """Tells whether what can be read as Shift_JIS is that, and no other encoding of Japanese."""
    other = _decoded(content, _LIKE_SHIFT_JIS)
    if other is None or NAMES[named] == SHIFT_JIS:
        return True
    return knows(_headings(text)) and not knows(_headings(other))


def _is_pasted(content: bytes) -> bool:
    """Tells whether lines of UTF-8 stand among others, as in two files that were put together.
    Japanese in UTF-8 can be read as Shift_JIS, but hardly any Shift_JIS as Japanese in UTF-8."""
    lines = (_decoded(line, "utf-8") for line in content.splitlines() if not line.isascii())
    return any(line is not None and _JAPANESE.search(line) for line in lines)


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if any(ord(each) in _PRIVATE for each in set(text)) else text


def _headings(text: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline="")), [])
    except csv.Error:
        return []
