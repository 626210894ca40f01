"""Sets sheets as PDF: two codes, number, names, the code in letters, what to do without signal."""

import json
from datetime import date
from pathlib import Path

from kit import log, typeset
from services.multilingual.domain.sign import LOCALES, Print, Sheet
from services.multilingual.gateways import qr_label

TEMPLATE = Path(__file__).parent / "typeset" / "signs.typ"
CODE_MM = 100  # modules of a code, without its quiet zone, on A4; A5 is 148/210 of it
LANGUAGES = {
    "ja": "日本語", "en": "English", "zh-Hant": "繁體中文", "zh-Hans": "简体中文", "ko": "한국어",
}  # fmt: skip
UNREADABLE = {
    "ja": "読み取れないときは、下のサイトを開いて番号を入力",
    "en": "Can’t scan? Open the site and type the code",
    "zh-Hant": "掃不到時，請開啟網站並輸入代碼",
    "zh-Hans": "扫不出时，请打开网站并输入代码",
    "ko": "스캔이 안 되면 사이트를 열고 번호를 입력",
}
NO_SIGNAL = {
    "ja": "圏外でも開けます。入口でガイドを読み込み、案内板のコードを読み取るか番号を入力。",
    "en": "No signal? Load the guide at the entrance first. Then scan any sign, or type its code.",
    "zh-Hant": "沒有訊號也能看：先在入口下載導覽，之後掃描任何一塊牌子或輸入代碼。",
    "zh-Hans": "没有信号也能看：先在入口下载导览，之后扫描任何一块牌子或输入代码。",
    "ko": "신호가 없어도 볼 수 있습니다. 입구에서 내려받고, 표지판을 스캔하거나 번호를 입력하세요.",
}
# On sheets that are printed before visitors' phones reach the address; people hang up what looks
# finished.
TRIAL = {
    "ja": ("試し刷り", "掲示しないでください"),
    "en": ("Trial print", "not for hanging"),
    "zh-Hant": ("試印", "請勿張貼"),
    "zh-Hans": ("试印", "请勿张贴"),
    "ko": ("시험 인쇄", "게시하지 마세요"),
}


def make(made: Print) -> bytes:
    """Returns the PDF, one page for each sheet, the same bytes for the same printing."""
    told = {
        "paper": made.paper,
        "title": f"案内板 {made.printed_on.isoformat()}",
        "code_mm": CODE_MM,
        "unreadable": _lines(UNREADABLE),
        "no_signal": _lines(NO_SIGNAL),
        "trial": [{"locale": each, "text": TRIAL[each]} for each in LOCALES],
        "sheets": [_plain(each, made.printed_on, made.source_locale) for each in made.sheets],
    }
    faces = {
        each: {"font": face.font.split(","), "lang": face.lang, "region": face.region}
        for each, face in typeset.FACES.items()
    }
    pdf, keeps = typeset.compile_pdf(
        TEMPLATE, {"signs": json.dumps(told, ensure_ascii=False), "faces": json.dumps(faces)}
    )
    if not keeps:
        log.get("signs").warning("a sign holds a character without a glyph")
    return pdf


def _plain(sheet: Sheet, printed_on: date, source_locale: str) -> dict[str, object]:
    matrix = qr_label.matrix(sheet.front.url)
    return {
        "number": sheet.front.number,
        "names": [
            {"locale": locale, "text": name, "language": LANGUAGES[locale]}
            for locale, name in sheet.front.ordered_names(source_locale)
        ],
        "code": sheet.front.code,
        "url": sheet.front.url,
        "host": sheet.front.host,
        "trial": sheet.front.trial,
        "modules": len(matrix) - 2 * qr_label.QUIET_ZONE,
        "code_svg": qr_label.svg(matrix, sheet.front.code).decode(),
        "made": f"Rev. {sheet.revision} · {printed_on.isoformat()}",
    }


def _lines(texts: dict[str, str]) -> list[dict[str, str]]:
    return [{"locale": each, "text": texts[each]} for each in LOCALES]
