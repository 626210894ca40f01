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


class ContractMissing(Refusal):
    """Nobody recorded a contract with the acquirer for this shop and tender."""


class PracticeShopLiveGateway(Refusal):
    """A shop that practices may not move real money."""


class CaptureLaterUnsupported(Refusal):
    """The provider takes this tender at once or not at all."""


class ProviderRefundUnsupported(Refusal):
    """The provider does not give this tender's money back; cash and manual refunds do."""


class NeedsConnection(Refusal):
    """A provider has to be asked while the customer is there; such a sale cannot wait."""


class WaitedTooLong(Refusal):
    """The sale waited so long that its day is closed to it."""


class UnknownProvider(Refusal):
    """No provider of this name sends webhooks here."""


class WebhookMalformed(Refusal):
    """The webhook cannot be read."""


class WebhookForged(Refusal):
    """The webhook's signature is wrong."""


class WebhookTooOld(Refusal):
    """The webhook was made too long ago."""


class WebhookFromFuture(Refusal):
    """The webhook claims to be made in the future."""


class WebhookMismatch(Refusal):
    """The webhook tells another amount than was asked for."""


class GatewayAbsent(Refusal):
    """This installation runs without the gateway the payment was taken through."""


class UnknownNoticeAddress(Refusal):
    """Notices go to no such address."""


class NoticeAddressOff(Refusal):
    """Nothing is sent to an address that is off."""


class UnknownRegisterImport(Refusal):
    """No such file of a register was taken."""


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


class TaxFreeNotPossible(Refusal):
    """The sale, or what is left of it, cannot be tax-free."""


class TaxFreeExpired(Refusal):
    """Customs did not confirm the goods in time."""


class UnknownTaxFreeSale(Refusal):
    """There is no such tax-free sale in this area."""


class NoMerchantCode(Refusal):
    """The shop has no payment code of its own to show."""


class UnknownClose(Refusal):
    """There is no such close in this area."""


class NothingToClose(Refusal):
    """A day that has not begun cannot be closed."""


class FileUnreadable(Refusal):
    """The provider's file is not what its mapping says; nothing was changed."""


class FileEncodingUnknown(FileUnreadable):
    """The file is in no encoding that is read here without a doubt; nothing was changed."""


class UnknownFinding(Refusal):
    """There is no such finding in this area."""


class ClerkResting(Refusal):
    """Too many wrong PINs; the clerk rests for a while."""


class UnknownClerk(Refusal):
    """There is no such clerk at this shop."""


class ClerkPinMissing(Refusal):
    """At a shop with clerks money goes back only behind the PIN of one of them."""


class NoClerkWorks(Refusal):
    """A shop that has had clerks stays closed until one of them works again."""


class NotYourSetting(Refusal):
    """Only the association changes this of a shop."""


class PriceChanged(Refusal):
    """The page showed another total than the prices make now. Look at the new total first."""


class UnknownTicket(Refusal):
    """There is no such ticket, batch or admission in this area."""


class UnknownGate(Refusal):
    """No price class of this area names the place as a gate."""


class TicketWasAdmitted(Refusal):
    """Money would go back of a ticket whose party went in, and nobody has confirmed that."""


class TicketEntered(Refusal):
    """The printed ticket was entered before, or its code was withdrawn."""


class ReceiptLinkUnknown(Refusal):
    """Nobody here made this link; which receipts there are is not told."""


class ReceiptLinkLapsed(Refusal):
    """The link opened its receipt for a while, and that is over."""


class DisplayCodeUnknown(Refusal):
    """No display waits for this code: it is wrong, used or too old."""


class DisplayUnknown(Refusal):
    """The display was never paired, or its pairing was ended."""


class TooManyDisplays(Refusal):
    """The shop has as many displays as it may. End one first."""


class UnknownSplitSale(Refusal):
    """There is no such split sale in this area."""


class SplitSaleEnded(Refusal):
    """The split sale was given back and takes no part any more."""


class SplitSaleOpen(Refusal):
    """The split sale is not paid yet: its parts are refunded only together."""


class SplitAmountTooLarge(Refusal):
    """The part is more than is open of its sale."""


class SplitBooksMixed(Refusal):
    """Live money and practice would pay for one sale."""


class SplitPartUnderWay(Refusal):
    """A part that waited for a connection comes while another part is not known yet."""


class TooManyParts(Refusal):
    """The split sale has as many parts as are kept."""
