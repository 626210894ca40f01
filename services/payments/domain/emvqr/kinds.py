"""Tells the codes apart by how they begin, and reads each as what it is."""

from services.payments.domain.emvqr.consumer import ConsumerCode, parse_barcode, parse_consumer
from services.payments.domain.emvqr.findings import Finding, Reason
from services.payments.domain.emvqr.merchant import MerchantCode, parse_merchant

# "000201" in a merchant's code; tag 85 in Base64 in a customer's.
_FORMAT, _CONSUMER = "000201", "hQ"


def read_code(text: str) -> MerchantCode | ConsumerCode:
    """Reads any payment code. What cannot be told apart is not shown: it may be a customer's."""
    if text.startswith(_CONSUMER):
        return parse_consumer(text)
    if text.isascii() and text.isdigit() and not text.startswith(_FORMAT):
        return parse_barcode(text)
    if text[:4].isascii() and text[:4].isdigit():
        return parse_merchant(text)
    return ConsumerCode(errors=(Finding(Reason.UNKNOWN_KIND),))
