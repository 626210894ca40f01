"""Sets the sign that hangs where devices are counted: what is done there, and the sure way out."""

import asyncio
import io
import json
from functools import lru_cache
from pathlib import Path
from threading import Lock

import qrcode
from qrcode.image.svg import SvgPathFillImage

from kit import log, typeset

TEMPLATE = Path(__file__).parent / "typeset" / "sensing.typ"
LOCALES = ("ja", "en", "zh-Hant", "zh-Hans", "ko")
HEADINGS = {
    "ja": "ここでは人の多さを数えています",
    "en": "We count how busy it is here",
    "zh-Hant": "此處正在統計人流",
    "zh-Hans": "此处正在统计人流",
    "ko": "이곳에서는 혼잡도를 세고 있습니다",
}
WHAT = {
    "ja": (
        (
            "スマートフォンなどが出すWi-Fiの電波を小さなセンサーで受け、台数を数えます。混み"
            "具合をお知らせし、施設の運営に役立てるためです。"
        ),
        (
            "どなたかはわかりません。端末のアドレスはその場で別の記号に変えて捨て、記号の鍵は"
            "毎日0時に捨てます。1件ごとの記録は24時間で消え、10台に満たない数は出しません。第"
            "三者には渡しません。"
        ),
    ),
    "en": (
        (
            "Small sensors hear the Wi-Fi signals of phones and count devices, to tell how"
            " full it is and to run this place well."
        ),
        (
            "Nobody can tell who you are. Addresses are replaced at once and forgotten; the"
            " key is destroyed every midnight. Single records are gone after 24 hours,"
            " numbers below ten are not shown, and nothing is passed on."
        ),
    ),
    "zh-Hant": (
        "小型感測器接收手機發出的 Wi-Fi 訊號並計算裝置數量，用於告知擁擠程度與改善營運。",
        (
            "我們無法得知您是誰。裝置位址當場轉換後即捨棄，金鑰每日零時銷毀。單筆紀錄於 24 小"
            "時內刪除，不足 10 台的數字不公開，也不提供給第三方。"
        ),
    ),
    "zh-Hans": (
        "小型传感器接收手机发出的 Wi-Fi 信号并统计设备数量，用于告知拥挤程度和改善运营。",
        (
            "我们无法得知您是谁。设备地址当场转换后即丢弃，密钥每天零时销毁。单条记录在 24 小"
            "时内删除，不足 10 台的数字不公开，也不提供给第三方。"
        ),
    ),
    "ko": (
        (
            "작은 센서가 휴대전화의 Wi-Fi 신호를 받아 기기 수를 셉니다. 혼잡도를 알리고 시설"
            " 운영에 활용하기 위해서입니다."
        ),
        (
            "누구인지는 알 수 없습니다. 기기 주소는 즉시 바꾼 뒤 버리고, 열쇠는 매일 0시에"
            " 없앱니다. 개별 기록은 24시간 안에 지워지며, 10대 미만의 수는 공개하지 않고"
            " 제3자에게 제공하지 않습니다."
        ),
    ),
}
WAY_OUT = {
    "ja": "数えられたくないときは、設定でWi-Fiをオフにしてください。これが確実な方法です。",
    "en": "If you do not want to be counted, switch Wi-Fi off in your settings: the sure way.",
    "zh-Hant": "若不希望被計入，請在設定中關閉 Wi-Fi，這是最可靠的方法。",
    "zh-Hans": "如不希望被计入，请在设置中关闭 Wi-Fi，这是最可靠的方法。",
    "ko": "집계되기를 원하지 않으시면 설정에서 Wi-Fi를 꺼 주세요. 가장 확실한 방법입니다.",
}
_turn = Lock()  # Typst's setter is shared


async def make(address: str, phone: str, area_name: str) -> bytes:
    """Returns the PDF, A4, the same bytes for the same words.

    address: of the page that tells more, "" for none. phone: who answers questions, "" for none.
    """
    return await asyncio.to_thread(_make, address, phone, area_name)


@lru_cache(maxsize=16)
def _make(address: str, phone: str, area_name: str) -> bytes:
    told = {
        "title": f"{HEADINGS['ja']} · {area_name}",
        "languages": [
            {"locale": each, "heading": HEADINGS[each], "what": WHAT[each], "out": WAY_OUT[each]}
            for each in LOCALES
        ],
        "url": address.removeprefix("https://").removeprefix("http://"),
        "link": address,
        "phone": phone,
        "by": area_name,
        "code_svg": _code(address) if address else "",
    }
    faces = {
        each: {"font": face.font.split(","), "lang": face.lang, "region": face.region}
        for each, face in typeset.FACES.items()
    }
    words = {"sign": json.dumps(told, ensure_ascii=False), "faces": json.dumps(faces)}
    with _turn:
        pdf, keeps = typeset.compile_pdf(TEMPLATE, words)
    if not keeps:
        log.get("sign").warning("the sign holds a character without a glyph")
    return pdf


def _code(address: str) -> str:
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=4)
    code.add_data(address)
    code.make(fit=True)
    file = io.BytesIO()
    code.make_image(image_factory=SvgPathFillImage).save(file)
    return file.getvalue().decode()
