"""What makes a thousand unit tests quick: nothing is compiled or dressed up twice."""

import jinja2
from flask import Flask
from jinja2.bccache import Bucket

from kit import log

# Without this, structlog's tracebacks for people load and run a syntax highlighter.
log.configure("tests", "info")


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
