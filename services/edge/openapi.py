"""The OpenAPI 3.1 document of everything programs may call, put together from the blueprints.

A blueprint's openapi.py offers PATHS (path items by path) and may offer SCHEMAS.
"""

import importlib
import importlib.util
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, jsonify

from services.edge import wings

PROBLEM_CONTENT = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}

blueprint = Blueprint("openapi", __name__)

SCHEMAS: dict[str, Any] = {
    "Problem": {
        "type": "object",
        "description": "What went wrong (RFC 9457). reason is stable; title is translated.",
        "required": ["type", "reason", "title", "status"],
        "properties": {
            "type": {"type": "string", "examples": ["urn:meguri:problem:unknown_stop_code"]},
            "reason": {"type": "string", "examples": ["unknown_stop_code"]},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "most_bytes": {"type": "integer", "description": "Of body_too_large."},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["field", "detail"],
                    "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
                },
            },
        },
    }
}
RESPONSES: dict[str, Any] = {
    "Refused": {
        "description": "The request has a mistake: invalid_fields and text_too_long name the fields"
        " in errors, card_number_typed names its field in detail. Nothing was kept.",
        "content": PROBLEM_CONTENT,
    },
    "NotFound": {"description": "There is no such thing.", "content": PROBLEM_CONTENT},
    "TooLarge": {"description": "The body is too large.", "content": PROBLEM_CONTENT},
    "TooMany": {"description": "Too many requests; see Retry-After.", "content": PROBLEM_CONTENT},
    "Unavailable": {"description": "A part is away; see Retry-After.", "content": PROBLEM_CONTENT},
    "Problem": {"description": "Any other problem.", "content": PROBLEM_CONTENT},
}
_OF_BODIES = {"411": "Problem", "413": "TooLarge", "429": "TooMany"}
PATHS: dict[str, Any] = {
    "/healthz": {
        "get": {
            "operationId": "healthz",
            "summary": "Liveness",
            "tags": ["operation"],
            "responses": {"200": {"description": "The process answers."}},
        }
    },
    "/readyz": {
        "get": {
            "operationId": "readyz",
            "summary": "Readiness of each part",
            "tags": ["operation"],
            "responses": {
                "200": {"description": "Every part answers."},
                "503": {
                    "description": "A part is away, a database does not answer or the disk is full"
                    " (`reason`: `database_away`, `disk_full`); the body says which."
                },
            },
        }
    },
    "/api/openapi.json": {
        "get": {
            "operationId": "openapi",
            "summary": "This document",
            "tags": ["operation"],
            "responses": {"200": {"description": "OpenAPI 3.1"}},
        }
    },
}


@blueprint.get("/api/openapi.json")
def openapi() -> Response:
    """Returns the document."""
    response = jsonify(document())
    response.headers["Cache-Control"] = "no-cache"
    return response


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """Returns the document of all blueprints. Errors: ValueError for a path given twice."""
    paths, schemas = dict(PATHS), dict(SCHEMAS)
    for folder in wings.NAMES:
        name = f"services.edge.{folder}.openapi"
        if importlib.util.find_spec(name) is None:
            continue
        module = importlib.import_module(name)
        for path, item in module.PATHS.items():
            if set(paths.get(path, ())) & set(item):
                raise ValueError(f"{path} is described twice")
            paths[path] = {**paths.get(path, {}), **item}
        schemas.update(getattr(module, "SCHEMAS", {}))
    for item in paths.values():
        for operation in item.values():
            if "requestBody" in operation:  # the edge itself bounds every body
                for status, name in _OF_BODIES.items():
                    ref = {"$ref": f"#/components/responses/{name}"}
                    operation["responses"].setdefault(status, ref)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Meguri",
            "version": "1",
            "summary": "Open visitor platform for small destinations",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": schemas,
            "responses": RESPONSES,
            "securitySchemes": {
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "meguri_session",
                    "description": "Over TLS its name begins with __Host-.",
                },
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Signature",
                    "description": "HTTP Message Signatures (RFC 9421): ed25519, Content-Digest",
                },
            },
        },
    }
