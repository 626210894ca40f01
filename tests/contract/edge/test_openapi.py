"""The OpenAPI document is valid, and says no more and no less than the edge answers."""

import re

import pytest
from flask import Flask
from openapi_spec_validator import validate

from services.edge import main, openapi
from tests.pages.edge.fakes import FakeServices, settings

DESCRIBED = ("/api/", "/healthz", "/readyz", "/hooks/", "/media/", "/packs/", "/opendata/")


@pytest.fixture(scope="module")
def app() -> Flask:
    return main.create_app(settings(), clients=FakeServices())  # type: ignore[arg-type]


def operations(app: Flask) -> set[tuple[str, str]]:
    """Returns (path, method) of everything programs may call."""
    found = set()
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", "{}", str(rule))
        if path.startswith(DESCRIBED) and rule.methods:
            found |= {(path, method) for method in rule.methods - {"HEAD", "OPTIONS"}}
    return found


def test_the_document_is_valid(app: Flask) -> None:
    answer = app.test_client().get("/api/openapi.json")
    assert answer.content_type == "application/json"
    document = answer.get_json()
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_every_operation_is_described_and_every_description_answers(app: Flask) -> None:
    described = {
        (re.sub(r"{\w+}", "{}", path), method.upper())
        for path, item in openapi.document()["paths"].items()
        for method in item
        if method in {"get", "post", "put", "patch", "delete"}
    }
    assert described == operations(app)


def test_every_operation_has_an_id_of_its_own_and_a_problem_in_its_answers() -> None:
    ids = []
    for path, item in openapi.document()["paths"].items():
        for operation in item.values():
            if not isinstance(operation, dict) or "responses" not in operation:
                continue
            ids.append(operation["operationId"])
            if path.startswith("/api/v1"):
                assert any(code >= "4" for code in operation["responses"]), path
    assert len(ids) == len(set(ids))
