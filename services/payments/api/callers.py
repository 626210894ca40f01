"""Who calls a method of payments."""

from kit.auth import Role
from kit.rpc import caller
from services.payments.app.who import NO_SHOP, Who


def who(allowed: frozenset[Role]) -> Who:
    """Returns who calls a method that `allowed` may call. Whoever is let in only as a shop owner
    and was bound to no shop has none; a clerk without a bound works at all counters."""
    known = caller()
    owner_only = known.roles & allowed == {Role.SHOP_OWNER}
    return Who(
        area=known.area, principal=known.principal, device=Role.DEVICE in known.roles,
        shops=NO_SHOP if owner_only and not known.shops else known.shops,
    )  # fmt: skip
