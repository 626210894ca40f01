"""PayPay's "hmac OPA-Auth": who asks, when, and for what, in one header.

Source: PayPay Open Payment API documents, API authentication; the vectors in the tests were made
with PayPay's own library.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from kit.clock import Clock
from services.payments.gateways.http_json import Call
from services.payments.gateways.webhook import sign

CONTENT_TYPE = "application/json;charset=UTF-8"
EMPTY = "empty"  # stands for content type and hash where there is no body


@dataclass(frozen=True)
class Credentials:
    """merchant: the merchant whose money it is, "" for that of the key."""

    key: str
    secret: str = field(repr=False)
    merchant: str = ""

    def headers(self, call: Call, clock: Clock) -> Mapping[str, str]:
        """Returns the headers of a request made now."""
        epoch = int(clock.now().timestamp())
        headers = {
            "Authorization": self.authorization(call, secrets.token_hex(4), epoch),
            "Content-Type": CONTENT_TYPE,
        }
        return headers | ({"X-ASSUME-MERCHANT": self.merchant} if self.merchant else {})

    def authorization(self, call: Call, nonce: str, epoch: int) -> str:
        """Returns the header's text. No request of ours has a query."""
        content_type = EMPTY if call.body is None else CONTENT_TYPE
        body_hash = EMPTY
        if call.body is not None:
            digest = hashlib.md5(content_type.encode() + call.body, usedforsecurity=False)
            body_hash = base64.b64encode(digest.digest()).decode()
        parts = (call.path, call.method, nonce, str(epoch), content_type, body_hash)
        mac = sign(self.secret.encode(), "\n".join(parts).encode())
        return f"hmac OPA-Auth:{self.key}:{mac}:{nonce}:{epoch}:{body_hash}"
