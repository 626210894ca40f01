"""The edge of the unit tests: these tests are too many for the ten seconds of those."""

from tests.pages.edge.conftest import app, browser, made_once, parts, services

__all__ = ["app", "browser", "made_once", "parts", "services"]
