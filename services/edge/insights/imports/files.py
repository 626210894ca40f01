"""All that was imported, as CSV."""

from collections.abc import Iterable

from meguri.insights.v1 import import_service_pb2 as pb
from services.edge.insights.imports import words
from services.edge.spreadsheet import text_of

WEATHER_HEADINGS = (
    "date", "station",
    *(f"{name}{end}" for name in words.ELEMENTS for end in ("", "_quality")),
    "from_hours", "classes",
)  # fmt: skip
MONTH_HEADINGS = ("month", "measure", "place", "value", "state", "unit", "step", "source", "import")
STATES = {
    pb.CELL_STATE_NUMBER: "number", pb.CELL_STATE_WITHHELD: "withheld",
    pb.CELL_STATE_UNKNOWN: "unknown", pb.CELL_STATE_DASH: "dash",
}  # fmt: skip
UNITS = {
    pb.MONTH_UNIT_PERSONS: "persons", pb.MONTH_UNIT_NIGHTS: "nights", pb.MONTH_UNIT_YEN: "yen",
    pb.MONTH_UNIT_ITEMS: "items",
}  # fmt: skip


def weather(found: Iterable[pb.ReadWeatherResponse]) -> str:
    """Returns a row for each day and station; a value that is not there is empty."""
    return text_of(
        WEATHER_HEADINGS,
        (
            [
                day.date, each.station,
                *(cell for name in words.ELEMENTS for cell in _cells(day, name)),
                "yes" if any(getattr(day, name).hourly for name in words.ELEMENTS) else "no",
                " ".join(day.classes),
            ]
            for each in found
            for day in each.days
        ),
    )  # fmt: skip


def months(figures: Iterable[pb.MonthFigure]) -> str:
    """Returns a row for each figure."""
    return text_of(
        MONTH_HEADINGS,
        (
            [
                each.month, each.measure, each.place,
                each.value if each.HasField("value") else "", STATES.get(each.state, ""),
                UNITS.get(each.unit, ""), each.step, each.source_note, each.import_number,
            ]
            for each in figures
        ),
    )  # fmt: skip


def _cells(day: pb.WeatherDay, name: str) -> list[object]:
    if not day.HasField(name):  # type: ignore[arg-type] # one of the elements
        return ["", ""]
    value: pb.WeatherValue = getattr(day, name)
    return [value.tenths / 10 if value.HasField("tenths") else "", value.quality]
