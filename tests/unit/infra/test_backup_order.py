"""Databases are copied in an order in which no copy has heard what its owner's copy never said."""

import re

from infra.local.dumps import HEARERS_FIRST
from infra.local.home import ROOT
from infra.local.table import SERVICES

HEARING = re.compile(r'Hearing\(\s*"(\w+)", "\w+"')


def heard_by(service: str) -> set[str]:
    """Whom a service hears, by its own list."""
    room = ROOT / "services" / service
    paths = [*room.glob("events.py"), *(room / "events").glob("**/*.py")]
    return {owner for path in paths for owner in HEARING.findall(path.read_text())} - {service}


def test_who_hears_is_copied_before_whom_it_hears() -> None:
    assert sorted(HEARERS_FIRST) == sorted(SERVICES)
    hears = {service: heard_by(service) for service in SERVICES}
    assert hears["insights"] >= {"payments", "multilingual", "directory", "visitor_sense"}
    assert not hears["directory"]
    for service, owners in hears.items():
        for owner in owners:
            assert HEARERS_FIRST.index(service) < HEARERS_FIRST.index(owner), (service, owner)
