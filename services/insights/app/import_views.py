"""What a draft would become: every row accounted for, beside what is kept."""

import asyncio
from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from kit.db import Transaction
from kit.pure.errors import InvalidFields, NotFound
from services.insights.domain.imported import proposing
from services.insights.domain.imported.accounts import Figure, Taken
from services.insights.domain.imported.notes import Note
from services.insights.domain.imported.sheet import Grid, Mapping, checked, shape_of
from services.insights.domain.imported.taking import changed, take
from services.insights.domain.imported.weather_days import Change, Key, changes
from services.insights.domain.weather import Value
from services.insights.gateways import imports_reader
from services.insights.gateways.imports_reader import Reply
from services.insights.store import import_drafts as drafts
from services.insights.store import imported
from services.insights.store.imported import Import


@dataclass(frozen=True)
class SheetView:
    """A sheet under a mapping. name: under which it is remembered, "" for a proposal or what was
    given. wrong: what cannot be used of the mapping; then `taken` is None."""

    sheets: Sequence[str]
    grid: Grid
    mapping: Mapping
    name: str
    names: Sequence[str]
    wrong: Sequence[tuple[str, str]]
    taken: Taken | None


@dataclass(frozen=True)
class WeatherView:
    """Weather of a file beside what is kept of the same days."""

    found: imports_reader.Weather
    values: Dict[Key, Value]
    kept: Dict[Key, Value]
    changes: Sequence[Change]


@dataclass(frozen=True)
class View:
    """A draft as it would be kept. sorted: figures as "new", "other" and "same"; of weather counts
    alone say it."""

    draft: drafts.Draft
    version: int
    before: Import | None
    read: int
    loaded: int
    rejected: Sequence[Note]
    rejected_count: int
    warnings: Sequence[Note]
    warning_count: int
    new: int
    other: int
    same: int
    sheet: SheetView | None = None
    weather: WeatherView | None = None
    sorted: Dict[str, list[Figure]] = field(default_factory=dict)


async def view_of(
    tx: Transaction, draft: drafts.Draft, reply: Reply, today: date, mapping: Mapping | None,
    mapping_name: str,
) -> View:  # fmt: skip
    """Returns a draft as it would be kept. Errors: NotFound for a mapping of no such name."""
    version, before = await imported.version(tx), await imported.of_file(tx, draft.sha256)
    if reply.weather is not None:
        return await _weather_view(tx, draft, reply.weather, version, before)
    sheet = await _sheet_view(tx, reply, today, mapping, mapping_name)
    taken = sheet.taken or Taken()
    kept = await imported.kept_months(tx)
    found = changed(kept, taken.figures)
    return View(
        draft, version, before, taken.read, taken.loaded, taken.rejected, len(taken.rejected),
        taken.warnings, len(taken.warnings), len(found["new"]), len(found["other"]),
        len(found["same"]), sheet=sheet, sorted=found,
    )  # fmt: skip


async def _weather_view(
    tx: Transaction, draft: drafts.Draft, found: imports_reader.Weather, version: int,
    before: Import | None,
) -> View:  # fmt: skip
    values = {(each.station, each.on, each.element): each.value for each in found.days}
    dates = [each.on for each in found.days]
    kept: dict[Key, Value] = {}
    if dates:
        kept = await imported.kept_weather(tx, found.stations, min(dates), max(dates))
    differing = changes(kept, values)
    new = sum(key not in kept for key in values)
    return View(
        draft, version, before, found.read, found.taken, [Note(*each) for each in found.rejected],
        found.rejected_count, [Note(*each) for each in found.warnings], found.warning_count,
        new, len(differing), len(values) - new - len(differing),
        weather=WeatherView(found, values, kept, differing),
    )  # fmt: skip


async def _sheet_view(
    tx: Transaction, reply: Reply, today: date, mapping: Mapping | None, mapping_name: str
) -> SheetView:
    grids = [each.grid for each in reply.sheets]
    by_name = {grid.name: grid for grid in grids}
    names = [name for name, _ in await drafts.mappings(tx)]
    kept: Mapping | None = None
    if mapping is not None:
        grid = by_name.get(mapping.sheet) or grids[0]
        name = ""
    else:
        grid = await asyncio.to_thread(proposing.best_sheet, grids)
        name, kept = await _remembered(tx, grid, mapping_name)
        if kept is not None:
            grid = by_name.get(kept.sheet) or grid
    # Thousands of rows take a second: others are answered meanwhile.
    fit, wrong, taken = await asyncio.to_thread(_taken, grid, mapping, kept, today)
    return SheetView(list(by_name), grid, fit, name, names, wrong, taken)


async def _remembered(tx: Transaction, grid: Grid, name: str) -> tuple[str, Mapping | None]:
    """Returns the mapping of a name, else the one used last for such a sheet; "", None for none."""
    if name:
        kept = await drafts.named(tx, name)
        if kept is None:
            raise NotFound("No mapping is remembered under this name.")
        return name, kept
    return await drafts.of_shape(tx, shape_of(grid)) or ("", None)


def _taken(
    grid: Grid, given: Mapping | None, kept: Mapping | None, today: date
) -> tuple[Mapping, Sequence[tuple[str, str]], Taken | None]:
    """Returns the mapping that is looked at, what is wrong with it, and what it makes of a sheet.
    Of one without months, as for a sheet that was just chosen, a proposal is made."""
    if given is not None and given.months:
        mapping = given
    elif kept is not None:
        mapping = proposing.again(kept, grid)
    else:
        mapping = proposing.propose(grid)
    try:
        fit = checked(mapping, grid)
    except InvalidFields as error:
        return mapping, error.fields, None
    return fit, (), take(grid, fit, today)
