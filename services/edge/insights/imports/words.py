"""What imports say: fates of rows, reasons, elements of weather, units, months."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from babel.dates import format_skeleton
from flask_babel import format_decimal, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from meguri.insights.v1 import import_service_pb2 as pb

# What a file has that is no table, by the reason at the end of what the service says.
UNUSABLE: Mapping[str, Any] = {
    "EMPTY": _l("There is nothing in this file."),
    "OLD_EXCEL": _l(
        "This is an old Excel file (.xls), or it has a password. Save it as .xlsx without one."
    ),
    "NO_TEXT": _l("This is no Excel file and no text in UTF-8 or Shift_JIS. Save it as CSV."),
    "NO_TABLE": _l("This file cannot be read as a table. Save it as CSV or as .xlsx anew."),
    "TOO_LARGE": _l(
        "A file has at most 3 MiB, and unpacked no more than any table of a town. Divide it, and"
        " take in the parts."
    ),
    "TOO_MANY_ROWS": _l(
        "Statistics have at most 3,000 rows in all sheets, weather 12,000. Divide the file, and"
        " take in the parts."
    ),
    "TOO_MANY_COLUMNS": _l("A table has at most 600 columns. Divide it, and take in the parts."),
    "WRONG_STEP": _l(
        "This weather file holds months or other spans. Choose values of days (日別値) or of hours"
        " (時別値) at the agency’s page."
    ),
    "NO_ELEMENT": _l("This weather file holds neither temperature, rain, sunshine nor snow."),
    "NOT_JMA": _l("The headings of this weather file cannot be read. Download it anew."),
    "STATION_TWICE": _l(
        "The same element stands twice for one station. Choose each station once, and download"
        " anew."
    ),
    "NO_ROWS": _l("There is no row below the headings."),
    "CARD_NUMBER": _l("A cell looks like the number of a payment card. Take it out of the file."),
}
FATES: Mapping[int, Any] = {
    pb.ROW_FATE_TAKEN: _l("taken"),
    pb.ROW_FATE_REJECTED: _l("cannot be used"),
    pb.ROW_FATE_BLANK: _l("blank"),
    pb.ROW_FATE_TITLE: _l("title"),
    pb.ROW_FATE_HEADING: _l("heading"),
    pb.ROW_FATE_TOTAL: _l("sum"),
    pb.ROW_FATE_WORKED_OUT: _l("share or change"),
    pb.ROW_FATE_NOTE: _l("note"),
    pb.ROW_FATE_EMPTY: _l("no figure in it"),
}
BADGES: Mapping[int, str] = {pb.ROW_FATE_TAKEN: "ok", pb.ROW_FATE_REJECTED: "bad"}
REASONS: Mapping[str, Any] = {
    "NEGATIVE": _l("a number below zero"),
    "FORMULA": _l("a formula without its result; open the file in Excel and save it once"),
    "NOT_A_NUMBER": _l("no number, nor a sign that is known"),
    "TOO_LARGE": _l("a larger number than any figure of a town"),
    "FRACTION": _l("not whole in this unit; look at the unit"),
    "NAME_TOO_LONG": _l("a name of more than 60 characters"),
    "NO_NAME": _l("nothing says where, or what is counted"),
    "NO_MONTH": _l("nothing says which month"),
    "NO_YEAR": _l("nothing says which year"),
    "FUTURE_MONTH": _l("a month that has not begun"),
    "TWICE": _l("another figure for the same month stands above"),
    "SAME_TWICE": _l("the same figure stands there twice"),
    "SUM_DIFFERS": _l("the sum in the sheet differs from the sum of its rows (sheet / added up)"),
    "NO_DATE": _l("no date that exists"),
    "FUTURE_DATE": _l("a day after today"),
    "DATE_TWICE": _l("the same day or hour stands above"),
    "BAD_QUALITY": _l("a sign of quality that is not known"),
    "OUT_OF_RANGE": _l("a value that no thermometer or gauge in Japan ever showed"),
    "NO_QUALITY": _l(
        "the file tells no quality (品質情報); all values are taken for whole. Better download it"
        " with them"
    ),
    "HOMOGENEITY": _l(
        "from here on the values cannot be compared with those before: the station was moved or"
        " changed (均質番号)"
    ),
}  # fmt: skip
ELEMENTS: Mapping[str, Any] = {
    "temperature_max": _l("Highest temperature (°C)"),
    "temperature_min": _l("Lowest temperature (°C)"),
    "temperature_mean": _l("Mean temperature (°C)"),
    "precipitation": _l("Rain (mm)"),
    "sunshine": _l("Sunshine (hours)"),
    "snow_depth": _l("Snow depth (cm)"),
}
QUALITIES: Mapping[int, Any] = {
    5: _l("nearly all of the day"), 4: _l("only part of the day"), 2: _l("doubtful"),
    1: _l("missing"), 0: _l("not measured here"),
}  # fmt: skip
CLASSES: Mapping[str, Any] = {
    "dry": _l("dry"), "rain": _l("rain"), "heavy_rain": _l("much rain"), "snow": _l("snow lies"),
    "freezing": _l("frost"), "warm": _l("25 °C and more"), "hot": _l("30 °C and more"),
    "very_hot": _l("35 °C and more"),
}  # fmt: skip
UNITS: Mapping[int, Any] = {
    pb.MONTH_UNIT_PERSONS: _l("people"), pb.MONTH_UNIT_NIGHTS: _l("nights"),
    pb.MONTH_UNIT_YEN: _l("yen"), pb.MONTH_UNIT_ITEMS: _l("items"),
}  # fmt: skip
SHEET_UNITS: Mapping[int, Any] = {
    pb.SHEET_UNIT_PERSONS: _l("people (人)"),
    pb.SHEET_UNIT_PERSONS_1000: _l("thousand people (千人)"),
    pb.SHEET_UNIT_NIGHTS: _l("nights (人泊)"),
    pb.SHEET_UNIT_NIGHTS_1000: _l("thousand nights (千人泊)"),
    pb.SHEET_UNIT_YEN: _l("yen (円)"),
    pb.SHEET_UNIT_YEN_1000: _l("thousand yen (千円)"),
    pb.SHEET_UNIT_YEN_MILLION: _l("million yen (百万円)"),
    pb.SHEET_UNIT_ITEMS: _l("items (件, 台)"),
}
STATES: Mapping[int, Any] = {
    pb.CELL_STATE_WITHHELD: _l("withheld"), pb.CELL_STATE_UNKNOWN: _l("not known"),
    pb.CELL_STATE_DASH: _l("dash"),
}  # fmt: skip


def reason_word(reason: str) -> str:
    """Returns why, in the reader's language."""
    return str(REASONS.get(reason, reason))


