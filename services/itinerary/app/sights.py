"""Municipal lists: what is in one, and which of it is kept already."""

from dataclasses import dataclass

from kit.pure.errors import InvalidFields
from services.itinerary.app.deps import Deps
from services.itinerary.gateways.sights_reader import Reply, Row
from services.itinerary.store import kept_pois as store

MAX_NAME = 200


@dataclass(frozen=True)
class SightsRead:
    """A list that was read. kept: ids of POIs that are kept already, by row."""

    reply: Reply
    kept: dict[int, str]


async def read_sights(deps: Deps, area: str, content: bytes, name: str) -> SightsRead:
    """Returns what is in a municipal list; keeps nothing. Errors: InvalidFields, SightsUnusable,
    SightsBusy."""
    if len(name) > MAX_NAME:
        raise InvalidFields([("name", f"at most {MAX_NAME} characters")])
    reply = await deps.sights.read(content, name)
    async with deps.db.read(area) as tx:
        known = {each.poi.poi_id for each in await store.list_kept(tx)}
    return SightsRead(
        reply, {row.number: poi_id for row in reply.rows if (poi_id := _id(row)) in known}
    )


def _id(row: Row) -> str:
    return row.poi.poi_id if row.poi else ""
