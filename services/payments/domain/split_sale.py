"""One sale paid by several tenders. Its parts are ordinary payments; where it stands is read from
them and stored nowhere.

Each part carries, as its lines, its share of every tax rate, so that closes, books and returns of a
part need to know nothing of the others. Shares are taken from what the parts before have left of
each rate: together they are the basket's own sums, to the yen. The tax itself is rounded once per
rate, over the whole basket, on the one receipt.

A sale of a ticket knows its party from the beginning; the ticket is made with the capture that
completes the parts (`is_complete`), and not before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from kit.pure.errors import InvalidFields
from services.payments.domain.amount import check_amount
from services.payments.domain.errors import (
    NeedsConnection,
    SplitAmountTooLarge,
    SplitBooksMixed,
    SplitPartUnderWay,
    SplitSaleEnded,
    SplitSaleOpen,
    TooManyParts,
)
from services.payments.domain.events import RefundChannel
from services.payments.domain.payment import Payment, State, is_with_customer
from services.payments.domain.price_class import TicketLine
from services.payments.domain.rates import split
from services.payments.domain.receipt import Item, check_items
from services.payments.domain.return_invoice import shares

SHARE_NAME = "お買上げ"  # of a part's lines: what was bought stands on the receipt of the whole
MAX_PARTS = 20  # refused ones count: a table of them is not what a counter needs
_DEAD = frozenset({State.DECLINED, State.EXPIRED, State.VOIDED})  # final: they pay nothing ever


class SplitState(StrEnum):
    """Where a split sale stands."""

    OPEN = "open"
    PAID = "paid"
    GIVING_BACK = "giving_back"
    GIVEN_BACK = "given_back"


@dataclass(frozen=True, kw_only=True)
class SplitParty:
    """The party of the ticket that a sale is for. day: the business date it holds."""

    site_place_id: str
    lines: tuple[TicketLine, ...]
    persons: int
    day: date
    voucher: str = ""


@dataclass(frozen=True, kw_only=True)
class SplitSale:
    """A sale with its parts, oldest first. give_back_time: when somebody gave it back.

    party: None for a sale of goods. is_issued: its ticket was made.
    """

    area: str
    split_sale_id: str
    shop_place_id: str
    total_yen: int
    items: tuple[Item, ...]
    opened_by: str
    clerk_id: str
    business_date: date
    create_time: datetime
    give_back_time: datetime | None = None
    give_back_by: str = ""
    give_back_clerk_id: str = ""
    parts: tuple[Payment, ...] = ()
    party: SplitParty | None = None
    is_issued: bool = False

    @property
    def captured_yen(self) -> int:
        """What captured parts took; refunds are not taken off. One that is being voided pays
        nothing that anybody could count on."""
        return sum(part.captured_yen for part in self.parts if _pays(part))

    @property
    def under_way_yen(self) -> int:
        """What parts ask for or hold that are neither captured nor over."""
        return sum(part.amount_yen for part in self._living if not _pays(part))

    @property
    def open_yen(self) -> int:
        """What no part pays yet."""
        if self.give_back_time is not None:
            return 0
        return self.total_yen - self.captured_yen - self.under_way_yen

    @property
    def held_yen(self) -> int:
        """What would have to go back: of captures what was not refunded, and all under way."""
        kept = (part.captured_yen - part.refunded_yen for part in self.parts
                if _pays(part))  # fmt: skip
        return sum(kept) + self.under_way_yen

    @property
    def is_unfinished(self) -> bool:
        """Whether it holds money of a customer without being paid: the rest is to be taken, or all
        of it goes back."""
        return self.state in (SplitState.OPEN, SplitState.GIVING_BACK) and self.held_yen > 0

    @property
    def was_paid(self) -> bool:
        """Whether a receipt was due at some time: a part that was voided had been captured."""
        return sum(part.captured_yen for part in self.parts) >= self.total_yen

    @property
    def practice(self) -> bool:
        """Whether no real money moves; all parts are of one book."""
        return any(part.practice for part in self.parts)

    @property
    def state(self) -> SplitState:
        """Where it stands."""
        if self.give_back_time is not None:
            return SplitState.GIVING_BACK if self.held_yen else SplitState.GIVEN_BACK
        return SplitState.PAID if self.captured_yen == self.total_yen else SplitState.OPEN

    @property
    def is_complete(self) -> bool:
        """Whether its ticket is due: all is paid, and no part is being asked back this moment."""
        return self.state is SplitState.PAID and not self.is_asking

    @property
    def is_asking(self) -> bool:
        """Whether a provider is asked about some part."""
        return any(part.pending is not None for part in self._living)

    @property
    def has_money_back(self) -> bool:
        """Whether a part was refunded, be it partly or only under way."""
        return any(part.has_money_back for part in self.parts)

    @property
    def _living(self) -> Sequence[Payment]:
        return [part for part in self.parts if part.state not in _DEAD]

    def with_part(self, part: Payment) -> "SplitSale":
        """Returns it with one more part."""
        return replace(self, parts=(*self.parts, part))

    def with_seen(self, seen: Mapping[str, Payment]) -> "SplitSale":
        """Returns it with those parts as they are by now. seen: by payment id."""
        return replace(self, parts=tuple(seen.get(each.payment_id, each) for each in self.parts))

    def check_part(self, amount_yen: int, today: date, *, practice: bool, waited: bool) -> None:
        """Errors: SplitSaleEnded, SplitAmountTooLarge, SplitBooksMixed, SplitPartUnderWay for one
        that waited for a connection while another is not known, NeedsConnection for one that waited
        and would pay for a ticket, TooManyParts."""
        if self.give_back_time is not None:
            raise SplitSaleEnded("This sale was given back. Begin a new one.")
        if self.party is not None and today > self.party.day:
            raise SplitSaleEnded("The day of its ticket is over. Give all parts back.")
        if self.party is not None and waited:
            raise NeedsConnection("No ticket waits for a connection. Take this part with one.")
        if amount_yen > self.open_yen:
            raise SplitAmountTooLarge(f"At most {self.open_yen} yen are open.")
        if any(part.practice is not practice for part in self._living):
            raise SplitBooksMixed("Real money and practice do not pay for one sale together.")
        if waited and self.under_way_yen:
            raise SplitPartUnderWay("Another part is not known yet. Wait for it first.")
        if len(self.parts) >= MAX_PARTS:
            raise TooManyParts(f"A sale has at most {MAX_PARTS} parts. Give it back, begin anew.")

    def share_of(self, amount_yen: int, default_rate_percent: int) -> tuple[Item, ...]:
        """Returns the lines of a new part: its share of what is left of each rate."""
        left = split(self.items, self.total_yen, default_rate_percent)
        for part in self._living:
            for item in part.items:
                left[item.tax_rate_percent] -= item.amount_yen
        return tuple(
            Item(name=SHARE_NAME, quantity=1, unit_amount_yen=yen, tax_rate_percent=rate)
            for rate, yen in sorted(shares(left, amount_yen).items(), reverse=True)
            if yen
        )

    def check_refund(self) -> None:
        """Errors: SplitSaleOpen while parts are missing: money would go back of half a sale."""
        if self.state is SplitState.OPEN:
            raise SplitSaleOpen("Take the rest of this sale, or give all of it back.")


def _pays(part: Payment) -> bool:
    return part.state is State.CAPTURED and not part.is_being_voided


def check_opening(total_yen: int, items: Sequence[Item]) -> tuple[Item, ...]:
    """Returns the lines of a sale to open. Errors: InvalidFields."""
    check_amount("total_yen", total_yen)
    if total_yen < 2:
        raise InvalidFields([("total_yen", "one yen cannot be split")])
    return check_items(items, total_yen)


@dataclass(frozen=True)
class Void:
    """A part goes back as if it never was; one that waits for its customer waits no longer."""


@dataclass(frozen=True)
class GiveBack:
    """A part goes back by a refund."""

    amount_yen: int
    channel: RefundChannel


def way_back(part: Payment, today: date, *, provider_refunds: bool) -> Void | GiveBack | None:
    """Returns how a part goes back now; None where nothing is left or its outcome is awaited.

    provider_refunds: whether its provider gives this tender's money back at all.
    """
    if is_with_customer(part):
        return Void()
    if part.pending is not None or part.state not in (State.CAPTURED, State.AUTHORIZED):
        return None
    if part.state is State.AUTHORIZED:
        return Void()
    if part.is_kept_whole and part.captured_date == today and provider_refunds:
        return Void()
    if not part.refundable_yen:
        return None
    channel = RefundChannel.PROVIDER if provider_refunds else RefundChannel.CASH
    return GiveBack(part.refundable_yen, channel)
