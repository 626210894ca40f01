"""Setting PDF with Typst: tagged, fonts inside, each language's forms of shared characters.

A template is told words as data: nothing anybody wrote is read as markup. The fonts are the
collection of the package noto-cjk-sans-otc and, for Thai, that of fontpkg-noto-sans-thai; a
document holds only the glyphs it uses (decision 0021).
"""

import importlib.util
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import typst

FONT_PACKAGES = ("noto_cjk_sans_otc", "fontpkg_noto_sans_thai")


class Face(NamedTuple):
    """Fonts with a language's forms (the next one has what the first lacks), language, region."""

    font: str
    lang: str
    region: str


FACES = {
    "ja": Face("Noto Sans CJK JP", "ja", "JP"),
    "en": Face("Noto Sans CJK JP", "en", "US"),
    "ko": Face("Noto Sans CJK KR", "ko", "KR"),
    "zh-Hans": Face("Noto Sans CJK SC", "zh", "CN"),
    "zh-Hant": Face("Noto Sans CJK TC", "zh", "TW"),
    "fr": Face("Noto Sans CJK JP", "fr", "FR"),
    "de": Face("Noto Sans CJK JP", "de", "DE"),
    "es": Face("Noto Sans CJK JP", "es", "ES"),
    "th": Face("Noto Sans Thai,Noto Sans CJK JP", "th", "TH"),
    "vi": Face("Noto Sans CJK JP", "vi", "VN"),
    "id": Face("Noto Sans CJK JP", "id", "ID"),
}


def compile_pdf(template: Path, told: Mapping[str, str]) -> tuple[bytes, bool]:
    """Returns the PDF, and whether it keeps PDF/UA-1. Callers take turns.

    Where a character has no glyph in any font (an emoji in a name), readers get a box for it and
    the standard refuses: then the document comes without its claim. What Typst says of it quotes a
    name, and so is told to nobody.
    """
    import typst  # noqa: PLC0415 - 80 MB that a process without papers never maps

    setter = _setter(template)
    try:
        made, keeps = setter.compile(
            format="pdf", sys_inputs=dict(told), pdf_standards="ua-1"
        ), True  # fmt: skip
    except typst.TypstError:
        made, keeps = setter.compile(format="pdf", sys_inputs=dict(told)), False
    if not isinstance(made, bytes):
        raise AssertionError("a PDF is one document")
    return made, keeps


@cache
def _setter(template: Path) -> "typst.Compiler":
    import typst  # noqa: PLC0415 - see compile_pdf

    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False,
        font_paths=[_folder(package) for package in FONT_PACKAGES],
    )  # fmt: skip
    return typst.Compiler(
        template, root=template.parent, font_paths=fonts, ignore_system_fonts=True
    )


def _folder(package: str) -> str:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise AssertionError(f"{package} is not installed")
    return str(Path(found.origin).parent)
