"""What programs may ask of the guide."""

from typing import Any

from services.edge.visitor.help_openapi import HELP_REQUEST

LOCALE_HEADER = {
    "name": "Accept-Language",
    "in": "header",
    "schema": {"type": "string"},
    "description": "Wishes of the reader; each text says in which locale it came.",
}
LOCALE_QUERY = {
    "name": "locale",
    "in": "query",
    "schema": {"type": "string"},
    "description": "Own choice (BCP 47), stronger than the header.",
}
_UNAVAILABLE = {"$ref": "#/components/responses/Unavailable"}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: dict[str, Any], text: str) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": schema}}}


_TEXT_PROPERTIES: dict[str, Any] = {
    "locale": {"type": "string", "description": "Locale the text is in (BCP 47)."},
    "requested_locale": {"type": "string"},
    "state": {"enum": ["missing", "machine_draft", "reviewed", "outdated", "source"]},
    "fallback": {"type": "boolean", "description": "True when locale is not requested_locale."},
}
SCHEMAS: dict[str, Any] = {
    "LocalizedText": {
        "type": "object",
        "required": ["text", "locale", "requested_locale", "state", "fallback"],
        "properties": {
            "text": {"type": "string"},
            **_TEXT_PROPERTIES,
            "machine_draft": {"type": "boolean"},
        },
    },
    "StopSummary": {
        "type": "object",
        "required": ["stop_code", "name", "locale", "state", "fallback", "revision", "url"],
        "properties": {
            "stop_code": {"type": "string", "examples": ["K7Q2X"]}, "place_id": {"type": "string"},
            "name": {"type": "string"},
            **_TEXT_PROPERTIES,
            "reading": {"type": "string"},
            "group": {"enum": ["route", "elsewhere", "animal", "history"]},
            "kind": {"type": "string"},
            "section": {"type": "string"},
            "position": {"type": "integer"},
            "route_m": {"type": ["integer", "null"], "description": "Meters, an estimate."},
            "closed": {"type": "boolean"},
            "revision": {"type": "integer"},
            "url": {"type": "string", "format": "uri"},
        },
    },
    "Stop": {
        "type": "object",
        "required": ["stop_code", "name", "paragraphs", "locale", "state", "fallback", "revision"],
        "properties": {
            "stop_code": {"type": "string"},
            "name": _ref("LocalizedText"),
            "paragraphs": {
                "type": "array",
                "items": {
                    "allOf": [
                        _ref("LocalizedText"),
                        {"type": "object",
                         "properties": {"id": {"type": "string"}, "topic": {"type": "string"}}},
                    ]
                },
            },
            **_TEXT_PROPERTIES,
            "notices": {"type": "array", "items": {"type": "object"}},
            "day_notes": {"type": "array", "items": _ref("DayNote")},
            "previous": {"type": ["string", "null"]},
            "next": {"type": ["string", "null"]},
            "revision": {"type": "integer"},
        },
    },
    "DayNote": {
        "type": "object",
        "description": "What locals say today; gone at midnight of the area.",
        "required": ["note_id", "text", "locale", "fallback", "machine_draft", "as_of_time",
                     "until_time"],
        "properties": {
            "note_id": {"type": "string", "format": "uuid"},
            "place_id": {"type": ["string", "null"], "description": "null: the whole area."},
            "text": {"type": "string", "maxLength": 200},
            **_TEXT_PROPERTIES,
            "machine_draft": {"type": "boolean"},
            "as_of_time": {"type": "string", "format": "date-time"},
            "until_time": {"type": "string", "format": "date-time",
                           "description": "Show it before, never from then on."},
        },
    },
    "PackManifest": {
        "type": "object",
        "required": ["format", "area", "locale", "version", "bytes", "texts", "recordings",
                     "files", "signature"],
        "properties": {
            "format": {"const": 1},
            "area": {"type": "string"},
            "locale": {"type": "string"},
            "version": {"type": "string"},
            "bytes": {"type": "integer", "maximum": 8_000_000},
            "texts": {"type": "integer"},
            "texts_time": {"type": ["string", "null"], "format": "date-time"},
            "recordings": {"type": "integer"},
            "files": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["path", "sha256", "bytes", "type"],
                    "properties": {
                        "path": {"type": "string"},
                        "sha256": {"type": "string"},
                        "bytes": {"type": "integer"},
                        "type": {"type": "string"},
                        "served": {"type": "string", "description": "Locale of a stop's texts."},
                        "ranges": {"type": "boolean",
                                   "description": "A sound or captions: players ask for pieces."},
                    },
                },
            },
            "signature": {
                "type": "object",
                "required": ["algorithm", "key_id", "value"],
                "properties": {"algorithm": {"const": "Ed25519"}, "key_id": {"type": "string"},
                               "value": {"type": "string", "format": "byte"}},
            },
        },
    },
    "Scan": {
        "type": "object",
        "required": ["scan_id", "stop_code"],
        "properties": {
            "scan_id": {"type": "string", "format": "uuid"},
            "stop_code": {"type": "string", "minLength": 1},
            "requested_locale": {"type": "string"},
            "served_locale": {"type": "string"},
            "scan_time": {"type": "string", "format": "date-time"},
            "offline": {"type": "boolean"},
        },
    },
}  # fmt: skip

