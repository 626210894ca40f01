"""What every call of a register has: its key, and the shape of an answer."""

import re
from typing import Any

from flask import Response, jsonify, request

from services.edge.errors import Problem

KEY = re.compile(r"[A-Za-z0-9_.:-]{8,100}")


def key() -> str:
    """Returns the Idempotency-Key; the quotes of the draft standard are optional."""
    given = request.headers.get("Idempotency-Key", "").strip()
    if not given:
        raise Problem(400, "idempotency_key_missing")
    given = given.strip('"')
    if not KEY.fullmatch(given):
        raise Problem(
            400, "invalid_fields",
            fields=[("Idempotency-Key", "give 8 to 100 letters, digits or . _ : -")],
        )  # fmt: skip
    return given


def answer(document: dict[str, Any], status: int) -> Response:
    """Returns a document that no cache keeps."""
    response = jsonify(document)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
