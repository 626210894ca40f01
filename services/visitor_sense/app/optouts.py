"""The opt-out list: who is on it is not counted, from the moment the sensors hear of it."""

from dataclasses import dataclass, replace
from datetime import datetime

from kit.db import Transaction
from kit.requests import RequestKey, once
from services.visitor_sense.app.deps import Deps
from services.visitor_sense.app.zones import tell_sensors
from services.visitor_sense.domain.errors import ListFull
from services.visitor_sense.domain.optout import MOST_ENTRIES, Vault, read_address
from services.visitor_sense.domain.pseudonym import pseudonym
from services.visitor_sense.store import optouts as store


@dataclass(frozen=True)
class Listed:
    """An entry as it may be shown. readable: False when it was sealed under another secret, and
    then nobody is left out by it."""

    entry_id: str
    add_time: datetime
    readable: bool


async def add_opt_out(deps: Deps, area: str, key: RequestKey, text: str) -> str:
    """Puts an address on the list and returns the name of its entry, the same each time.

    Errors: AddressMalformed, AddressMadeUp, AddressOfNobody, ListFull.
    """
    vault, address = Vault(deps.secret, area), read_address(text)
    entry_id = vault.entry_id(address)
    async with deps.db.transaction(area) as tx:

        async def add() -> str:
            there = await store.list_entries(tx)
            known = {entry.entry_id for entry in there}
            if entry_id not in known and len(known) >= MOST_ENTRIES:
                raise ListFull("The opt-out list has no room left.")
            await store.put_entry(tx, entry_id, vault.seal(address), deps.clock.now())
            return entry_id

        found = await once(tx, _keyed(vault, key), str, add)
    await tell_sensors(deps, area)
    return found


async def remove_opt_out(deps: Deps, area: str, key: RequestKey, text: str) -> bool:
    """Takes an address, or the entry of that name, off the list; False when it was not on it.

    Errors: AddressMalformed, AddressMadeUp, AddressOfNobody.
    """
    vault = Vault(deps.secret, area)
    async with deps.db.transaction(area) as tx:
        known = {entry.entry_id for entry in await store.list_entries(tx)}
        entry_id = text if text in known else ""

        async def remove() -> bool:
            return await store.remove_entry(tx, entry_id or vault.entry_id(read_address(text)))

        gone = await once(tx, _keyed(vault, key), bool, remove)
    await tell_sensors(deps, area)
    return gone


def _keyed(vault: Vault, key: RequestKey) -> RequestKey:
    # The plain hash of a request that holds an address could be undone by trying all addresses.
    return replace(key, body_sha256=vault.tag(key.body_sha256))


async def list_opt_outs(deps: Deps, area: str) -> list[Listed]:
    """Returns the entries, oldest first; never an address."""
    vault = Vault(deps.secret, area)
    async with deps.db.read(area) as tx:
        entries = await store.list_entries(tx)
    return [
        Listed(each.entry_id, each.add_time, vault.open(each.entry_id, each.sealed) is not None)
        for each in entries
    ]


async def left_out(deps: Deps, tx: Transaction, area: str, day_key: bytes) -> list[int]:
    """Returns the pseudonyms, under a day's key, of all who are on the list."""
    vault = Vault(deps.secret, area)
    addresses = [vault.open(each.entry_id, each.sealed) for each in await store.list_entries(tx)]
    return sorted(pseudonym(day_key, address) for address in addresses if address is not None)
