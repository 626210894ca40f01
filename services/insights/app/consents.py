"""What shops let be told of their own takings: deciding, and reading what was decided."""

from collections.abc import Sequence

from kit.pure.errors import VersionConflict
from kit.requests import RequestKey, once
from services.insights.app.deps import Deps
from services.insights.domain.consent import Decision, Owner, check_said
from services.insights.store import consents as store


async def read(deps: Deps, area: str, owner: Owner, shop_place_id: str) -> Sequence[Decision]:
    """Returns decisions, of one shop or of all that somebody may read. Errors: ShopNotYours."""
    wanted: Sequence[str] | None = None if owner.all else sorted(owner.shops)
    if shop_place_id:
        owner.check(shop_place_id)
        wanted = [shop_place_id]
    async with deps.db.read(area) as tx:
        return await store.decisions(tx, wanted)


async def save(
    deps: Deps, key: RequestKey, area: str, owner: Owner, shop_place_id: str, expected_version: int,
    signed_as: str, *, consents: bool,
) -> int:  # fmt: skip
    """Keeps a decision and returns its version. An equal one changes nothing, whatever version.

    Errors: ShopNotYours, InvalidFields, VersionConflict.
    """
    owner.check(shop_place_id)
    check_said(shop_place_id, signed_as.strip())
    async with deps.db.transaction(area) as tx:

        async def decide() -> int:
            await store.lock(tx, shop_place_id)
            said = await store.decisions(tx, [shop_place_id])
            version = said[0].number if said else 0
            if consents == (bool(said) and said[0].consents):
                return version
            if version != expected_version:
                raise VersionConflict("Somebody else has decided meanwhile. Look at it again.")
            decision = Decision(
                shop_place_id, version + 1, consents, signed_as.strip(), deps.clock.now()
            )
            await store.add(tx, decision, key.principal)
            return decision.number

        return await once(tx, key, int, decide)
