"""Which function of the model answers which statement: by the hash of its whole text.

A statement whose text changed is unknown until somebody has looked at its model again and has noted
the new hash in digests.json, which a run with SIMULATION_LEARNS=1 in its environment does.
"""

import hashlib
import json
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from simulation.store.engine import Found, Session

Statement = Callable[[Session, Any], Found]
DIGESTS = Path(__file__).with_name("digests.json")

_models: list[tuple[str, str, Statement]] = []
learning = os.environ.get("SIMULATION_LEARNS") == "1"
_known: dict[str, str] = json.loads(DIGESTS.read_text()) if DIGESTS.exists() else {}


class UnknownStatement(Exception):
    """The real code asked something that the model was not taught, or in changed words."""


def models(*marks: str) -> Callable[[Statement], Statement]:
    """Registers a function for the statement whose text holds all marks."""

    def keep(function: Statement) -> Statement:
        _models.extend((mark, function.__name__, function) for mark in marks)
        return function

    return keep


def digest_of(sql: str) -> str:
    """Returns what a statement's text is known by."""
    return hashlib.sha256(sql.encode()).hexdigest()[:12]


@lru_cache(maxsize=512)
def find(sql: str) -> Statement:
    """Returns the model of a statement. Errors: UnknownStatement."""
    digest = digest_of(sql)
    name = _known.get(digest)
    if name is not None:
        for _, known, function in _models:
            if known == name:
                return function
    fits = [(mark, name, function) for mark, name, function in _models if mark in sql]
    if not learning or not fits:
        names = ", ".join(name for _, name, _ in fits) or "none"
        raise UnknownStatement(f"{digest} (models that may fit: {names}): {sql}")
    _, name, function = max(fits, key=lambda each: len(each[0]))
    _known[digest] = name
    found = dict(sorted(_known.items(), key=lambda each: each[1]))
    DIGESTS.write_text(json.dumps(found, indent=1) + "\n")
    return function
