"""What became of the rides of a kept day, asked whenever it is read."""

from kit.db import Transaction
from services.itinerary.app.deps import Deps
from services.itinerary.domain.bus import BusDay, bus_day
from services.itinerary.domain.calendar import minute_of_day
from services.itinerary.domain.plan import DayPlan, RideEffect
from services.itinerary.domain.riding import ride_effects
from services.itinerary.domain.transit.network import Network
from services.itinerary.domain.trip import TripRequest
from services.itinerary.store import catalog as catalog_store


async def rides_now(deps: Deps, tx: Transaction, plan: DayPlan) -> tuple[RideEffect, ...]:
    """Returns what no longer holds of the rides of a kept day; nothing of one that is over.

    A day that was planned with what runs now costs one small query. tx: must see one snapshot.
    """
    if not plan.rides:
        return ()
    minute = minute_of_day(deps.clock.now(), plan.trip.day, plan.time_zone)
    if minute >= plan.finish_minute or await deps.networks.mark(tx) == plan.network:
        return ()
    network = await deps.networks.current(tx)
    return ride_effects(plan, await what_runs(tx, network, plan.trip), minute)


async def what_runs(tx: Transaction, network: Network, trip: TripRequest) -> BusDay:
    """Returns what runs on the day of a trip, with the pins of its transit stops."""
    places = await catalog_store.list_places(tx, sorted({*network.stop_places.values()}))
    return bus_day(network, places, trip.day)
