"""What the API answers is what its OpenAPI description promises, field by field."""

from collections.abc import Iterator
from typing import Any

import jsonschema  # type: ignore[import-untyped] # ships no types
import pytest
from flask import Flask
from flask.testing import FlaskClient

from meguri.insights.v1 import insights_service_pb2 as pb
from services.edge import cookies, main
from services.edge.insights.openapi import PATHS, SCHEMAS
from tests.pages.edge.fakes import SESSION, settings
from tests.pages.insights import test_query_pages
from tests.pages.insights.sensed import Sensed
from tests.pages.insights.test_pages import Services, empty_day, full_day

ADDRESSES = {
    "/api/v1/insights/today": "/api/v1/insights/today",
    "/api/v1/insights/days/{on}": "/api/v1/insights/days/2026-05-03",
    "/api/v1/insights/days": "/api/v1/insights/days?from=2026-05-01&until=2026-05-03",
    "/api/v1/insights/feedback": "/api/v1/insights/feedback?month=2026-05",
    "/api/v1/insights/visitors/presence": (
        "/api/v1/insights/visitors/presence?span=day&on=2026-05-05"
    ),
    "/api/v1/insights/visitors/dwell": "/api/v1/insights/visitors/dwell?span=day&on=2026-05-05",
    "/api/v1/insights/query": (
        "/api/v1/insights/query?measure=pages&by=language_asked&from=2026-05-01&until=2026-05-28"
    ),
    "/api/v1/insights/query/together": (
        "/api/v1/insights/query/together?measure=entries&second=precipitation"
        "&from=2026-05-01&until=2026-05-28"
    ),
    "/api/v1/insights/agreement": "/api/v1/insights/agreement?from=2026-05-01&until=2026-05-03",
}


class All(Sensed):
    """Answers questions too."""

    def __init__(self) -> None:
        super().__init__()
        asked = test_query_pages.Services()
        self.answers |= {name: asked.answers[name] for name in ("Ask", "Relate")}


@pytest.fixture
def services() -> Services:
    return All()


@pytest.fixture
def app(services: Services) -> Flask:
    return main.create_app(settings(), clients=services)  # type: ignore[arg-type]


@pytest.fixture
def browser(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as client:
        client.set_cookie(cookies.SESSION.name, SESSION)
        yield client


def schema_of(path: str) -> dict[str, Any]:
    """The schema of a path's answer: nothing may be there that is not described."""
    [content] = PATHS[path]["get"]["responses"]["200"]["content"].values()
    schemas = {name: {**one, "additionalProperties": False} for name, one in SCHEMAS.items()}
    return {**content["schema"], "components": {"schemas": schemas}}


@pytest.mark.parametrize("path", sorted(PATHS))
@pytest.mark.parametrize("day", [full_day(), empty_day()], ids=["full", "empty"])
def test_answers_keep_what_is_promised(
    browser: FlaskClient, services: Services, path: str, day: pb.Day
) -> None:
    services.day = day
    answer = browser.get(ADDRESSES[path])
    assert answer.status_code == 200
    [media_type] = PATHS[path]["get"]["responses"]["200"]["content"]
    assert answer.mimetype == media_type
    told = answer.get_json(force=True)
    if media_type == "application/ld+json":
        assert told, "entities to look at"
    jsonschema.validate(told, schema_of(path))


def test_every_route_of_the_api_is_described(app: Flask) -> None:
    routes = {
        str(rule).replace("<on>", "{on}")
        for rule in app.url_map.iter_rules()
        if str(rule).startswith("/api/v1/insights")
    }
    assert routes == set(PATHS)
