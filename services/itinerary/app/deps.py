"""What the use cases stand on."""

from dataclasses import dataclass, field
from typing import Protocol

from kit.clock import Clock
from kit.db import Database
from kit.outbox import Outbox
from kit.pure.errors import Refusal
from services.itinerary.app.catalogs import Catalogs
from services.itinerary.app.networks import Networks
from services.itinerary.app.roads import RoadBook
from services.itinerary.domain.job import Deal, Dealt, Job, Outcome
from services.itinerary.gateways.feeds import FeedReader
from services.itinerary.gateways.live import LiveFeeds
from services.itinerary.gateways.sights import SightsReader


class AreaNotReady(Refusal):
    """Directory has not told of this area yet. Try again in a moment."""


class Search(Protocol):
    """Searches a day outside of the event loop."""

    async def run(self, job: Job, limit_s: float) -> Outcome:
        """Returns what was found within limit_s seconds."""
        ...

    async def deal(self, asked: Deal, limit_s: float) -> Dealt:
        """Returns which sights which day is to have, within limit_s seconds."""
        ...


@dataclass(frozen=True)
class Deps:
    """Given to every use case."""

    db: Database
    outbox: Outbox
    clock: Clock
    search: Search
    catalogs: Catalogs = field(default_factory=Catalogs)
    networks: Networks = field(default_factory=Networks)
    feeds: FeedReader = field(default_factory=FeedReader)
    live: LiveFeeds = field(default_factory=LiveFeeds)
    sights: SightsReader = field(default_factory=SightsReader)
    roads: RoadBook = field(default_factory=RoadBook)
