"""Open data as NGSI-LD entities of the smart data model KeyPerformanceIndicator (FIWARE, 0.2.1).

One entity for each day and figure. A figure that is withheld carries no kpiValue and says so: what
is not told is not 0. What the model offers and nobody has decided (currentStanding) is left out.
"""

from typing import Any

from meguri.insights.v1 import open_data_service_pb2 as pb
from services.edge.insights.open_data.words import COLUMNS, LICENCES

CONTEXT = [
    "https://raw.githubusercontent.com/smart-data-models/dataModel.KeyPerformanceIndicator/master/context.jsonld",
    "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.6.jsonld",
]
TYPE = "KeyPerformanceIndicator"
MEDIA_TYPE = "application/ld+json"
# UN/CEFACT codes of units: persons, pieces; of money ISO 4217.
UNIT_CODES = {
    pb.OPEN_MEASURE_GUIDE_VIEWS: "C62", pb.OPEN_MEASURE_PLANS: "C62",
    pb.OPEN_MEASURE_ENTRIES: "IE", pb.OPEN_MEASURE_TAKINGS: "JPY",
}  # fmt: skip

Entity = dict[str, Any]


def entities(found: pb.ReadOpenDataResponse, area: str) -> list[Entity]:
    """Returns an entity for each figure of each day, withheld ones without a value. Before the
    first event of its kind a figure has none."""
    return [
        _entity(found, day.date, figure, area)
        for day in found.days for figure in day.figures
        if figure.measure in COLUMNS and figure.measure in found.settings.measures
    ]  # fmt: skip


def _entity(
    found: pb.ReadOpenDataResponse, on: str, figure: pb.OpenFigure, area: str
) -> Entity:  # fmt: skip
    column, licence = COLUMNS[figure.measure], LICENCES.get(found.settings.licence)
    told = figure.HasField("value")
    category = ["quantitative", "financial"] if column.money else ["quantitative"]
    entity: Entity = {
        "id": f"urn:ngsi-ld:{TYPE}:{area}:{column.name}:{on}",
        "type": TYPE,
        "name": _property(column.name),
        "description": _property(str(column.method)),
        "category": _property(category),
        "organization": _property(found.settings.publisher),
        "process": _property(column.name),
        "calculationFrequency": _property("daily"),
        "calculationMethod": _property("automatic"),
        "calculationPeriod": _property({"from": on, "to": on}),
        "area": _property(area),
        "license": _property(licence.url if licence else ""),
        "suppressionThreshold": _property(found.suppression_k),
        "withheld": _property(not told),
        "simulated": _property(found.demo),
        "@context": CONTEXT,
    }
    if told:
        entity["kpiValue"] = _property(figure.value, unitCode=UNIT_CODES[figure.measure])
    return entity


def _property(value: object, **more: object) -> dict[str, object]:
    return {"type": "Property", "value": value, **more}
