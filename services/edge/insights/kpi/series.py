"""Imported figures of months that a KPI can take its own from: as a form offers and reads them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from meguri.insights.v1 import import_service_pb2 as imports_pb
from meguri.insights.v1 import kpi_service_pb2 as pb
from meguri.insights.v1.import_service_pb2_grpc import ImportServiceStub
from services.edge.clients import stub
from services.edge.insights.kpi import words

DEADLINE_S = 10.0
UNITS: Mapping[int, int] = {
    imports_pb.MONTH_UNIT_PERSONS: pb.KPI_UNIT_PERSONS,
    imports_pb.MONTH_UNIT_NIGHTS: pb.KPI_UNIT_NIGHTS,
    imports_pb.MONTH_UNIT_YEN: pb.KPI_UNIT_YEN, imports_pb.MONTH_UNIT_ITEMS: pb.KPI_UNIT_ITEMS,
}  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """What can be chosen. value: as the form sends it. unit: of a KPI."""

    value: str
    label: str
    unit: int


def choices() -> list[Choice]:
    """Returns all figures of months that were imported, by what is counted and where."""
    service = stub(ImportServiceStub, deadline_s=DEADLINE_S)
    return choices_of(service.ReadMonths(imports_pb.ReadMonthsRequest()).figures)


def choices_of(figures: Sequence[imports_pb.MonthFigure]) -> list[Choice]:
    """Returns the choices that some figures make. Figures of several units cannot be added up."""
    months: dict[tuple[str, str], list[imports_pb.MonthFigure]] = {}
    for each in figures:
        months.setdefault((each.measure, each.place), []).append(each)
    found = []
    for (measure, place), told in months.items():
        units = {UNITS.get(each.unit, 0) for each in told}
        if len(units) == 1 and units != {0}:
            first, last = (end(each.month for each in told) for end in (min, max))
            label = _("%(what)s (%(first)s to %(last)s)", what=words.series_name(measure, place),
                      first=words.month_word(first), last=words.month_word(last))  # fmt: skip
            found.append(Choice(packed(measure, place), str(label), *units))
    return found


def packed(measure: str, place: str) -> str:
    """Returns both names as one value of a form."""
    return json.dumps([measure, place], ensure_ascii=False)


def unpacked(value: str) -> tuple[str, str] | None:
    """Returns the names in a value of a form, None for anything else."""
    try:
        found = json.loads(value)
    except ValueError:
        return None
    is_pair = isinstance(found, list) and len(found) == len(("measure", "place"))
    if not is_pair or not all(isinstance(each, str) for each in found):
        return None
    return found[0], found[1]
