"""Setting up and listing shops."""

from collections.abc import Sequence

from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.payments.app.deps import Deps
from services.payments.app.who import Who
from services.payments.domain.registration import check_digit_agrees
from services.payments.domain.shop import Shop, check_shop
from services.payments.store import shops

MAX_SHOPS = 500


async def configure_shops(
    deps: Deps, key: RequestKey, area: str, wanted: Sequence[Shop]
) -> tuple[int, int]:
    """Creates or changes shops; returns how many were changed and how many were equal.

    Errors: InvalidFields, RequestIdReused.
    """
    if len(wanted) > MAX_SHOPS:
        raise InvalidFields([("shops", f"give at most {MAX_SHOPS} at once")])
    for shop in wanted:
        check_shop(shop, deps.facts)
    async with deps.db.transaction(area) as tx:

        async def configure() -> tuple[int, int]:
            changed = [await shops.put_if_changed(tx, shop) for shop in wanted]
            return sum(changed), len(changed) - sum(changed)

        return await once(tx, key, tuple[int, int], configure)


async def list_shops(deps: Deps, who: Who) -> list[tuple[Shop, int]]:
    """Returns the shops the caller may see, with their versions, ordered by id."""
    async with deps.db.read(who.area) as tx:
        found = await shops.all_of_area(tx)
    return [(shop, v) for shop, v in found if not who.shops or shop.shop_place_id in who.shops]


def doubtful_registrations(wanted: Sequence[Shop]) -> list[str]:
    """Returns the shops whose registration number is no corporate number: a sole trader's, or
    mistyped."""
    return [
        shop.shop_place_id
        for shop in wanted
        if shop.registration_number and not check_digit_agrees(shop.registration_number)
    ]
