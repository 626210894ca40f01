"""Calling the service of imports, and what it says where it refuses."""

import re
from collections.abc import Sequence

from meguri.insights.v1.import_service_pb2_grpc import ImportServiceStub
from services.edge.clients import stub
from services.edge.insights.lines import line
from services.edge.parts import person

DEADLINE_S = 15.0
FILE_DEADLINE_S = 25.0  # a file may wait for another one
_REASON = re.compile(r"\[([A-Z_]+)\]\.?$")


def service(deadline_s: float = DEADLINE_S) -> ImportServiceStub:
    """Returns the service of imports."""
    return stub(ImportServiceStub, deadline_s=deadline_s)


def signed() -> str:
    """Returns the name of whoever is signed in, as it is kept with what they do."""
    known = person()
    return line(known.display_name if known else "", 80) or "?"


def reason_of(fields: Sequence[tuple[str, str]]) -> str:
    """Returns the reason at the end of what is said of a file, "" for none."""
    for _name, text in fields:
        if said := _REASON.search(text):
            return said[1]
    return ""
