"""The form that says what stands where in a sheet: from its fields to a mapping and back."""

from collections.abc import Iterable, Iterator, Mapping

from flask_babel import gettext as _

from meguri.insights.v1 import import_service_pb2 as pb
from services.edge.insights.imports import words
from services.edge.insights.lines import line
from services.edge.whole import read_whole

MOST_NAME = 60
SAID = 6  # cells of a line that its choice quotes
SAID_EACH = 12


Choice = tuple[str, str]  # of a field: its value and what it is called


def read(given: Mapping[str, str]) -> pb.SheetMapping | None:
    """Returns the mapping that a form holds, None where it holds none."""
    if "sheet" not in given:
        return None
    return pb.SheetMapping(
        sheet=given.get("sheet", "")[:400], months=_code(given.get("months", "")),
        years=_code(given.get("years", "")),
        year=read_whole(given.get("year", ""), 4) or 0, fiscal=given.get("fiscal", "1") == "1",
        places=_code(given.get("places", "")), place=line(given.get("place", ""), MOST_NAME + 1),
        measures=_code(given.get("measures", "")),
        measure=line(given.get("measure", ""), MOST_NAME + 1),
        unit=_unit(given.get("unit", "")),  # type: ignore[arg-type] # a number of the enum
        dash_is_zero=given.get("dash", "") == "1",
    )  # fmt: skip


def fields(mapping: pb.SheetMapping) -> dict[str, str]:
    """Returns a mapping as the fields of its form."""
    return {
        "sheet": mapping.sheet, "months": mapping.months, "years": mapping.years,
        "year": str(mapping.year or ""), "fiscal": "1" if mapping.fiscal else "0",
        "places": mapping.places, "place": mapping.place, "measures": mapping.measures,
        "measure": mapping.measure, "unit": str(int(mapping.unit)),
        "dash": "1" if mapping.dash_is_zero else "0",
    }  # fmt: skip


def lines(draft: pb.StatisticsDraft) -> list[Choice]:
    """Returns the rows and columns of a sheet as choices, with the first that stands in them."""
    return [*_rows(draft), *_columns(draft)]


def same(names: Iterable[str]) -> list[Choice]:
    """Returns choices that are called as they are."""
    return [(name, name) for name in names]


def wrong(draft: pb.StatisticsDraft) -> dict[str, str]:
    """Returns what cannot be used of a mapping, by the id of its field."""
    told = {
        "months": _(
            "Choose the row or column of the months. Each row and column can be one thing only."
        ),
        "years": _("Choose where the years are."),
        "year": _("Give the year, such as 2025."),
        "places": _("Choose where the names of places are."),
        "place": _("Give the place a name of at most 60 characters."),
        "measures": _("Choose where it says what is counted."),
        "measure": _("Say what is counted, in at most 60 characters."),
    }  # fmt: skip
    names = [each.field.removeprefix("mapping.") for each in draft.wrong]
    return {f"f-{name}": told[name] for name in names if name in told}


def _rows(draft: pb.StatisticsDraft) -> Iterator[Choice]:
    for number, row in enumerate(draft.head, 1):
        if said := _said(list(row.cells)):
            yield f"r{number}", _("Row %(name)s: %(said)s", name=number, said=said)


def _columns(draft: pb.StatisticsDraft) -> Iterator[Choice]:
    width = max((len(row.cells) for row in draft.head), default=0)
    for at in range(width):
        cells = [row.cells[at] if at < len(row.cells) else "" for row in draft.head]
        if said := _said(cells):
            name = words.column_name(at + 1)
            yield f"c{at + 1}", _("Column %(name)s: %(said)s", name=name, said=said)


def _said(cells: list[str]) -> str:
    found = [cell.strip()[:SAID_EACH] for cell in cells if cell.strip()]
    return ", ".join(found[:SAID]) + (" …" if len(found) > SAID else "")


def _code(text: str) -> str:
    return text[:8]


def _unit(text: str) -> int:
    unit = read_whole(text, 2) or 0
    return unit if unit in words.SHEET_UNITS else int(pb.SHEET_UNIT_PERSONS)
