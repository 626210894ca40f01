"""Templates, compiled once and kept where Python keeps its own compiled modules.

To compile all of them takes longer than to start the edge, and each page's first visitor after a
start waits for its share. A changed template is compiled anew: what is kept names its source.
"""

import hashlib
from contextlib import suppress
from pathlib import Path

import jinja2
from flask import Flask
from jinja2.bccache import Bucket, FileSystemBytecodeCache

FOLDER = Path(__file__).parent / "__pycache__" / "templates"


class _Kept(FileSystemBytecodeCache):
    """Where nothing may be written, such as in a container, templates are compiled as ever."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().load_bytecode(bucket)


def keep(app: Flask, folder: Path = FOLDER) -> None:
    """Has an application keep its compiled templates; call it when its options are set.

    Whoever may write there may write the modules beside it as well, and no more is trusted.
    """
    environment = app.jinja_env
    if environment.bytecode_cache is not None:
        return  # a test's own
    with suppress(OSError):
        folder.mkdir(mode=0o755, exist_ok=True)
    if folder.is_dir():
        environment.bytecode_cache = _Kept(str(folder), f"{_options(environment)}-%s.jinja")


def _options(environment: jinja2.Environment) -> str:
    """Names what a template is compiled by besides its source."""
    said = (
        jinja2.__version__, environment.trim_blocks, environment.lstrip_blocks,
        sorted(environment.extensions), environment.policies.get("ext.i18n.trimmed"),
    )  # fmt: skip
    return hashlib.sha256(repr(said).encode()).hexdigest()[:12]
