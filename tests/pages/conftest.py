"""Tests of pages: the edge through Flask's own client, its services played by fakes.

No network and no server, like unit tests; but each test renders whole pages, which takes
milliseconds and not microseconds. What makes them bearable: nothing is compiled twice.
"""

import jinja2
import pytest
from flask import Flask
from jinja2.bccache import Bucket

from tests import quick

__all__ = ["quick"]


class _Compiled(jinja2.BytecodeCache):
    """Templates compiled by an earlier test's application. A changed source is compiled anew."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


Flask.jinja_options = {"bytecode_cache": _Compiled()}


@pytest.fixture(scope="session")
def made_once() -> Flask:
    """The edge with its templates compiled; its parts are exchanged for every test (with_parts)."""
    from services.edge import main  # noqa: PLC0415 - most tests do without
    from tests.pages.edge.fakes import FakeServices, settings  # noqa: PLC0415

    return main.create_app(settings(), clients=FakeServices())  # type: ignore[arg-type]
