"""GET /api/asyncapi.json."""

from functools import lru_cache

from flask import Blueprint, Response, make_response, request
from flask.json import dumps

from services.edge.asyncapi.document import document

blueprint = Blueprint("asyncapi", __name__)


@blueprint.get("/api/asyncapi.json")
def asyncapi() -> Response:
    """The events of this version, for programs and people who connect something."""
    response = make_response(_text())
    response.content_type = "application/json"
    response.headers["Cache-Control"] = "public, max-age=300"
    response.add_etag()
    response.make_conditional(request)
    return response


@lru_cache(maxsize=1)
def _text() -> str:
    return dumps(document())