SCHEMAS |= {
    "Rating": {
        "type": "object",
        "required": ["rating_id", "stop_code", "locale", "face"],
        "properties": {
            "rating_id": {"type": "string", "format": "uuid",
                          "description": "Random; the same for all changes of this rating."},
            "stop_code": {"type": "string", "minLength": 1},
            "locale": {"type": "string", "description": "Language that was read or heard."},
            "face": {"enum": ["good", "fair", "poor", "withdrawn"]},
            "reasons": {
                "type": "array",
                "items": {"enum": ["hard", "long", "language", "mismatch", "sound"]},
                "description": "With fair and poor only.",
            },
            "change": {"type": "integer", "minimum": 1, "maximum": 100, "default": 1,
                       "description": "Counted up with each change; the highest one holds."},
            "rating_time": {"type": "string", "format": "date-time"},
        },
    },
    "Survey": {
        "type": "object",
        "required": ["survey_id", "answers"],
        "properties": {
            "survey_id": {"type": "string", "format": "uuid", "description": "Random."},
            "locale": {"type": "string"},
            "answers": {
                "type": "object", "minProperties": 1, "maxProperties": 20,
                "propertyNames": {"minLength": 1, "maxLength": 40},
                "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 40},
                "description": "Question to option; a question that was skipped is left out.",
                "examples": [{"country": "KR", "party": "couple", "heard": "social"}],
            },
            "survey_time": {"type": "string", "format": "date-time",
                            "description": "Kept to the hour."},
        },
    },
    "HelpRequest": HELP_REQUEST,
}  # fmt: skip

_STRING: dict[str, Any] = {"type": "string"}
_CODES: dict[str, Any] = {"type": "array", "items": _STRING}
_PACK_NAME: list[dict[str, Any]] = [
    {"name": "area", "in": "path", "required": True, "schema": {"type": "string"}},
    {"name": "locale", "in": "path", "required": True, "schema": {"type": "string"}},
]
PACKS: dict[str, Any] = {
    "/packs/{area}/{locale}/manifest.json": {
        "get": {
            "operationId": "readPackManifest",
            "summary": "What a language pack consists of, signed",
            "tags": ["guide"],
            "parameters": _PACK_NAME,
            "responses": {
                "200": _json(_ref("PackManifest"), "The newest version."),
                "404": {"$ref": "#/components/responses/NotFound"},
                "409": {"$ref": "#/components/responses/Problem"},
                "503": _UNAVAILABLE,
            },
        }
    },
    "/packs/{area}/{locale}/files/{sha256}": {
        "get": {
            "operationId": "readPackFile",
            "summary": "One file of a language pack by its content; it never changes",
            "tags": ["guide"],
            "parameters": [
                *_PACK_NAME,
                {"name": "sha256", "in": "path", "required": True,
                 "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
            ],
            "responses": {
                "200": {"description": "The file."},
                "404": {"$ref": "#/components/responses/NotFound"},
                "503": _UNAVAILABLE,
            },
        }
    },
    "/media/{sha256}": {
        "get": {
            "operationId": "readMedia",
            "summary": "A sound or its captions by content; it never changes",
            "tags": ["guide"],
            "parameters": [
                {"name": "sha256", "in": "path", "required": True,
                 "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
                {"name": "Range", "in": "header", "schema": {"type": "string"},
                 "description": "One range of bytes, such as bytes=0-999."},
            ],
            "responses": {
                "200": {"description": "All of it."},
                "206": {"description": "The piece that was asked for."},
                "404": {"$ref": "#/components/responses/NotFound"},
                "416": {"description": "There is no such piece; Content-Range tells the length."},
                "503": _UNAVAILABLE,
            },
        }
    },
    "/packs/{area}/{locale}/notices.json": {
        "get": {
            "operationId": "readPackNotices",
            "summary": "What kept pages tell; codes: where, closes: stops it shuts",
            "tags": ["guide"],
            "parameters": _PACK_NAME,
            "responses": {
                "200": _json(
                    {"type": "object", "required": ["as_of_time", "known", "notices"],
                     "properties": {
                         "as_of_time": {"type": "string", "format": "date-time"},
                         "known": {"type": "boolean",
                                   "description": "False while nobody can be asked."},
                         "notices": {"type": "array", "items": {
                             "type": "object", "required": ["from_time", "until_time", "html"],
                             "properties": {
                                 "from_time": {"type": "string", "format": "date-time"},
                                 "until_time": {"type": ["string", "null"]}, "html": _STRING,
                                 "codes": _CODES, "closes": _CODES}}}}},
                    "What is closed.",
                ),
                "404": {"$ref": "#/components/responses/NotFound"},
            },
        }
    },
    "/packs/keys.json": {
        "get": {
            "operationId": "listPackKeys",
            "summary": "The public key that language packs are signed with",
            "tags": ["guide"],
            "responses": {
                "200": _json(
                    {"type": "object", "required": ["area", "keys"],
                     "properties": {
                         "area": {"type": "string"},
                         "keys": {"type": "array", "items": {
                             "type": "object",
                             "properties": {"key_id": {"type": "string"},
                                            "public_key": {"type": "string"},
                                            "algorithm": {"const": "Ed25519"}}}}}},
                    "Hexadecimal; signed is meguri-pack, NUL, area, NUL, canonical JSON.",
                ),
            },
        }
    },
}  # fmt: skip


def _batch(
    operation: str, summary: str, name: str, schema: str, id_name: str, most: int
) -> dict[str, Any]:
    """A list with ids made by the client, of which one bad entry holds up no other."""
    rejected = {"type": "object", "properties": {id_name: {"type": "string"},
                                                 "reason": {"type": "string"}}}  # fmt: skip
    return {
        "post": {
            "operationId": operation,
            "summary": summary,
            "tags": ["guide"],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": {
                    "type": "object", "required": [name],
                    "properties": {name: {"type": "array", "minItems": 1, "maxItems": most,
                                          "items": _ref(schema)}}}}},
            },
            "responses": {
                "200": _json(
                    {"type": "object", "required": ["recorded", "repeated", "rejected"],
                     "properties": {
                         "recorded": {"type": "integer"},
                         "repeated": {"type": "integer"},
                         "rejected": {"type": "array", "items": rejected}}},
                    "How many were new, known, refused.",
                ),
                "400": {"$ref": "#/components/responses/Refused"},
                "413": {"$ref": "#/components/responses/TooLarge"},
                "429": {"$ref": "#/components/responses/TooMany"},
                "503": _UNAVAILABLE,
            },
        }
    }  # fmt: skip


