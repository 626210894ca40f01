"""Reading what people type into the office's forms, and the file of a shop's products."""

import csv
import io
import re
from calendar import monthrange
from datetime import date

from kit.pure.languages import LOCALES
from meguri.payments.v1 import office_service_pb2 as pb
from services.edge.office import short_names

_FULL_WIDTH = str.maketrans("０１２３４５６７８９，￥－％", "0123456789,¥-%")
_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+")
# Headings a shop may write, in its own language or ours.
HEADINGS = {
    "code": ("code", "コード", "商品コード"),
    "ja": ("name_ja", "商品名", "名前"),
    "en": ("name_en", "英語名"),
    "ko": ("name_ko", "韓国語名"),
    "zh-Hans": ("name_zh_hans", "簡体字名"),
    "zh-Hant": ("name_zh_hant", "繁体字名"),
    "fr": ("name_fr", "フランス語名"),
    "de": ("name_de", "ドイツ語名"),
    "es": ("name_es", "スペイン語名"),
    "th": ("name_th", "タイ語名"),
    "vi": ("name_vi", "ベトナム語名"),
    "id": ("name_id", "インドネシア語名"),
    "unit_amount_yen": ("unit_amount_yen", "税込価格", "価格"),
    "tax_rate_percent": ("tax_rate_percent", "税率"),
    "button": ("button", "ボタン"),
}
NEEDED = ("ja", "unit_amount_yen", "tax_rate_percent")
MAX_PRODUCTS = 500


class Unreadable(ValueError):
    """A text that cannot be read. reason: stable; row: of a file, 0 for none; what: the heading."""

    def __init__(self, reason: str, row: int = 0, what: str = "") -> None:
        self.reason, self.row, self.what = reason, row, what
        super().__init__(reason)


def read_yen(text: str) -> int:
    """Returns whole yen of 0 or more for "1,300", "¥1300", "１３００円". Errors: Unreadable."""
    plain = text.translate(_FULL_WIDTH).strip().strip("¥円").strip()
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if not re.fullmatch(r"[0-9]{1,8}", plain):
        raise Unreadable("yen")
    return int(plain)


def read_span(month: str, day: str, today: date) -> tuple[str, str, str]:
    """Returns first day, last day and the month shown. A day wins over a month. Errors: Unreadable.

    today: what a page shows when nothing was chosen: its month.
    """
    try:
        if day:
            only = date.fromisoformat(day)
            return only.isoformat(), only.isoformat(), f"{only:%Y-%m}"
        first = date.fromisoformat(f"{month}-01") if month else today.replace(day=1)
    except ValueError as error:
        raise Unreadable("date") from error
    last = first.replace(day=monthrange(first.year, first.month)[1])
    return first.isoformat(), last.isoformat(), f"{first:%Y-%m}"


def read_products(content: bytes) -> list[pb.Product]:
    """Reads a product file in UTF-8 or Shift_JIS. Errors: Unreadable naming row and heading."""
    try:
        rows = list(csv.reader(io.StringIO(_text(content), newline="")))
    except csv.Error as error:  # a cell without an end, most of all
        raise Unreadable("table") from error
    if not rows:
        raise Unreadable("empty")
    known = {heading.strip(): place for place, heading in enumerate(rows[0])}
    places = {
        name: place
        for name, choices in HEADINGS.items()
        if (place := next((known[each] for each in choices if each in known), None)) is not None
    }
    for name in NEEDED:
        if name not in places:
            raise Unreadable("heading", 1, HEADINGS[name][1])
    if len(rows) - 1 > MAX_PRODUCTS:
        raise Unreadable("too_many")
    found = [
        _product(number, row, places)
        for number, row in enumerate(rows[1:], start=2)
        if any(cell.strip() for cell in row)
    ]
    taken = {each.code for each in found}
    for each in found:
        if not each.code:
            each.code = short_names.proposed(each.names, taken, "")
            taken.add(each.code)
    return found


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("encoding")


def _product(number: int, row: list[str], places: dict[str, int]) -> pb.Product:
    def cell(name: str) -> str:
        place = places.get(name)
        return row[place].strip() if place is not None and place < len(row) else ""

    def count(name: str, text: str) -> int:
        try:
            return read_yen(text)
        except Unreadable as error:
            raise Unreadable("number", number, HEADINGS[name][1]) from error

    rate = cell("tax_rate_percent").translate(_FULL_WIDTH).strip("%")
    return pb.Product(
        code=cell("code"), names={tag: cell(tag) for tag in LOCALES if cell(tag)},
        unit_amount_yen=count("unit_amount_yen", cell("unit_amount_yen")),
        tax_rate_percent=count("tax_rate_percent", rate),
        button=count("button", cell("button")) if cell("button") else 0,
    )  # fmt: skip
