"""Printed signs: how long 200 sheets take, and whether every code on them is read.

Read as a phone would: each sheet rendered in grey at 150 dpi. Both packages are those of tests.
"""

import time
from datetime import UTC, date, datetime
from typing import Any

from services.multilingual.domain import stop_code as codes
from services.multilingual.domain.sign import Front, Print, Sheet
from services.multilingual.gateways import sign_sheets

SHEETS, DPI = 200, 150
HOST = "GUIDE.EXAMPLE.JP"
NAMES = {
    "ja": "百枚皿", "en": "Hundred Saucers", "ko": "백장 접시", "zh-Hans": "百枚皿",
    "zh-Hant": "百枚皿",
}  # fmt: skip


def measure() -> dict[str, float]:
    """Returns the seconds of setting the sheets, and the share of codes that were read right."""
    made = _printing()
    begun = time.monotonic()
    pdf = sign_sheets.make(made)
    return {"signs_200_s": time.monotonic() - begun, "codes_read": _read(pdf, made)}


def _printing() -> Print:
    day = datetime(2026, 11, 30, tzinfo=UTC)
    sheets = []
    for number in range(SHEETS):
        code = codes.make("bench", f"cave/{number}", 0)
        front = Front(str(number), NAMES, code, f"HTTPS://{HOST}/G/{code}")
        sheets.append(Sheet("bench", code, 1, front, day))
    return Print("bench", "a4", date(2026, 11, 30), "ja", tuple(sheets))


def _read(pdf: bytes, made: Print) -> float:
    import pypdfium2  # noqa: PLC0415 - of the tests
    import zxingcpp  # noqa: PLC0415 - of the tests

    document: Any = pypdfium2.PdfDocument(pdf)
    right = 0
    for page, sheet in zip(document, made.sheets, strict=True):
        seen = zxingcpp.read_barcodes(page.render(scale=DPI / 72, grayscale=True).to_pil())
        right += sum(each.text == sheet.front.url for each in seen)
    document.close()
    return right / (2 * len(made.sheets))
