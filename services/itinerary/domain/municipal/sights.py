"""From a row of 観光施設一覧 or イベント一覧 to a sight, with all that a person has to look at.

Columns are found by what they are called, never by where they stand: the recommended data set of
the Digital Agency, its successor (自治体標準オープンデータセット) and what towns write of their
own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import isfinite

from services.itinerary.domain.calendar import MAX_TEXT as MAX_OPENING
from services.itinerary.domain.municipal.fees import read_fees
from services.itinerary.domain.municipal.hours import Doubt, Hours, read_hours
from services.itinerary.domain.municipal.words import MONTHS, normalized
from services.itinerary.domain.place import Point
from services.itinerary.domain.poi import MAX_TEXT, Fees

# What people call a column, in the spelling of normalized().
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": (
        "名称", "施設名", "施設名称", "観光施設名", "観光スポット名称", "名称_日本語", "イベント名",
    ),
    "kana": ("名称_カナ", "名称カナ", "名称_カナ表記", "イベント名_カナ"),
    "name_en": ("名称_英語", "名称_英字", "英語名", "イベント名_英語"),
    "number": ("POIコード", "ID", "NO"),
    "address": ("住所", "所在地", "所在地_連結表記"),
    "town": ("市区町村名", "地方公共団体名", "所在地_市区町村"),
    "latitude": ("緯度",), "longitude": ("経度",), "datum": ("座標系", "測地系"),
    "weekdays": ("利用可能曜日",), "opens": ("開始時間",), "closes": ("終了時間",),
    "note": ("利用可能日時特記事項", "開始日時特記事項"),
    "first_date": ("開始日",), "last_date": ("終了日",),
    "fee": ("料金(基本)",), "fee_detail": ("料金(詳細)",),
    "summary": ("説明", "概要"), "summary_en": ("説明_英語",),
    "access": ("アクセス方法",), "parking": ("駐車場情報",), "steps": ("バリアフリー情報",),
    "phone": ("連絡先電話番号", "電話番号"), "url": ("URL", "ホームページ"),
    "remark": ("備考",), "place": ("場所名称",),
}  # fmt: skip
NEEDED = "name"
# Which cells become which text of a POI, one after the other.
TEXTS: Mapping[str, tuple[str, ...]] = {
    "fee_note_ja": ("fee_detail",), "access_ja": ("access", "parking", "steps"),
    "closed_ja": ("note",), "summary_ja": ("summary",), "summary_en": ("summary_en",),
}  # fmt: skip
EVENT = "イベント名"
OLD_DATUM = "日本測地系"  # its points lie some 400 m beside those of WGS 84
JAPAN = ((20.0, 46.0), (122.0, 154.0))  # latitudes, longitudes


@dataclass(frozen=True)
class Sight:
    """A row that can be used. number: of the row in the file. cells: by the names of COLUMNS.

    point None: none is given, or none that can be true. texts: by the names of TEXTS.
    """

    number: int
    name: str
    cells: Mapping[str, str]
    point: Point | None
    hours: Hours
    fees: Fees
    texts: Mapping[str, str]
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True)
class Refused:
    """A row that cannot. reasons: stable."""

    number: int
    name: str
    reasons: tuple[str, ...]


def columns_of(heading: list[str]) -> dict[str, int]:
    """Returns where each of COLUMNS stands in a heading; of several names for one the first."""
    cells = [normalized(cell) for cell in heading]
    return {
        field: cells.index(name)
        for field, names in COLUMNS.items()
        for name in [next((each for each in names if each in cells), "")]
        if name
    }


def sight_of(number: int, cells: Mapping[str, str]) -> Sight:
    """Returns what a row says. cells: by the names of COLUMNS, with a name."""
    get = cells.get
    hours = read_hours(
        get("weekdays", ""), get("opens", ""), get("closes", ""), get("note", "")
    )  # fmt: skip
    doubts = list(hours.doubts)
    if get("first_date"):
        hours, more = _on_its_dates(hours, get("first_date", ""), get("last_date", ""))
        doubts += more
    fees, of_fees = read_fees(get("fee", ""), get("fee_detail", ""))
    doubts += of_fees
    point = _point(get("latitude", ""), get("longitude", ""))
    if OLD_DATUM in normalized(get("datum", "")):
        point = None
        doubts.append(Doubt("OLD_DATUM", get("datum", "")))
    elif point is None:
        reason = "POINT_UNUSABLE" if get("latitude") or get("longitude") else "POINT_MISSING"
        doubts.append(Doubt(reason, f"{get('latitude', '')} {get('longitude', '')}".strip()))
    if not hours.opening:
        doubts.append(Doubt("HOURS_UNKNOWN", ""))
    texts = {name: _text(cells, fields) for name, fields in TEXTS.items()}
    doubts += [Doubt("TEXT_SHORTENED", text) for text in texts.values() if len(text) > MAX_TEXT]
    texts = {name: _cut(text) for name, text in texts.items()}
    return Sight(number, cells["name"], cells, point, hours, fees, texts, tuple(doubts))


def _text(cells: Mapping[str, str], fields: tuple[str, ...]) -> str:
    said = (" ".join(cells.get(field, "").split()) for field in fields)
    return " / ".join(each for each in said if each)


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def _point(latitude: str, longitude: str) -> Point | None:
    try:
        point = Point(float(normalized(latitude)), float(normalized(longitude)))
    except ValueError:
        return None
    if not (isfinite(point.latitude) and isfinite(point.longitude)):
        return None
    inside = all(
        low <= value <= high
        for value, (low, high) in zip((point.latitude, point.longitude), JAPAN, strict=True)
    )
    return point if inside else None


def _on_its_dates(hours: Hours, first: str, last: str) -> tuple[Hours, list[Doubt]]:
    """Returns the hours of an occasion: those of its columns, on its dates alone."""
    begin, end = _date(first), _date(last or first)
    if begin is None or end is None or end < begin:
        return Hours("", hours.last_entry, ()), [Doubt("DATES_UNREADABLE", f"{first} {last}")]
    span = _written(begin) + (f"-{_written(end)}" if end != begin else "")
    whole = [rule for rule in hours.opening.split("; ") if rule]
    if not whole:
        return hours, []
    opening = "; ".join(
        [f"{span} {whole[0]}", *(f"{span} {rule}" for rule in whole[1:] if _alone(rule))]
    )
    if len(whole) > 1 + sum(map(_alone, whole[1:])) or len(opening) > MAX_OPENING:
        return Hours("", hours.last_entry, ()), [Doubt("DATES_UNREADABLE", hours.opening)]
    return Hours(opening, hours.last_entry, ()), []


def _alone(rule: str) -> bool:
    """Tells whether a rule names no dates of its own, so that those of an occasion may precede."""
    return not any(month in rule for month in MONTHS) and "(" not in rule


def _date(text: str) -> date | None:
    parts = normalized(text).replace("/", "-").replace("年", "-").replace("月", "-").rstrip("日")
    numbers = parts.split("-")
    if len(numbers) != 3 or not all(each.isdecimal() and each.isascii() for each in numbers):
        return None
    try:
        return date(*(int(each) for each in numbers))
    except ValueError:
        return None


def _written(day: date) -> str:
    return f"{day.year} {MONTHS[day.month - 1]} {day.day:02d}"
