"""What directory tells: areas, places, closures. Runs in the transaction that writes the inbox."""

from kit.db import Transaction
from services.itinerary.domain.place import Closure, Place
from services.itinerary.store import catalog as store


async def configure_area(tx: Transaction, time_zone: str, version: int) -> None:
    """Keeps the time zone of the area."""
    await store.write_area(tx, time_zone, version)


async def drop_area(tx: Transaction) -> None:
    """Deletes everything of the area."""
    await store.drop_area(tx)


async def record_place(tx: Transaction, place: Place) -> None:
    """Keeps where a place is and what it is called."""
    await store.write_place(tx, place)


async def close_place(tx: Transaction, closure: Closure, version: int) -> None:
    """Closes places: new plans avoid them, kept ones say that they are hit when they are read."""
    await store.write_closure(tx, closure, version)


async def reopen_place(tx: Transaction, closure_id: str, version: int) -> None:
    """Ends a closure."""
    await store.end_closure(tx, closure_id, version)
