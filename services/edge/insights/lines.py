"""One line of text as somebody typed or pasted it."""

import unicodedata


def line(text: str, most: int) -> str:
    """Returns a text as one line that can be printed: what came along unseen from another program,
    such as marks of direction, goes; blanks stay as wide as they are."""
    seen = (
        each if each.isprintable() or unicodedata.category(each) == "Zs"
        else " " if each.isspace() or unicodedata.category(each) == "Cc" else ""
        for each in text[: 10 * most]
    )  # fmt: skip
    return "".join(seen).strip()[:most]
