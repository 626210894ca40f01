"""Receipts as PDF: tagged, titled, in the language of the page, fonts inside.

Set by Typst, which is told the words as data: no text of a shop or a customer is read as markup.
The fonts are the collection of the package noto-cjk-sans-otc, with the forms of each language, and
for Thai that of fontpkg-noto-sans-thai; a document holds only the glyphs it uses.
"""

import json
import threading
from pathlib import Path

from kit import log, typeset
from kit.typeset import FACES
from services.edge.errors import Problem
from services.edge.till.slip import Slip

TEMPLATE = Path(__file__).parent / "typeset" / "slip.typ"
WAIT_S = 3.0  # for the one setter; a receipt takes about a hundredth of that

_turn = threading.Lock()


def spoken(locale: str) -> str:
    """Returns the language a PDF is set in: English where no font has the letters."""
    return locale if locale in FACES else "en"


def make(slip: Slip, locale: str) -> bytes:
    """Returns the PDF. Errors: Problem service_unavailable where too many wait for theirs."""
    font, language, region = FACES.get(locale, FACES["en"])
    told = {
        "slip": json.dumps(slip.as_plain(), ensure_ascii=False),
        "font": font, "lang": language, "region": region,
    }  # fmt: skip
    if not _turn.acquire(timeout=WAIT_S):
        raise Problem(503, "service_unavailable", retry_after_s=2)
    try:
        return _set(told)
    finally:
        _turn.release()


def _set(told: dict[str, str]) -> bytes:
    made, keeps = typeset.compile_pdf(TEMPLATE, told)
    if not keeps:
        log.get("receipts").warning("a receipt holds a character without a glyph")
    return made
