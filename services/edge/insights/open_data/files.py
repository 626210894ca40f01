"""Open data as files: CSV, described for programs by CSVW, Frictionless and schema.org.

CSVW: W3C, Metadata Vocabulary for Tabular Data (2015). Frictionless: Data Package, Tabular Data
Resource and Table Schema (v1). schema.org: Dataset, as search engines for data read it.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from flask import Response, make_response, request
from flask_babel import force_locale
from flask_babel import gettext as _

from meguri.insights.v1 import open_data_service_pb2 as pb
from services.edge.insights.open_data.words import COLUMNS, LICENCES
from services.edge.parts import area, locale
from services.edge.spreadsheet import text_of

PAGE = "/insights/open"
DESCRIBED = ("ja", "en")  # languages of what CSVW says, whoever asks for it


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
        "dc:title": _told(title), "dc:license": {"@id": licence.url if licence else ""},
        "dc:publisher": found.settings.publisher,
        "dc:description": _told(lambda _tag: _method(found)),
        "tableSchema": {
            "primaryKey": "date",
            "columns": [
                {"name": "date", "titles": "date", "required": True,
                 "datatype": {"base": "date", "format": "yyyy-MM-dd"}},
                *(
                    {"name": column.name, "titles": column.name, "datatype": "integer",
                     "null": "", "dc:title": _told(_word(column.word)),
                     "dc:description": _told(_word(column.method))}
                    for column in _columns(found)
                ),
                {"name": "withheld", "titles": "withheld", "datatype": "string", "separator": " ",
                 "dc:description": _told(
                     lambda _tag: str(_("Columns whose figure of the day is withheld."))
                 )},
            ],
        },
    }  # fmt: skip


def _word(text: Any) -> Callable[[str], str]:
    return lambda _tag: str(text)


def _told(say: Callable[[str], str]) -> list[dict[str, str]]:
    """Returns a text in the languages of descriptions, each with its tag: what one reader asked
    for would be another's riddle (CSVW: common properties, value objects of JSON-LD)."""
    found = []
    for tag in DESCRIBED:
        with force_locale(tag):
            found.append({"@value": say(tag), "@language": tag})
    return found


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
        "distribution": [_download(*span) for span in years(found)] or [_download()],
    }  # fmt: skip


def years(found: pb.ReadOpenDataResponse) -> list[tuple[str, str]]:
    """Returns first and last date of each calendar year, the newest first; none where one file
    holds all: a file tells 400 days at most, and what is described must be in a file."""
    if not found.first_date or not found.days or found.days[0].date <= found.first_date:
        return []
    first, last = int(found.first_date[:4]), int(found.last_date[:4])
    return [
        (max(f"{year:04}-01-01", found.first_date), min(f"{year:04}-12-31", found.last_date))
        for year in range(last, first - 1, -1)
    ]


def _download(first: str = "", last: str = "") -> dict[str, str]:
    asked = f"?from={first}&until={last}" if first else ""
    covered = {"temporalCoverage": f"{first}/{last}"} if first else {}
    return {
        "@type": "DataDownload", "encodingFormat": "text/csv", **covered,
        "contentUrl": _address(f"/days.csv{asked}"),
    }  # fmt: skip


def title(tag: str = "") -> str:
    """Returns what the data is called. tag: a language, "" for that of the reader."""
    return str(_("Daily figures of %(area)s", area=area().name(tag or locale())))


def method(found: pb.ReadOpenDataResponse) -> str:
    """Returns how small numbers are kept from telling of people, in English for programs."""
    with force_locale("en"):
        return _method(found)


def _method(found: pb.ReadOpenDataResponse) -> str:
    said = str(_(
        "Figures of days that are over. Counts from 1 to %(most)s are withheld (k = %(k)s); "
        "takings are told of at least %(shops)s shops, none above %(share)s %%. A figure is empty "
        "before the first event of its kind. Late events correct earlier days.",
        most=found.suppression_k - 1, k=found.suppression_k, shops=found.least_shops,
        share=found.most_share_percent,
    ))  # fmt: skip
    if not found.demo:
        return said
    return " ".join((str(_("Simulated visitors, no real figures.")), said))


def _columns(found: pb.ReadOpenDataResponse) -> list[Any]:
    return [COLUMNS[measure] for measure in found.settings.measures if measure in COLUMNS]


def _address(path: str) -> str:
    return f"{request.host_url.rstrip('/')}{PAGE}{path}"


def answer(body: str | dict[str, Any] | list[dict[str, Any]], kind: str, name: str) -> Response:
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
