"""An edge of one process whose services are stand-ins."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.edge.parts import Parts
from tests.pages.conftest import made_once
from tests.pages.edge.fakes import FakeServices, with_parts

__all__ = ["made_once"]  # for folders outside of tests/unit that borrow these


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


@pytest.fixture
def app(made_once: Flask, services: FakeServices) -> Flask:
    return with_parts(made_once, services)


@pytest.fixture
def parts(app: Flask) -> Parts:
    found: Parts = app.extensions["meguri"]
    return found


@pytest.fixture
def browser(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as client:
        yield client
