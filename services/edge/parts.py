"""What one edge process is made of, and what one request knows: area, locale, caller."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from flask import current_app, g, has_request_context

from kit.auth import Caller, Role
from kit.config import Settings
from kit.roles import PROGRAMS
from services.edge.areas import Area, Areas
from services.edge.assets import Assets
from services.edge.board import Board
from services.edge.bodies import Bodies
from services.edge.clients import Clients
from services.edge.closures import Closures
from services.edge.hearing import Hearing, Wakes
from services.edge.hot import Ready
from services.edge.idle import Uses
from services.edge.media import MediaShelf
from services.edge.packs import Packs
from services.edge.rates import Rates
from services.edge.refusals import Refusals
from services.edge.scans import ScanQueue
from services.edge.sessions import Person, Sessions
from services.edge.shelf import Shelf


@dataclass
class Parts:
    """The long-lived objects of one process; made once in main.create_app.

    secret: key of form tokens and of rate-limit names; the same in every process.
    old_secrets: those before it. They sign nothing; what they signed is read where it may have
    waited on a device.
    """

    settings: Settings
    secret: bytes
    areas: Areas
    assets: Assets
    clients: Clients
    sessions: Sessions
    uses: Uses
    rates: Rates
    bodies: Bodies
    ready: Ready
    shelf: Shelf
    scans: ScanQueue
    strays: ScanQueue
    closures: Closures
    wakes: Wakes
    board: Board
    packs: Packs = field(default_factory=Packs)
    media: MediaShelf = field(default_factory=MediaShelf)
    refusals: Refusals = field(default_factory=Refusals)
    old_secrets: tuple[bytes, ...] = ()
    hearing: Hearing = field(init=False)


def parts() -> Parts:
    """Returns the parts of this process."""
    return cast(Parts, current_app.extensions["meguri"])


def area() -> Area:
    """Returns the area that the host name of this request chose."""
    return cast(Area, g.area)


def locale() -> str:
    """Returns the locale (BCP 47) this visitor reads, one of the area's."""
    return cast(str, g.locale)


def person() -> Person | None:
    """Returns who is signed in, where the page asked for it; None for an anonymous visitor."""
    return cast("Person | None", g.get("person"))


def day_there() -> date:
    """Returns the date of now in the area's own time."""
    return datetime.now(UTC).astimezone(ZoneInfo(area().time_zone)).date()


def may(*roles: Role) -> bool:
    """Tells whether somebody is signed in who has one of these roles."""
    known = person()
    return known is not None and not known.roles.isdisjoint(roles)


def act_as(caller: Caller) -> None:
    """Makes the rest of this request speak to the services as `caller` (a verified device, say)."""
    g.caller = caller


def current_caller() -> Caller:
    """Returns who calls the services: the person signed in, a device, or a visitor."""
    if not has_request_context():
        raise LookupError("outside of a request name the caller yourself")
    known = g.get("caller")
    return known or visitor(area().area)


def visitor(area_name: str) -> Caller:
    """Returns the caller of anonymous requests."""
    return Caller(area_name, "visitor", frozenset({Role.VISITOR}))


def edge_itself(area_name: str) -> Caller:
    """Returns the caller of work the edge does on its own: sessions, revision checks, scans."""
    return Caller(area_name, "edge", PROGRAMS)
