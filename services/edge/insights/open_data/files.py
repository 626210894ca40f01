"""Open data as files: CSV, described for programs by CSVW, Frictionless and schema.org.

CSVW: W3C, Metadata Vocabulary for Tabular Data (2015). Frictionless: Data Package, Tabular Data
Resource and Table Schema (v1). schema.org: Dataset, as search engines for data read it.
"""

import json
from collections.abc import Iterator
from typing import Any

from flask import Response, make_response, request
from flask_babel import gettext as _

from meguri.insights.v1 import open_data_service_pb2 as pb
from services.edge.insights.open_data.words import COLUMNS, LICENCES
from services.edge.parts import area, locale
from services.edge.spreadsheet import text_of

PAGE = "/insights/open"


def headings(found: pb.ReadOpenDataResponse) -> list[str]:
    """Returns the columns of the file."""
    names = [COLUMNS[measure].name for measure in found.settings.measures if measure in COLUMNS]
    return ["date", *names, "withheld"]


def as_csv(found: pb.ReadOpenDataResponse) -> str:
    """Returns the days as a table. A figure that is withheld is empty and named in the last column,
    so that nobody takes it for nothing. Before the first event of its kind a figure is empty and
    not named."""
    return text_of(headings(found), _lines(found))


def _lines(found: pb.ReadOpenDataResponse) -> Iterator[list[object]]:
    for day in found.days:
        figures = {each.measure: each for each in day.figures}
        hidden = [
            COLUMNS[measure].name for measure, each in figures.items()
            if measure in COLUMNS and not each.HasField("value")
        ]  # fmt: skip
        told = [
            figures[measure].value if measure in figures and figures[measure].HasField("value")
            else ""
            for measure in found.settings.measures if measure in COLUMNS
        ]  # fmt: skip
        yield [day.date, *told, " ".join(hidden)]


def as_csvw(found: pb.ReadOpenDataResponse) -> dict[str, Any]:
    """Returns what CSVW says of the table."""
    licence = LICENCES.get(found.settings.licence)
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": locale()}],
        "url": "days.csv",
        "dc:title": title(), "dc:license": {"@id": licence.url if licence else ""},
        "dc:publisher": found.settings.publisher, "dc:description": method(found),
        "tableSchema": {
            "primaryKey": "date",
            "columns": [
                {"name": "date", "titles": "date", "required": True,
                 "datatype": {"base": "date", "format": "yyyy-MM-dd"}},
                *(
                    {"name": column.name, "titles": column.name, "datatype": "integer",
                     "null": "", "dc:description": str(column.method)}
                    for column in _columns(found)
                ),
                {"name": "withheld", "titles": "withheld", "datatype": "string", "separator": " "},
            ],
        },
    }  # fmt: skip


def as_package(found: pb.ReadOpenDataResponse) -> dict[str, Any]:
    """Returns what Frictionless says of the table."""
    licence = LICENCES.get(found.settings.licence)
    fields: list[dict[str, Any]] = [
        {"name": "date", "type": "date", "constraints": {"required": True, "unique": True}},
        *(
            {"name": column.name, "type": "integer", "title": str(column.word),
             "description": str(column.method)}
            for column in _columns(found)
        ),
        {"name": "withheld", "type": "string"},
    ]  # fmt: skip
    return {
        "name": f"{area().area.replace('_', '-')}-days", "title": title(),
        "description": method(found), "homepage": _address(""),
        "licenses": [{"name": licence.name, "path": licence.url}] if licence else [],
        "contributors": [{"title": found.settings.publisher, "role": "publisher"}],
        "resources": [
            {
                "name": "days", "path": "days.csv", "profile": "tabular-data-resource",
                "format": "csv", "mediatype": "text/csv", "encoding": "utf-8",
                "dialect": {"lineTerminator": "\r\n"},
                "schema": {"fields": fields, "primaryKey": "date", "missingValues": [""]},
            }
        ],
    }  # fmt: skip


def as_dataset(found: pb.ReadOpenDataResponse) -> dict[str, Any]:
    """Returns what schema.org says of the table."""
    licence = LICENCES.get(found.settings.licence)
    covered = f"{found.first_date}/{found.last_date}" if found.first_date else ""
    return {
        "@context": "https://schema.org", "@type": "Dataset", "name": title(),
        "description": method(found), "url": _address(""), "inLanguage": locale(),
        "license": licence.url if licence else "", "isAccessibleForFree": True,
        "creator": {"@type": "Organization", "name": found.settings.publisher},
        "temporalCoverage": covered, "measurementTechnique": method(found),
        "variableMeasured": [
            {"@type": "PropertyValue", "name": column.name, "description": str(column.method)}
            for column in _columns(found)
        ],
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": "text/csv",
             "contentUrl": _address("/days.csv")}
        ],
    }  # fmt: skip


def title() -> str:
    """Returns what the data is called."""
    return str(_("Daily figures of %(area)s", area=area().name(locale())))


def method(found: pb.ReadOpenDataResponse) -> str:
    """Returns how small numbers are kept from telling of people, in English for programs."""
    said = (
        f"Figures of days that are over. Counts from 1 to {found.suppression_k - 1} are withheld "
        f"(k = {found.suppression_k}); takings are told of at least {found.least_shops} shops, "
        f"none above {found.most_share_percent} %. A figure is empty before the first event of its "
        f"kind. Late events correct earlier days."
    )
    return f"Simulated visitors, no real figures. {said}" if found.demo else said


def _columns(found: pb.ReadOpenDataResponse) -> list[Any]:
    return [COLUMNS[measure] for measure in found.settings.measures if measure in COLUMNS]


def _address(path: str) -> str:
    return f"{request.host_url.rstrip('/')}{PAGE}{path}"


def answer(body: str | dict[str, Any], kind: str, name: str) -> Response:
    """Returns a file for everybody, pages of others included."""
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, indent=1)
    response = make_response(text)
    response.content_type = kind
    response.headers["Content-Disposition"] = f'inline; filename="{area().area}-{name}"'
    # What is taken back is gone at once: whoever keeps a copy asks each time whether it holds.
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.add_etag()
    response.make_conditional(request)
    return response
