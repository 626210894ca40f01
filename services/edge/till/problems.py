"""Sentences for the refusals of payments, for people at a counter."""

from flask_babel import lazy_gettext as _l

PROBLEMS = {
    "UNKNOWN_SHOP": _l("This shop is not set up for payments yet. Ask the association."),
    "SHOP_NOT_YOURS": _l("Your login belongs to another shop. Open yours, or ask the association."),
    "DEVICE_REVOKED": _l("This device may no longer take payments."),
    "TENDER_NOT_ACCEPTED": _l("This shop does not take this way to pay."),
    "GATEWAY_ABSENT": _l("Its provider is not set up here. Refund in cash or ask the association."),
    "ACQUIRER_CONTRACT_MISSING": _l(
        "The contract with the payment company is not recorded yet. Ask the association."
    ),
    "PRACTICE_SHOP_LIVE_GATEWAY": _l(
        "This shop practices and may not take real money. Choose another way to pay."
    ),
    "CAPTURE_LATER_UNSUPPORTED": _l("This way to pay is taken at once or not at all."),
    "PROVIDER_REFUND_UNSUPPORTED": _l(
        "This way to pay cannot be refunded by its provider. Give cash back instead."
    ),
    "unknown_product": _l("This product is not sold here any more. Open the counter again."),
    "NEEDS_CONNECTION": _l("This way to pay needs a signal. Take cash or try again."),
    "WAITED_TOO_LONG": _l(
        "This sale waited more than seven days. Enter it as a sale of today, then strike it out."
    ),
    "other_login": _l("Somebody else is signed in now. Sign in as the person who sold."),
    "clerk_changed": _l(
        "Somebody else stands at the till now. Open the counter and take the sale there."
    ),
    "clerk_unknown": _l("Nobody's PIN stands behind this sale. Open the till again."),
    "CLERK_PIN_MISSING": _l("Open the till with a clerk's PIN first. Nothing was changed."),
    "NO_CLERK_WORKS": _l(
        "Nobody has a PIN here any more. Have one given in the back office. Nothing was changed."
    ),
    "CARD_NUMBER_TYPED": _l(
        "A card's number was typed. Take it out and try again; nothing was kept."
    ),
    "UNKNOWN_CLERK": _l("This person does not work here any more. Choose another name."),
    "RECEIPT_LINK_UNKNOWN": _l("There is no receipt here. Scan the code at the counter again."),
    "RECEIPT_LINK_LAPSED": _l("This link to a receipt has lapsed. Ask the shop for another copy."),
    "DISPLAY_UNKNOWN": _l("This display is not paired with a till. Pair it again."),
    "TOO_MANY_DISPLAYS": _l("This shop has as many displays as it may. End one first."),
    "UNKNOWN_PAYMENT": _l("There is no such payment here."),
    "WRONG_STATE": _l("The payment's state does not allow this any more. Look at it again."),
    "PAYMENT_UNRESOLVED": _l("The outcome is not known yet. Wait a moment; do not charge again."),
    "AMOUNT_TOO_LARGE": _l("That is more than is left on this payment."),
    "WRONG_BUSINESS_DATE": _l("This sale is of another day. Make a refund instead."),
    "PROVIDER_REFUSED": _l("The provider refused. The payment is as it was."),
    "TAX_FREE_NOT_POSSIBLE": _l("This sale cannot be tax-free. Ask the association why."),
    "TAX_FREE_EXPIRED": _l("Customs saw the goods too late. The tax cannot go back."),
    "UNKNOWN_TAX_FREE_SALE": _l("There is no such tax-free sale here."),
    "UNKNOWN_SPLIT_SALE": _l("There is no such sale in parts here."),
    "SPLIT_SALE_ENDED": _l("This sale was given back. Begin a new one."),
    "SPLIT_SALE_OPEN": _l("This sale is not paid in full yet. Take the rest, or give all back."),
    "SPLIT_AMOUNT_TOO_LARGE": _l("That is more than is open. Look at the sale again."),
    "SPLIT_BOOKS_MIXED": _l("Practice and real money cannot pay for one sale together."),
    "SPLIT_PART_UNDER_WAY": _l("Another part is not known yet. Wait for it first."),
    "SPLIT_TOO_MANY_PARTS": _l("This sale has too many parts. Give it back and begin anew."),
    "NO_MERCHANT_CODE": _l("This shop has no payment code of its own. Ask the association."),
    "TICKET_ADMITTED": _l(
        "This ticket was used at the gate. Confirm that the money shall go back all the same."
    ),
    "PRICE_CHANGED": _l("The prices have changed. Look at the new total first."),
    "gate_closed": _l(
        "No ticket for today: offer another entrance, or ask an editor to reopen it under Today."
    ),
    "UNKNOWN_TICKET": _l("There is no such ticket here."),
    "UNKNOWN_GATE": _l("No tickets are sold for this place. Ask the association."),
    "TICKET_ENTERED": _l("This printed ticket was entered before."),
    "BAD_SIGNATURE": _l("The request is not signed as it must be."),
    "IDEMPOTENCY_KEY_MISSING": _l("The request needs an Idempotency-Key."),
}