PATHS: dict[str, Any] = {
    **PACKS,
    "/api/v1/stops": {
        "get": {
            "operationId": "listStops",
            "summary": "All stops in the order of the walk",
            "tags": ["guide"],
            "parameters": [
                LOCALE_HEADER,
                LOCALE_QUERY,
                {"name": "limit", "in": "query",
                 "schema": {"type": "integer", "minimum": 1, "maximum": 500}},
                {"name": "after", "in": "query", "schema": {"type": "string"},
                 "description": "The `next` of the page before."},
            ],
            "responses": {
                "200": _json(
                    {"type": "object", "required": ["stops", "locale", "next"],
                     "properties": {
                         "stops": {"type": "array", "items": _ref("StopSummary")},
                         "locale": {"type": "string"},
                         "published_locales": {"type": "array", "items": {"type": "string"}},
                         "next": {"type": ["string", "null"]}}},
                    "A page of stops.",
                ),
                "400": {"$ref": "#/components/responses/Refused"},
                "503": _UNAVAILABLE,
            },
        }
    },
    "/api/v1/stops/{stop_code}": {
        "get": {
            "operationId": "readStop",
            "summary": "One stop with its texts",
            "tags": ["guide"],
            "parameters": [
                {"name": "stop_code", "in": "path", "required": True, "schema": {"type": "string"}},
                LOCALE_HEADER,
                LOCALE_QUERY,
            ],
            "responses": {
                "200": _json(_ref("Stop"), "The stop."),
                "404": {"$ref": "#/components/responses/NotFound"},
                "503": _UNAVAILABLE,
            },
        }
    },
    "/api/v1/scans": _batch(
        "recordScans", "Reports scans; each id is counted exactly once", "scans", "Scan",
        "scan_id", 500,
    ),
    "/api/v1/ratings": _batch(
        "recordRatings", "Reports ratings; each change of an id acts exactly once", "ratings",
        "Rating", "rating_id", 100,
    ),
    "/api/v1/surveys": _batch(
        "recordSurveys", "Reports surveys that were filled in; each id is counted exactly once",
        "surveys", "Survey", "survey_id", 100,
    ),
    "/api/v1/help-requests": _batch(
        "recordHelpRequests", "Sends messages to the association; each id arrives exactly once",
        "help_requests", "HelpRequest", "help_id", 5,
    ),
}  # fmt: skip
