"""Named refusals of payments; api.py maps each to a code and a stable reason."""

from kit.pure.errors import Refusal


class UnknownShop(Refusal):
    """The shop is not set up for payments in this area."""


class ShopNotYours(Refusal):
    """The caller is bound to other shops."""


class DeviceRevoked(Refusal):
    """The device that signed the request was revoked."""


class TenderNotAccepted(Refusal):
    """The shop does not take this tender, or not through this gateway."""


class GatewayAbsent(Refusal):
    """This installation runs without the gateway the payment was taken through."""


class UnknownPayment(Refusal):
    """There is no such payment in this area."""


class WrongState(Refusal):
    """The payment's state does not allow this."""


class Unresolved(Refusal):
    """The outcome of an earlier step is not known yet. Wait until it is; do not charge again."""


class AmountTooLarge(Refusal):
    """More than was authorized, or more than is left to refund."""


class WrongBusinessDate(Refusal):
    """A captured payment can be voided on its own business date only; refund it instead."""


class AlreadyResolved(Refusal):
    """The step was resolved before; a step is resolved at most once."""


class ProviderRefused(Refusal):
    """The provider refused the step; the payment is as it was."""


class PriceChanged(Refusal):
    """The page showed another total than the prices make now. Look at the new total first."""


class UnknownTicket(Refusal):
    """There is no such ticket, batch or admission in this area."""


class UnknownGate(Refusal):
    """No price class of this area names the place as a gate."""


class TicketEntered(Refusal):
    """The printed ticket was entered before, or its code was withdrawn."""
