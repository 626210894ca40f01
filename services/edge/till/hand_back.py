"""What a clerk does with the money of a sale that was canceled or refunded.

Cash is handed over out of the drawer, another device is told by hand, and what a provider has taken
back nobody gives a second time. A step is told where it has to be taken: on the page that answers
the cancellation, once more with a word of caution whenever the canceled sale is looked at again.
"""

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext as _

from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1 import split_sales_service_pb2 as split_pb
from services.edge.pages import yen
from services.edge.till import words

FRESH = "now"  # ?back=now: of the page that answers the cancellation itself


class Way(StrEnum):
    """How money gets back to the customer; also the name of its icon."""

    DRAWER = "cash"
    DEVICE = "warning"
    PROVIDER = "check"
    MANUAL = "undo"


@dataclass(frozen=True)
class Step:
    """What is to be done about one amount. order: what hands are needed for comes first."""

    way: Way
    amount_yen: int
    tender: int

    @property
    def icon(self) -> str:
        """The icon beside it."""
        return self.way.value

    @property
    def by_hand(self) -> bool:
        """Whether somebody has to do something."""
        return self.way is not Way.PROVIDER

    @property
    def title(self) -> str:
        """What to do, in a few words."""
        amount = yen(self.amount_yen)
        if self.way is Way.DRAWER:
            return str(_("Give back %(amount)s in cash", amount=amount))
        if self.way is Way.DEVICE:
            return str(_("Cancel %(amount)s on the other device, too", amount=amount))
        if self.way is Way.PROVIDER:
            return str(_("%(amount)s: give no cash", amount=amount))
        return str(_("Give back %(amount)s the way you noted", amount=amount))

    @property
    def text(self) -> str:
        """Why, and how it was paid."""
        tender = words.tender_word(self.tender)
        if self.way is Way.DRAWER:
            return str(_("Paid by: %(tender)s. Take it out of the drawer.", tender=tender))
        if self.way is Way.DEVICE:
            return str(
                _(
                    "%(tender)s: your own device keeps the money until you cancel there.",
                    tender=tender,
                )
            )
        if self.way is Way.PROVIDER:
            return str(_("%(tender)s: its provider has taken the charge back.", tender=tender))
        return str(_("Paid by: %(tender)s. The way stands in the reason below.", tender=tender))


def steps_of(payment: pb.Payment) -> list[Step]:
    """Returns what is to be done about a sale that was canceled, or about its newest refund.

    Nothing where no money was taken, or none went back yet."""
    if payment.state == pb.PAYMENT_STATE_VOIDED:
        taken_yen = payment.captured_yen
        return [Step(_way_of(payment.gateway), taken_yen, payment.tender)] if taken_yen else []
    done = [each for each in payment.refunds if each.state == pb.REFUND_STATE_REFUNDED]
    if not done:
        return []
    newest = max(done, key=lambda each: each.create_time.ToNanoseconds())
    return [Step(_way_back(payment.gateway, newest.channel), newest.amount_yen, payment.tender)]


def steps_of_sale(found: split_pb.SplitSale) -> list[Step]:
    """Returns what is to be done about a sale in parts that is given back, one step for each way
    and tender: only of what went back since, and not what was taken back of a part before."""
    since = found.give_back_time.ToNanoseconds()
    sums: dict[tuple[Way, int], int] = {}
    for part in found.parts:
        if part.update_time.ToNanoseconds() < since:
            continue
        for step in steps_of(part):
            key = step.way, step.tender
            sums[key] = sums.get(key, 0) + step.amount_yen
    steps = [Step(way, amount_yen, tender) for (way, tender), amount_yen in sums.items()]
    return sorted(steps, key=lambda each: list(Way).index(each.way))


def before_cancel(payment: pb.Payment) -> Step:
    """Returns what will be to do once a sale is canceled, for the question before."""
    in_cash = payment.gateway != "other_device" and not payment.provider_refunds
    way = Way.DRAWER if in_cash else _way_of(payment.gateway)
    return Step(way, payment.captured_yen or payment.amount_yen, payment.tender)


def _way_of(gateway: str) -> Way:
    return {"cash_record": Way.DRAWER, "other_device": Way.DEVICE}.get(gateway, Way.PROVIDER)


def _way_back(gateway: str, channel: int) -> Way:
    if channel == pb.REFUND_CHANNEL_CASH:
        return Way.DRAWER
    if channel == pb.REFUND_CHANNEL_MANUAL and gateway != "other_device":
        return Way.MANUAL
    return _way_of(gateway)
