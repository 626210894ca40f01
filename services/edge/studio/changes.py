"""What differs between two texts, in pieces a page can mark."""

import difflib
import re
from dataclasses import dataclass

# Latin letters change by word; Japanese, Chinese and Korean have no blanks to go by.
_PIECES = re.compile(r"[A-Za-z0-9À-ɏ'’-]+|\s+|.", re.DOTALL)
MAX_PIECES = 4_000  # difflib takes quadratic time; a paragraph has at most 2,000 characters


@dataclass(frozen=True)
class Piece:
    """A stretch of text. kind: same, added or removed."""

    kind: str
    text: str


def compare(before: str, after: str) -> list[Piece]:
    """Returns the pieces that lead from one text to the other, removed before added."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    if len(old) + len(new) > MAX_PIECES:
        return [Piece("removed", before), Piece("added", after)]
    found: list[Piece] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if kind == "equal":
            found.append(Piece("same", "".join(old[old_from:old_to])))
            continue
        found.append(Piece("removed", "".join(old[old_from:old_to])))
        found.append(Piece("added", "".join(new[new_from:new_to])))
    return [piece for piece in found if piece.text]
