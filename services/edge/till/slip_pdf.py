"""Receipts as PDF: tagged, titled, in the language of the page, fonts inside.

Set by Typst, which is told the words as data: no text of a shop or a customer is read as markup.
The fonts are the collection of the package noto-cjk-sans-otc, with the forms of each language, and
for Thai that of fontpkg-noto-sans-thai; a document holds only the glyphs it uses.
"""

import importlib.util
import json
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kit import log
from services.edge.errors import Problem
from services.edge.till.slip import Slip

if TYPE_CHECKING:
    import typst

TEMPLATE = Path(__file__).parent / "typeset" / "slip.typ"
FONT_PACKAGES = ("noto_cjk_sans_otc", "fontpkg_noto_sans_thai")
# Locale -> fonts with that language's forms of the shared characters (the next one has what the
# first lacks), language and region.
FACES = {
    "ja": ("Noto Sans CJK JP", "ja", "JP"),
    "en": ("Noto Sans CJK JP", "en", "US"),
    "ko": ("Noto Sans CJK KR", "ko", "KR"),
    "zh-Hans": ("Noto Sans CJK SC", "zh", "CN"),
    "zh-Hant": ("Noto Sans CJK TC", "zh", "TW"),
    "fr": ("Noto Sans CJK JP", "fr", "FR"),
    "de": ("Noto Sans CJK JP", "de", "DE"),
    "es": ("Noto Sans CJK JP", "es", "ES"),
    "th": ("Noto Sans Thai,Noto Sans CJK JP", "th", "TH"),
    "vi": ("Noto Sans CJK JP", "vi", "VN"),
    "id": ("Noto Sans CJK JP", "id", "ID"),
}
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
    import typst  # noqa: PLC0415 - 80 MB that a process without receipts never maps

    setter = _setter()
    try:
        made = setter.compile(format="pdf", sys_inputs=told, pdf_standards="ua-1")
    except typst.TypstError:
        # A character no font of ours has: readers get a box for it, so the standard refuses. What
        # Typst says of it quotes a name, and so stands in no log.
        log.get("receipts").warning("a receipt holds a character without a glyph")
        made = setter.compile(format="pdf", sys_inputs=told)
    if not isinstance(made, bytes):
        raise AssertionError("a PDF is one document")
    return made


@cache
def _setter() -> "typst.Compiler":
    import typst  # noqa: PLC0415 - see _set

    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False,
        font_paths=[_folder(package) for package in FONT_PACKAGES],
    )  # fmt: skip
    return typst.Compiler(
        TEMPLATE, root=TEMPLATE.parent, font_paths=fonts, ignore_system_fonts=True
    )


def _folder(package: str) -> str:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise AssertionError(f"{package} is not installed")
    return str(Path(found.origin).parent)