def field_word(name: str) -> str:
    """Returns what a note is about: "秋吉台 temperature_max" with the element in words."""
    station, _blank, element = name.rpartition(" ")
    return f"{station} {ELEMENTS[element]}".strip() if element in ELEMENTS else name


def month_word(text: str) -> str:
    """Returns a month such as 2025-04 in the reader's language."""
    on = date.fromisoformat(f"{text}-01")
    return str(format_skeleton("yMMM", on, locale=get_locale()))


def tenths(value: pb.WeatherValue) -> str:
    """Returns a value of weather, "–" for none."""
    return format_decimal(value.tenths / 10, "0.0") if value.HasField("tenths") else "–"


def value_note(value: pb.WeatherValue) -> str:
    """Returns what is to be known of a value besides, "" for nothing."""
    said = [str(QUALITIES[value.quality])] if value.quality in QUALITIES else []
    if value.hourly and value.HasField("tenths"):
        said.append(_("from hours"))
    return ", ".join(said)


def figure_word(figure: pb.MonthFigure) -> str:
    """Returns a figure of a month, or why there is none."""
    if figure.HasField("value"):
        return f"{figure.value:,}"
    return str(STATES.get(figure.state, "–"))


def column_name(number: int) -> str:
    """Returns a column as spreadsheets name it: 1 is A, 27 is AA."""
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name
