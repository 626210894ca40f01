"""Imports on the wire."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import groupby

from google.protobuf.timestamp_pb2 import Timestamp

from kit.pure.errors import InvalidFields
from meguri.insights.v1 import import_service_pb2 as pb
from services.insights.app.import_views import SheetView, View, WeatherView
from services.insights.app.imports import Listed
from services.insights.domain.imported.accounts import Account, Fate, Figure
from services.insights.domain.imported.cells import State
from services.insights.domain.imported.notes import Note
from services.insights.domain.imported.sheet import Mapping, SheetUnit
from services.insights.domain.imported.weather_days import days_of, gives_way
from services.insights.domain.kpi import Unit
from services.insights.domain.weather import Value, WeatherDay, classes_of
from services.insights.store.imported import Import, Month, Station

HEAD_ROWS, HEAD_COLUMNS, HEAD_CELL = 40, 40, 80
TOLD_NOTES, TOLD_FIGURES, TOLD_DAYS, TOLD_CHANGES = 200, 60, 14, 200

_UNITS = {unit: pb.SheetUnit.Value(f"SHEET_UNIT_{unit.name}") for unit in SheetUnit}
_MONTH_UNITS = {
    unit: pb.MonthUnit.Value(f"MONTH_UNIT_{unit.name}")
    for unit in (Unit.PERSONS, Unit.NIGHTS, Unit.YEN, Unit.ITEMS)
}
_STATES: dict[State, pb.CellState.ValueType] = {
    State.NUMBER: pb.CELL_STATE_NUMBER, State.WITHHELD: pb.CELL_STATE_WITHHELD,
    State.UNKNOWN: pb.CELL_STATE_UNKNOWN, State.DASH: pb.CELL_STATE_DASH,
}  # fmt: skip
_FATES = {fate: pb.RowFate.Value(f"ROW_FATE_{fate.name}") for fate in Fate}


def mapping_of(message: pb.SheetMapping) -> Mapping:
    """What stands where. Errors: InvalidFields for a unit that is not known."""
    units = {number: unit for unit, number in _UNITS.items()}
    if message.unit not in units:
        raise InvalidFields([("mapping.unit", "give a unit that is known")])
    return Mapping(
        message.sheet, message.months, message.years, message.year, message.fiscal, message.places,
        message.place, message.measures, message.measure, units[message.unit],
        message.dash_is_zero,
    )  # fmt: skip


def view_message(view: View) -> pb.ReadImportDraftResponse:
    """A draft as it would be kept."""
    before = view.before
    return pb.ReadImportDraftResponse(
        draft_id=view.draft.draft_id, file_name=view.draft.file_name, sha256=view.draft.sha256,
        version=view.version, kept_before_time=_time(before.kept_time) if before else None,
        kept_before_by=before.signed_as if before else "", read_count=view.read,
        loaded_count=view.loaded, rejected=_notes(view.rejected),
        rejected_count=view.rejected_count, warnings=_notes(view.warnings),
        warning_count=view.warning_count, new_count=view.new, other_count=view.other,
        same_count=view.same, until_time=_time(view.draft.until),
        statistics=_statistics(view.sheet) if view.sheet else None,
        weather=_weather(view.weather) if view.weather else None,
    )  # fmt: skip


def listed_message(found: Listed) -> pb.ListImportsResponse:
    """All that was imported."""
    return pb.ListImportsResponse(
        imports=[_import(each) for each in found.imports],
        stations=[station_message(each) for each in found.stations],
        weather_dates=[on.isoformat() for on in found.weather_dates],
        series=_series(found.months),
        mappings=[pb.KnownMapping(name=name, used_time=_time(at)) for name, at in found.mappings],
        demo=found.demo,
        drafts=[
            pb.WaitingDraft(
                draft_id=each.draft_id, file_name=each.file_name,
                said_time=_time(each.said_time), until_time=_time(each.until),
            )
            for each in found.drafts
        ],
    )  # fmt: skip


def station_message(station: Station) -> pb.WeatherStation:
    """A station."""
    return pb.WeatherStation(
        name=station.name, first_date=station.first.isoformat(),
        last_date=station.last.isoformat(), day_count=station.day_count,
    )  # fmt: skip


def day_message(day: WeatherDay) -> pb.WeatherDay:
    """The weather of a day."""
    message = pb.WeatherDay(
        date=day.on.isoformat(), classes=[each.value for each in classes_of(day)]
    )
    for element, value in day.values.items():
        getattr(message, element.value).CopyFrom(_value(value))
    return message


def months_message(found: Sequence[Month], wanted: str) -> pb.ReadMonthsResponse:
    """Figures of months, of one measure where one is wanted."""
    return pb.ReadMonthsResponse(
        figures=[
            pb.MonthFigure(
                measure=each.measure, place=each.place, month=f"{each.month:%Y-%m}",
                value=each.value, state=_STATES[each.state], unit=_MONTH_UNITS[each.unit],
                step=each.step, source_note=each.source_note, import_number=each.number,
            )
            for each in found
            if not wanted or each.measure == wanted
        ],
        measures=list(dict.fromkeys(each.measure for each in found)),
    )  # fmt: skip


def _statistics(sheet: SheetView) -> pb.StatisticsDraft:
    grid, mapping, taken = sheet.grid, sheet.mapping, sheet.taken
    message = pb.StatisticsDraft(
        sheets=sheet.sheets, row_count=len(grid.rows), column_count=grid.width,
        head=[
            pb.SheetRow(cells=[cell[:HEAD_CELL] for cell in row[:HEAD_COLUMNS]])
            for row in grid.rows[:HEAD_ROWS]
        ],
        mapping=pb.SheetMapping(
            sheet=mapping.sheet, months=mapping.months, years=mapping.years, year=mapping.year,
            fiscal=mapping.fiscal, places=mapping.places, place=mapping.place,
            measures=mapping.measures, measure=mapping.measure, unit=_UNITS[mapping.unit],
            dash_is_zero=mapping.dash_is_zero,
        ),
        mapping_name=sheet.name, mapping_names=sheet.names,
        wrong=[pb.ImportNote(field=name, text=text) for name, text in sheet.wrong],
    )  # fmt: skip
    if taken:
        message.rows.extend(map(_account, taken.rows))
        message.columns.extend(map(_account, taken.columns))
        message.totals.extend(
            pb.SheetTotal(
                row=each.at, column=each.across, label=each.label, told=f"{each.told:f}",
                summed="" if each.summed is None else f"{each.summed:f}", agrees=each.agrees,
            )
            for each in taken.totals
        )  # fmt: skip
        message.figures.extend(map(_figure, taken.figures[:TOLD_FIGURES]))
        message.figure_count = len(taken.figures)
        message.series.extend(_series(taken.figures))
    return message


def _account(account: Account) -> pb.SheetLine:
    return pb.SheetLine(
        at=account.at, fate=_FATES[account.fate], label=account.label, count=account.count,
        reason=account.reason,
    )  # fmt: skip


def _figure(each: Figure) -> pb.MonthFigure:
    return pb.MonthFigure(
        measure=each.measure, place=each.place, month=f"{each.month:%Y-%m}", value=each.value,
        state=_STATES[each.state], unit=_MONTH_UNITS[each.unit], step=each.step,
    )  # fmt: skip


def _series(figures: Iterable[Figure | Month]) -> list[pb.MonthSeries]:
    ordered = sorted(figures, key=lambda each: (each.measure, each.place, each.month))
    found = []
    for (measure, place), group in groupby(ordered, key=lambda each: (each.measure, each.place)):
        months = list(group)
        found.append(
            pb.MonthSeries(
                measure=measure, place=place, unit=_MONTH_UNITS[months[0].unit],
                months=[f"{each.month:%Y-%m}" for each in months],
            )
        )  # fmt: skip
    return found


def _weather(weather: WeatherView) -> pb.WeatherDraft:
    found = weather.found
    dates: dict[str, set[date]] = {name: set() for name in found.stations}
    for each in found.days:
        dates[each.station].add(each.on)
    shown = found.stations[0]
    first = {key: value for key, value in weather.values.items() if key[0] == shown}
    return pb.WeatherDraft(
        downloaded=found.downloaded, hourly=found.hourly, has_quality=found.has_quality,
        stations=[
            station_message(Station(name, min(days), max(days), len(days)))
            for name, days in dates.items()
            if days
        ],
        aside=found.aside, change_count=len(weather.changes),
        changes=[
            pb.WeatherChange(
                station=each.station, date=each.on.isoformat(), element=each.element.value,
                before=_value(each.before), after=_value(each.after),
                stays=gives_way(each.after, each.before),
            )
            for each in weather.changes[:TOLD_CHANGES]
        ],
        days=[day_message(day) for day in days_of(first)[:TOLD_DAYS]], shown_station=shown,
    )  # fmt: skip


def _value(value: Value) -> pb.WeatherValue:
    return pb.WeatherValue(tenths=value.tenths, quality=int(value.quality), hourly=value.hourly)


def _notes(notes: Sequence[Note]) -> list[pb.ImportNote]:
    return [
        pb.ImportNote(row=each.row, field=each.field, reason=each.reason, text=each.text)
        for each in notes[:TOLD_NOTES]
    ]


def _import(made: Import) -> pb.Import:
    return pb.Import(
        number=made.number, weather=made.is_weather, file_name=made.file_name, sha256=made.sha256,
        source_note=made.source_note, signed_as=made.signed_as, kept_time=_time(made.kept_time),
        kept_count=made.kept_count, rejected_count=made.rejected_count,
        undone_time=_time(made.undone_time) if made.undone_time else None,
        undone_by=made.undone_by, first_date=made.first.isoformat() if made.first else "",
        last_date=made.last.isoformat() if made.last else "",
    )  # fmt: skip


def _time(at: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(at)
    return made
