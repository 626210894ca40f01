"""Where sentences begin and end, in the languages of an area: as one reads them aloud."""

import re

# Where one breathes: behind the mark and whatever closes after it. A dot ends a sentence only with
# a blank behind it: 3.5 m and 15.8 °C stay whole.
_ENDS = re.compile(r"(?<=[。！？])(?![」』）”’])|(?<=[。！？][」』）”’])|(?<=[.!?…])\s+|\n+")


def spans(text: str) -> list[tuple[int, int]]:
    """Returns first character and end of each sentence, blanks around it left out; in order,
    nothing but blanks between them."""
    found = []
    begin = 0
    for match in (*_ENDS.finditer(text), None):
        end = match.start() if match else len(text)
        piece = text[begin:end]
        if words := piece.strip():
            start = begin + piece.index(words)
            found.append((start, start + len(words)))
        begin = match.end() if match else end
    return found
