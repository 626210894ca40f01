"""Whether a text says anything: a reason that people must give is one that can be seen."""

import unicodedata

_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")  # letters of Hangul that show as nothing


def says_something(text: str) -> bool:
    """Tells whether a text has a letter, digit, sign or mark of punctuation that can be seen."""
    return any(unicodedata.category(each)[0] in "LNPS" and each not in _FILLERS for each in text)
