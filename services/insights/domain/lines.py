"""What may be kept as one line of text."""

import unicodedata


def is_line(text: str, most: int) -> bool:
    """Tells whether a text is one line that can be stored and printed. Blanks of every width are
    fine: in Japanese the wide one stands between the parts of a name."""
    return len(text) <= most and all(
        each.isprintable() or unicodedata.category(each) == "Zs" for each in text
    )
