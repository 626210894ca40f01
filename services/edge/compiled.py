"""Templates, compiled once and kept beside what else is built of the tree.

To compile all of them takes longer than to start the edge, and each page's first visitor after a
start waits for its share. Kept is what this very program compiled: a compiled template holds what
its filters gave for constants, and how each of them is called.
"""

import hashlib
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import jinja2
from flask import Flask
from jinja2.bccache import Bucket, FileSystemBytecodeCache

EDGE = Path(__file__).parent
FOLDER = EDGE.parents[1] / "gen" / "templates"
CODE = (EDGE, EDGE.parents[1] / "kit")  # of what templates call
OLD_S = 7 * 86_400.0  # what another version of the program kept goes after a week


class _Kept(FileSystemBytecodeCache):
    """Where nothing may be written, such as in a container, templates are compiled as ever."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().load_bytecode(bucket)


def keep(app: Flask, folder: Path = FOLDER, code: Sequence[Path] = CODE) -> None:
    """Has an application keep its compiled templates; call it when all of it is registered.

    code: folders of the modules that templates depend on. Whoever may write to `folder` may write
    the generated modules beside it as well, and no more is trusted.
    """
    environment = app.jinja_env
    if environment.bytecode_cache is not None:
        return  # a test's own
    with suppress(OSError):
        folder.mkdir(mode=0o755, exist_ok=True)
    if folder.is_dir():
        program = _program(environment, code)
        environment.bytecode_cache = _Kept(str(folder), f"{program}-%s.jinja")
        _tidy(folder, program)


def _program(environment: jinja2.Environment, code: Sequence[Path]) -> str:
    """Names what a template is compiled by besides its source: modules by age and size, as Python
    itself tells whether one it compiled is still good."""
    said = [jinja2.__version__, environment.trim_blocks, environment.lstrip_blocks]
    for folder in code:
        for path in sorted(folder.rglob("*.py")):
            known = path.stat()
            said += [str(path.relative_to(folder)), known.st_mtime_ns, known.st_size]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:12]


def _tidy(folder: Path, program: str) -> None:
    """Removes what programs of before kept; one that still runs compiles its own again."""
    before = time.time() - OLD_S
    for path in folder.glob("*.jinja"):
        with suppress(OSError):
            if not path.name.startswith(program) and path.stat().st_mtime < before:
                path.unlink()
