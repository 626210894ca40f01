"""The form of 「過去の気象データ・ダウンロード」 of the Japan Meteorological Agency, as rows of
cells.

Source: https://www.data.jma.go.jp/risk/obsdl/top/help3.html (form of the file) and help4 (signs),
read in November 2026. Shift_JIS; the time of the download; a blank line; a row with the station
above each column (its prefecture above that where asked for); a row with 年月日 or 年月日時 (or the
parts in columns of their own) and the element with its unit; one or two rows that say what a column
is: nothing for the value, 現象なし情報, 品質情報, 均質番号, or others such as 平年値 and 風向; then
a row for each day or hour. How many columns an element has differs by station and by what was
ticked.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from services.insights.domain.imported.notes import Note, Unusable, quoted
from services.insights.domain.weather import Element, Quality

SEARCHED = 12  # rows in which the heading has to be
MARK = "ダウンロードした時刻"
QUALITY, HOMOGENEITY, NO_PHENOMENON = "品質情報", "均質番号", "現象なし情報"
NAME = 60  # characters of a station's name

_DAILY = {
    ("最高気温", "℃"): Element.TEMPERATURE_MAX, ("最低気温", "℃"): Element.TEMPERATURE_MIN,
    ("平均気温", "℃"): Element.TEMPERATURE_MEAN, ("降水量の合計", "mm"): Element.PRECIPITATION,
    ("日照時間", "時間"): Element.SUNSHINE, ("最深積雪", "cm"): Element.SNOW_DEPTH,
}  # fmt: skip
# Of hours the temperature makes three elements; this one stands for them.
_HOURLY = {
    ("気温", "℃"): Element.TEMPERATURE_MEAN, ("降水量", "mm"): Element.PRECIPITATION,
    ("日照時間", "時間"): Element.SUNSHINE, ("積雪", "cm"): Element.SNOW_DEPTH,
}  # fmt: skip
# Tenths between which a value is believed: wider than any record of Japan.
_BELIEVED = {
    Element.TEMPERATURE_MAX: (-600, 600), Element.TEMPERATURE_MIN: (-600, 600),
    Element.TEMPERATURE_MEAN: (-600, 600), Element.PRECIPITATION: (0, 20_000),
    Element.SUNSHINE: (0, 240), Element.SNOW_DEPTH: (0, 20_000),
}  # fmt: skip
_LABEL = re.compile(r"(.+?)\((.+)\)")
_VALUE = re.compile(r"(-?[0-9]{1,6}(?:\.[0-9]{1,3})?)\s*([)\]]?)")
_DAY = re.compile(
    r"([0-9]{4})[/年-]([0-9]{1,2})[/月-]([0-9]{1,2})日?(?:\([月火水木金土日]\))?"
    r"(?: ([0-9]{1,2}):?[0-9:]*)?"
)
_SIGNS = {
    "--": (0, Quality.NORMAL), "///": (None, Quality.MISSING), "×": (None, Quality.MISSING),
    "#": (None, Quality.DOUBTFUL),
}  # fmt: skip
_BEHIND = {"": Quality.NORMAL, ")": Quality.NEARLY, "]": Quality.PARTIAL}
_PARTS = ("年", "月", "日", "時")


@dataclass(frozen=True)
class Reading:
    """What one cell says. on: the date; hour: 1 to 24, 0 of a day. tenths: None for no value."""

    station: str
    on: date
    hour: int
    element: Element
    tenths: int | None
    quality: Quality


@dataclass(frozen=True)
class Aside:
    """A column that is not taken, and why."""

    station: str
    element: str
    what: str
    reason: str


@dataclass
class JmaSheet:
    """A file that was read. read: rows below the heading; each is in taken or in rejected.

    downloaded: as the file says. hourly: a row for each hour. has_quality: the file tells it.
    """

    downloaded: str
    hourly: bool
    stations: tuple[str, ...]
    has_quality: bool
    read: int = 0
    taken: int = 0
    readings: list[Reading] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)
    rejected: list[Note] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)


@dataclass
class _Column:
    """A value's column, with the column of its quality and of its homogeneity number where there
    are any."""

    at: int
    station: str
    element: Element
    quality_at: int | None = None
    homogeneity_at: int | None = None
    homogeneity: str = ""


def looks_like(rows: Sequence[Sequence[str]]) -> bool:
    """Tells whether a table is in this form."""
    return any(cell.startswith(MARK) for row in rows[:3] for cell in row[:1])


def read(rows: Sequence[Sequence[str]], today: date) -> JmaSheet:
    """Reads a file. today: no day after it was measured.

    Errors: Unusable NOT_JMA, WRONG_STEP (no value of days or hours), NO_ELEMENT, STATION_TWICE,
    NO_ROWS.
    """
    at, dates, hourly = _heading(rows)
    first = _first_row(rows, at + 1, dates)
    stations = _stations(rows, at)
    columns, aside = _columns(rows[at], stations, rows[at + 1 : first], dates, hourly=hourly)
    if not columns:
        raise Unusable("NO_ELEMENT", "no column of temperature, rain, sunshine or snow")
    numbered = enumerate(rows[first:], first + 1)
    body = [(number, row) for number, row in numbered if any(map(str.strip, row))]
    if not body:
        raise Unusable("NO_ROWS", "no row below the heading")
    said = rows[0][0].strip() if rows[0] else ""
    sheet = JmaSheet(
        said.removeprefix(MARK).lstrip("：:").strip()[:40], hourly,
        tuple(dict.fromkeys(each.station for each in columns)),
        any(each.quality_at is not None for each in columns), aside=aside,
    )  # fmt: skip
    _take(sheet, body, columns, dates, today)
    if not sheet.has_quality:
        sheet.warnings.append(Note(0, QUALITY, "NO_QUALITY"))
    return sheet


def _heading(rows: Sequence[Sequence[str]]) -> tuple[int, int, bool]:
    """Returns the row that names the elements, how many columns the date has, whether of hours."""
    for at, row in enumerate(rows[:SEARCHED]):
        first = _narrow(row[0]) if row else ""
        if first in {"年月日", "年月日時"}:
            return at, 1, first == "年月日時"
        parts = 0
        for cell, part in zip(row, _PARTS, strict=False):
            if _narrow(cell) != part:
                break
            parts += 1
        if parts >= 3 and not (len(row) > 4 and _narrow(row[3]) == "年"):
            return at, parts, parts == 4
        if first in {"年月", "年", "集計開始"}:
            raise Unusable("WRONG_STEP", f"values of {first}, not of days or hours")
    raise Unusable("NOT_JMA", "no row that begins with 年月日")


def _first_row(rows: Sequence[Sequence[str]], start: int, dates: int) -> int:
    for at in range(start, min(len(rows), start + SEARCHED)):
        if any(map(str.strip, rows[at][:dates])):
            return at
    raise Unusable("NO_ROWS", "no row below the heading")


def _stations(rows: Sequence[Sequence[str]], at: int) -> list[str]:
    """Returns the station of each column, with its prefecture where the file has one above."""
    above = [row for row in rows[max(0, at - 2) : at]
             if any(map(str.strip, row[1:])) and not row[0].startswith(MARK)]  # fmt: skip
    if not above:
        raise Unusable("NOT_JMA", "no row of stations above the elements")
    return [
        " ".join(dict.fromkeys(said for row in above if (said := _cell(row, n).strip())))[:NAME]
        for n in range(len(rows[at]))
    ]


def _columns(
    elements: Sequence[str], stations: Sequence[str], below: Sequence[Sequence[str]], dates: int, *,
    hourly: bool,
) -> tuple[list[_Column], list[Aside]]:  # fmt: skip
    known = _HOURLY if hourly else _DAILY
    found: list[_Column] = []
    aside: list[Aside] = []
    last: _Column | None = None  # whose quality may follow
    for at in range(dates, len(elements)):
        name, station = _narrow(elements[at]), stations[at]
        what = "".join(_narrow(_cell(row, at)) for row in below)
        if not name and not what:
            continue
        if what in {QUALITY, HOMOGENEITY}:
            if last and (last.station, name) == (station, _narrow(elements[last.at])):
                if what == QUALITY and last.quality_at is None:
                    last.quality_at = at
                elif what == HOMOGENEITY:
                    last.homogeneity_at = at
            continue
        if what == NO_PHENOMENON:
            continue  # the value beside it is 0 then
        label = _LABEL.fullmatch(name)
        element = known.get((label[1], label[2])) if label else None
        if what or element is None or not station:
            aside.append(Aside(station, name, what, "OTHER_VALUE" if what else "NOT_KEPT"))
            last = None
            continue
        if any((each.station, each.element) == (station, element) for each in found):
            raise Unusable("STATION_TWICE", f"{station} {name} stands there twice")
        last = _Column(at, station, element)
        found.append(last)
    return found, aside


def _take(
    sheet: JmaSheet, body: Sequence[tuple[int, Sequence[str]]], columns: Sequence[_Column],
    dates: int, today: date,
) -> None:  # fmt: skip
    seen: set[tuple[date, int]] = set()
    for number, row in body:
        sheet.read += 1
        try:
            on, hour = _moment(row, dates, hourly=sheet.hourly)
            if on > today:
                raise _BadRow("FUTURE_DATE", row[0])
            if (on, hour) in seen:
                raise _BadRow("DATE_TWICE", " ".join(row[:dates]))
            readings = [_reading(row, each, on, hour) for each in columns]
        except _BadRow as error:
            sheet.rejected.append(Note(number, error.field, error.reason, error.text))
            continue
        seen.add((on, hour))
        sheet.taken += 1
        sheet.readings += readings
        for each in columns:
            now = _cell(row, each.homogeneity_at).strip()
            if now and each.homogeneity and now != each.homogeneity:
                where = f"{each.station} {each.element.value}"
                sheet.warnings.append(Note(number, where, "HOMOGENEITY", row[0]))
            each.homogeneity = now or each.homogeneity


class _BadRow(ValueError):
    def __init__(self, reason: str, text: str, field_: str = "") -> None:
        super().__init__(reason)
        self.reason, self.text, self.field = reason, quoted(text), field_


def _moment(row: Sequence[str], dates: int, *, hourly: bool) -> tuple[date, int]:
    """Returns the date a row is about and its hour, 1 to 24; 0 of a day. What is said of 0:00 was
    measured in the hour before, which is the last one of the day before."""
    said = [unicodedata.normalize("NFKC", cell).strip() for cell in row[:dates]]
    if dates > 1:
        if not all(part.isdecimal() for part in said):
            raise _BadRow("NO_DATE", " ".join(said))
        year, month, day = (int(part) for part in said[:3])
        hour = int(said[3]) if dates > 3 else 0
    else:
        found = _DAY.fullmatch(said[0])
        if not found or (found[4] is not None and not hourly):
            raise _BadRow("NO_DATE", row[0])
        year, month, day = (int(found[part]) for part in (1, 2, 3))
        hour = int(found[4] or 0)  # of 0:00 a workbook shows the date alone
    try:
        on = date(year, month, day)
    except ValueError as error:
        raise _BadRow("NO_DATE", " ".join(said)) from error
    if not 1870 <= on.year <= 2099 or hour > 24:
        raise _BadRow("NO_DATE", " ".join(said))
    if hourly and hour == 0:
        return on - timedelta(days=1), 24
    return on, hour


def _reading(row: Sequence[str], column: _Column, on: date, hour: int) -> Reading:
    where = f"{column.station} {column.element.value}"
    said = unicodedata.normalize("NFKC", _cell(row, column.at)).strip()
    tenths, quality = _value(said, where)
    if column.quality_at is not None and (told := _cell(row, column.quality_at).strip()):
        if told not in {str(int(each)) for each in Quality}:
            raise _BadRow("BAD_QUALITY", told, where)
        quality = Quality(int(told))
        night = hour and column.element is Element.SUNSHINE and not said
        if night and quality in {Quality.NORMAL, Quality.NEARLY}:
            tenths = 0  # at night AMeDAS leaves the hour empty and calls it normal
        if quality in {Quality.DOUBTFUL, Quality.MISSING, Quality.NOT_OBSERVED}:
            tenths = None
    if tenths is None and quality in {Quality.NORMAL, Quality.NEARLY, Quality.PARTIAL}:
        quality = Quality.MISSING
    least, most = _BELIEVED[column.element]
    if tenths is not None and not least <= tenths <= most:
        raise _BadRow("OUT_OF_RANGE", said, where)
    return Reading(column.station, on, hour, column.element, tenths, quality)


def _value(said: str, where: str) -> tuple[int | None, Quality]:
    if not said:
        return None, Quality.MISSING
    if said in _SIGNS:
        return _SIGNS[said]
    found = _VALUE.fullmatch(said)
    if not found:
        raise _BadRow("NOT_A_NUMBER", said, where)
    return round(float(found[1]) * 10), _BEHIND[found[2]]


def _cell(row: Sequence[str], at: int | None) -> str:
    return row[at] if at is not None and at < len(row) else ""


def _narrow(text: str) -> str:
    """Returns a heading without blanks, its brackets narrow, its units as this module names
    them."""
    said = "".join(unicodedata.normalize("NFKC", text).split())
    return said.replace("°C", "℃")


def names(columns: Sequence[Aside]) -> Iterator[str]:
    """Gives what columns that are not taken are called, each once."""
    yield from dict.fromkeys(
        f"{each.element} {each.what}".strip() for each in columns if each.element
    )
