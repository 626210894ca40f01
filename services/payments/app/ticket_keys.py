"""Price classes and the keys tickets are signed with.

A signing key is derived from the installation's secret, the area and a generation, so that the
database and its backups hold public keys only.
"""

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kit.db import Transaction
from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.payments.app.deps import Deps
from services.payments.domain.errors import UnknownGate
from services.payments.domain.price_class import PriceClass, check_class
from services.payments.domain.ticket import Ticket, sites_of
from services.payments.domain.ticket_code import TicketBody, key_id, sign, site_digest
from services.payments.store import price_classes

MAX_CLASSES = 200
Keys = list[tuple[int, bytes, bytes, bool]]


async def configure_classes(
    deps: Deps, key: RequestKey, area: str, wanted: Sequence[PriceClass]
) -> tuple[int, int]:
    """Creates or changes price classes; returns how many were changed and how many were equal.

    Errors: InvalidFields, RequestIdReused.
    """
    if len(wanted) > MAX_CLASSES:
        raise InvalidFields([("price_classes", f"give at most {MAX_CLASSES} at once")])
    for each in wanted:
        check_class(each)
    async with deps.db.transaction(area) as tx:

        async def configure() -> tuple[int, int]:
            await signing_key(deps, tx)
            taken = await price_classes.numbers(tx)
            changed = 0
            for each in wanted:
                if taken.setdefault(each.number, each.class_id) != each.class_id:
                    text = f"{each.number} belongs to {taken[each.number]}"
                    raise InvalidFields([("number", text)])
                changed += await price_classes.put_if_changed(tx, each)
            return changed, len(wanted) - changed

        return await once(tx, key, tuple[int, int], configure)


async def list_classes(deps: Deps, area: str) -> list[PriceClass]:
    """Returns the price classes in the order of their numbers."""
    async with deps.db.read(area) as tx:
        return list((await price_classes.all_of_area(tx)).values())


async def list_keys(deps: Deps, area: str) -> Keys:
    """Returns generation, id, public key and revocation of each key, newest first."""
    async with deps.db.read(area) as tx:
        return await price_classes.keys(tx)


async def rotate(deps: Deps, key: RequestKey, area: str, *, revoke_older: bool) -> Keys:
    """Makes a new signing key. Errors: RequestIdReused."""
    async with deps.db.transaction(area) as tx:

        async def make() -> int:
            known = await price_classes.keys(tx)
            generation = known[0][0] + 1 if known else 1
            await _add(deps, tx, generation)
            if revoke_older:
                await price_classes.revoke_keys(tx, generation, deps.clock.now())
            return generation

        await once(tx, key, int, make)
        return await price_classes.keys(tx)


async def signing_key(deps: Deps, tx: Transaction) -> tuple[bytes, Ed25519PrivateKey]:
    """Returns id and key of the newest generation; makes the first one, and another one where
    this installation's secret is not the one the newest was made from (a restored backup)."""
    known = await price_classes.keys(tx)
    if known:
        generation, newest_id, public, revoked = known[0]
        private = derive(deps.ticket_master, tx.area, generation)
        if not revoked and private.public_key().public_bytes_raw() == public:
            return newest_id, private
    return await _add(deps, tx, known[0][0] + 1 if known else 1)


async def _add(deps: Deps, tx: Transaction, generation: int) -> tuple[bytes, Ed25519PrivateKey]:
    private = derive(deps.ticket_master, tx.area, generation)
    public = private.public_key().public_bytes_raw()
    await price_classes.add_key(tx, generation, key_id(public), public, deps.clock.now())
    return key_id(public), private


def derive(master: bytes, area: str, generation: int) -> Ed25519PrivateKey:
    """Returns an area's key of one generation."""
    if len(master) < 32:
        raise AssertionError("the secret of tickets is missing")
    info = f"meguri-ticket-key|{area}|{generation}".encode()
    return Ed25519PrivateKey.from_private_bytes(HKDF(SHA256(), 32, None, info).derive(master))


async def holding(tx: Transaction) -> dict[bytes, bytes]:
    """Returns the public keys that hold, by key id."""
    found = await price_classes.keys(tx)
    return {known_id: public for _, known_id, public, revoked in found if not revoked}


async def payload_of(deps: Deps, tx: Transaction, ticket: Ticket) -> str:
    """Returns what a ticket's QR code says. The caller knows that it holds."""
    known_id, private = await signing_key(deps, tx)
    body = TicketBody(
        key_id=known_id, ticket_id=ticket.ticket_id, first_day=ticket.first_day,
        last_day=ticket.last_day, persons=ticket.persons, kind=ticket.kind,
        site_digest=site_digest(ticket.site_place_id), practice=ticket.practice,
        lines=tuple((line.number, line.persons) for line in ticket.lines),
    )  # fmt: skip
    return sign(body, tx.area, private)


async def sites_of_gate(tx: Transaction, gate_place_id: str) -> frozenset[str]:
    """Returns the sites a gate admits to. Errors: UnknownGate."""
    sites = sites_of((await price_classes.all_of_area(tx)).values(), gate_place_id)
    if not sites:
        raise UnknownGate("No ticket is sold for this place.")
    return sites
