"""What was imported and counts: weather of days, figures of months, and who brought them.

Each import keeps rows of its own; of two that say something of the same day or month the newest
counts that was not taken back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from kit.db import Row, Transaction
from services.insights.domain.imported.accounts import Figure, Series
from services.insights.domain.imported.cells import State
from services.insights.domain.imported.weather_days import Key
from services.insights.domain.kpi import Unit
from services.insights.domain.weather import Element, Quality, Value, WeatherDay

LISTED = 200
_COUNTS = (
    " join imports i on i.area = %(area)s and i.number = w.number and i.undone_time is null"
    " where w.area = %(area)s"
)


@dataclass(frozen=True)
class Import:
    """One file that was kept. number: 0 before it is. first, last: dates it is about."""

    number: int
    is_weather: bool
    file_name: str
    sha256: str
    source_note: str
    signed_as: str
    kept_count: int
    rejected_count: int
    first: date | None
    last: date | None
    kept_time: datetime
    undone_time: datetime | None = None
    undone_by: str = ""


@dataclass(frozen=True)
class Month:
    """A figure that counts, and the import it is of."""

    measure: str
    place: str
    month: date
    value: int | None
    state: State
    unit: Unit
    step: int
    source_note: str
    number: int
    signed_as: str
    kept_time: datetime


@dataclass(frozen=True)
class Station:
    """A station and its days with weather."""

    name: str
    first: date
    last: date
    day_count: int


async def lock(tx: Transaction) -> None:
    """Lets one change of what was imported happen after the other, until the transaction ends."""
    await tx.execute("select pg_advisory_xact_lock(hashtext('imports/' || %s))", (tx.area,))


async def version(tx: Transaction) -> int:
    """Returns a number that every import and every taking back raises."""
    row = await tx.fetch_one(
        "select count(*) + count(undone_time) as version from imports where area = %s", (tx.area,)
    )
    return int(row["version"]) if row else 0


async def weather_by_date(
    tx: Transaction, first: date, last: date, station: str = ""
) -> dict[date, WeatherDay]:
    """Returns the weather of days at a station, "" for the one with the most days. Days without
    any are not in it."""
    if not station:
        known = await stations(tx)
        if not known:
            return {}
        station = known[0].name
    rows = await tx.fetch_all(
        "select distinct on (w.on_date, w.element) w.on_date, w.element, w.tenths, w.quality,"  # noqa: S608 - constants
        f" w.hourly from weather_values w{_COUNTS} and w.station = %(station)s"
        " and w.on_date between %(first)s and %(last)s"
        " order by w.on_date, w.element, w.number desc",
        {"area": tx.area, "station": station, "first": first, "last": last},
    )
    found: dict[date, dict[Element, Value]] = {}
    for row in rows:
        found.setdefault(row["on_date"], {})[Element(row["element"])] = _value(row)
    return {on: WeatherDay(on, station, values) for on, values in found.items()}


async def stations(tx: Transaction) -> list[Station]:
    """Returns the stations with weather, the one with the most days first."""
    rows = await tx.fetch_all(
        "select w.station, min(w.on_date) as first, max(w.on_date) as last,"  # noqa: S608 - constants
        f" count(distinct w.on_date) as days from weather_values w{_COUNTS}"
        " group by w.station order by days desc, w.station",
        {"area": tx.area},
    )
    return [Station(row["station"], row["first"], row["last"], row["days"]) for row in rows]


async def kept_weather(
    tx: Transaction, names: Iterable[str], first: date, last: date
) -> dict[Key, Value]:
    """Returns the values that count of some stations and dates."""
    rows = await tx.fetch_all(
        "select distinct on (w.station, w.on_date, w.element) w.station, w.on_date, w.element,"  # noqa: S608 - constants
        f" w.tenths, w.quality, w.hourly from weather_values w{_COUNTS}"
        " and w.station = any(%(names)s) and w.on_date between %(first)s and %(last)s"
        " order by w.station, w.on_date, w.element, w.number desc",
        {"area": tx.area, "names": list(names), "first": first, "last": last},
    )
    return {(row["station"], row["on_date"], Element(row["element"])): _value(row) for row in rows}


async def months_of(
    tx: Transaction, measure: str = "", place: str = "", first: date = date.min,
    last: date = date.max,
) -> list[Month]:  # fmt: skip
    """Returns figures that count, by measure, place and month; "" for all measures or places.
    first, last: between which their month begins."""
    rows = await tx.fetch_all(
        "select distinct on (w.measure, w.place, w.month) w.measure, w.place, w.month, w.value,"  # noqa: S608 - constants
        f" w.state, w.unit, w.step, i.source_note, w.number, i.signed_as, i.said_time"
        f" from imported_months w{_COUNTS}"
        " and (%(measure)s = '' or w.measure = %(measure)s)"
        " and (%(place)s = '' or w.place = %(place)s) and w.month between %(first)s and %(last)s"
        " order by w.measure, w.place, w.month, w.number desc",
        {"area": tx.area, "measure": measure, "place": place, "first": first, "last": last},
    )
    return [
        Month(
            row["measure"], row["place"], row["month"], row["value"], State(row["state"]),
            Unit(row["unit"]), row["step"], row["source_note"], row["number"],
            row["signed_as"], row["said_time"],
        )
        for row in rows
    ]  # fmt: skip


async def kept_months(tx: Transaction) -> dict[Series, tuple[int | None, State]]:
    """Returns all figures that count, by what they are about."""
    return {
        (each.measure, each.place, each.month): (each.value, each.state)
        for each in await months_of(tx)
    }


async def add(tx: Transaction, made: Import, principal: str) -> int:
    """Keeps who brought which file; returns its number."""
    row = await tx.fetch_one(
        "insert into imports (area, number, is_weather, file_name, sha256, source_note, signed_as,"
        " principal, kept_count, rejected_count, first_date, last_date, said_time)"
        " select %(area)s, coalesce(max(number), 0) + 1, %(weather)s, %(file)s, %(sha)s, %(note)s,"
        " %(name)s, %(principal)s, %(kept)s, %(rejected)s, %(first)s, %(last)s, %(at)s"
        " from imports where area = %(area)s returning number",
        {
            "area": tx.area, "weather": made.is_weather, "file": made.file_name,
            "sha": made.sha256, "note": made.source_note, "name": made.signed_as,
            "principal": principal, "kept": made.kept_count, "rejected": made.rejected_count,
            "first": made.first, "last": made.last, "at": made.kept_time,
        },
    )  # fmt: skip
    if row is None:
        raise RuntimeError("an import that was written has a number")
    return int(row["number"])


async def add_weather(
    tx: Transaction, number: int, values: Mapping[Key, Value], at: datetime
) -> None:
    """Keeps the values of an import."""
    await tx.execute_many(
        "insert into weather_values (area, station, on_date, element, number, tenths, quality,"
        " hourly, said_time) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            (tx.area, station, on, element.value, number, value.tenths, int(value.quality),
             value.hourly, at)
            for (station, on, element), value in values.items()
        ],
    )  # fmt: skip


async def add_months(tx: Transaction, number: int, figures: Iterable[Figure], at: datetime) -> None:
    """Keeps the figures of an import."""
    await tx.execute_many(
        "insert into imported_months (area, measure, place, month, number, value, state, unit,"
        " step, said_time) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            (tx.area, each.measure, each.place, each.month, number, each.value, each.state.value,
             each.unit.value, each.step, at)
            for each in figures
        ],
    )  # fmt: skip


async def imports(tx: Transaction) -> list[Import]:
    """Returns the newest imports, those that were taken back too."""
    rows = await tx.fetch_all(
        "select * from imports where area = %s order by number desc limit %s", (tx.area, LISTED)
    )
    return [_import(row) for row in rows]


async def one(tx: Transaction, number: int) -> Import | None:
    """Returns an import, None for none of that number."""
    row = await tx.fetch_one(
        "select * from imports where area = %s and number = %s", (tx.area, number)
    )
    return _import(row) if row else None


async def of_file(tx: Transaction, sha256: str) -> Import | None:
    """Returns the newest import of a file that counts, None for none."""
    row = await tx.fetch_one(
        "select * from imports where area = %s and sha256 = %s and undone_time is null"
        " order by number desc limit 1",
        (tx.area, sha256),
    )
    return _import(row) if row else None


async def undo(tx: Transaction, number: int, signed_as: str, at: datetime) -> None:
    """Takes an import back."""
    await tx.execute(
        "update imports set undone_time = %s, undone_by = %s where area = %s and number = %s",
        (at, signed_as, tx.area, number),
    )


def _value(row: Row) -> Value:
    return Value(row["tenths"], Quality(row["quality"]), row["hourly"])


def _import(row: Row) -> Import:
    return Import(
        row["number"], row["is_weather"], row["file_name"], row["sha256"], row["source_note"],
        row["signed_as"], row["kept_count"], row["rejected_count"], row["first_date"],
        row["last_date"], row["said_time"], row["undone_time"], row["undone_by"],
    )  # fmt: skip
