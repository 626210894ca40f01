"""The till behind an edge whose services are stand-ins."""

from tests.pages.edge.conftest import app, browser, made_once, parts, services

__all__ = ["app", "browser", "made_once", "parts", "services"]
