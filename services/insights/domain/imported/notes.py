"""What is said of a row that was read: where, what, and a reason that never changes its name."""

from dataclasses import dataclass

TEXT = 80  # characters quoted of a cell


class Unusable(ValueError):
    """Nothing of a file can be used. reason: stable; the text is for programs and logs."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True)
class Note:
    """Something about a row, counted from 1 as a spreadsheet does; 0: about the whole file.

    field: the column it is about, as its heading names it; "" for the whole row. text: what stands
    there.
    """

    row: int
    field: str
    reason: str
    text: str = ""


def quoted(text: str) -> str:
    """Returns a cell as a note quotes it: short, on one line."""
    return " ".join(text.split())[:TEXT]
