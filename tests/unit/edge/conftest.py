"""An edge of one process whose services are stand-ins."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.edge import main
from services.edge.parts import Parts
from tests.unit.edge.fakes import FakeServices, settings


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


@pytest.fixture(scope="session")
def made_once() -> Flask:
    """The application with its templates compiled; its parts are exchanged for every test."""
    return main.create_app(settings(), clients=FakeServices())  # type: ignore[arg-type]


@pytest.fixture
def app(made_once: Flask, services: FakeServices) -> Flask:
    made_once.extensions["meguri"] = main.build_parts(settings(), services)  # type: ignore[arg-type]
    return made_once


@pytest.fixture
def parts(app: Flask) -> Parts:
    found: Parts = app.extensions["meguri"]
    return found


@pytest.fixture
def browser(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as client:
        yield client
