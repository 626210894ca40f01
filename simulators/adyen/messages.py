"""Nexo responses and standard webhooks, as Adyen writes them."""

import base64
import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime
from typing import Any

from simulators.stage.books import Document
from simulators.stage.play import Event, Reply

ACCOUNT = "MeguriSimulator"


def now() -> str:
    """Returns this moment as nexo writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def reply(header: Document, body: Document) -> Reply:
    """Returns a response in its envelope."""
    category = header["MessageCategory"]
    answered = {**header, "MessageType": "Response"}
    document = {"MessageHeader": answered, f"{category}Response": body}
    return Reply(200, {"SaleToPOIResponse": document})


def failure(condition: str, text: str) -> Document:
    """Returns a Response that says no."""
    return {
        "Response": {
            "Result": "Failure",
            "ErrorCondition": condition,
            "AdditionalResponse": f"message={text}",
        }
    }


def payment_response(asked: Document, refused: str) -> Document:
    """Returns the PaymentResponse after the customer is done. refused: an ErrorCondition or ""."""
    psp, tender = secrets.token_hex(8).upper(), "SIM" + secrets.token_hex(6)
    poi = {"POITransactionID": {"TransactionID": f"{tender}.{psp}", "TimeStamp": now()}}
    common = {"SaleData": asked["SaleData"], "POIData": poi}
    if refused:
        return {**common, **failure(refused, "simulated")}
    amounts = asked["PaymentTransaction"]["AmountsReq"]
    return {
        **common,
        "Response": {"Result": "Success", "AdditionalResponse": f"pspReference={psp}"},
        "PaymentResult": {
            "PaymentType": "Normal",
            "OnlineFlag": True,
            "AmountsResp": {
                "Currency": amounts["Currency"],
                "AuthorizedAmount": amounts["RequestedAmount"],
            },
            "PaymentAcquirerData": {"MerchantID": ACCOUNT, "AcquirerPOIID": "SIM-1"},
        },
    }


def psp_of(transaction_id: str) -> str:
    """Returns the PSP reference inside a POI transaction id."""
    return transaction_id.partition(".")[2]


def webhook(event: str, reference: str, psp: str, amount_yen: int, success: str, key: str) -> Event:
    """Returns a signed standard webhook. key: hexadecimal."""
    item: dict[str, Any] = {
        "eventCode": event,
        "success": success,
        "eventDate": datetime.now(UTC).isoformat(timespec="seconds"),
        "merchantAccountCode": ACCOUNT,
        "merchantReference": reference,
        "pspReference": psp,
        "amount": {"value": amount_yen, "currency": "JPY"},
    }
    text = ":".join((psp, "", ACCOUNT, reference, str(amount_yen), "JPY", event, success)).encode()
    mac = base64.b64encode(hmac.new(bytes.fromhex(key), text, hashlib.sha256).digest()).decode()
    item["additionalData"] = {"hmacSignature": mac}
    body = {"live": "false", "notificationItems": [{"NotificationRequestItem": item}]}
    return Event(event, json.dumps(body).encode(), {})
