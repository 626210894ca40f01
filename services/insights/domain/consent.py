"""What a shop has decided about its own takings."""

from dataclasses import dataclass
from datetime import datetime

from kit.pure.errors import InvalidFields, Refusal
from services.insights.domain.lines import is_line

MOST_SIGNED, MOST_SHOP = 80, 200


class ShopNotYours(Refusal):
    """The caller belongs to another shop, or to none."""


@dataclass(frozen=True)
class Owner:
    """Who asks about shops. shops: those the login is bound to. all: every shop may be read."""

    shops: frozenset[str]
    all: bool = False

    def check(self, shop_place_id: str) -> None:
        """Errors: ShopNotYours."""
        if not self.all and shop_place_id not in self.shops:
            raise ShopNotYours("You belong to another shop.")


@dataclass(frozen=True)
class Decision:
    """Consent given or taken back. number: counts the decisions of the shop. signed_as: the name
    of who decided."""

    shop_place_id: str
    number: int
    consents: bool
    signed_as: str
    at: datetime


def check_said(shop_place_id: str, signed_as: str) -> None:
    """Errors: InvalidFields."""
    wrong = []
    if not shop_place_id or len(shop_place_id) > MOST_SHOP:
        wrong.append(("shop_place_id", "say which shop"))
    if not signed_as or not is_line(signed_as, MOST_SIGNED):
        wrong.append(("signed_as", "give the name of who decides"))
    if wrong:
        raise InvalidFields(wrong)
