"""Square's documents, as its specification has them."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from datetime import UTC, datetime
from typing import Any

from simulators.stage.books import Document
from simulators.stage.play import Event, Reply

LOCATION = "LSIMULATOR00"


def new_id(prefix: str) -> str:
    """Returns an id like Square's."""
    return prefix + secrets.token_hex(10).upper()


def now() -> str:
    """Returns this moment as Square writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def error(status: int, category: str, code: str, detail: str) -> Reply:
    """Returns an answer that refuses."""
    return Reply(status, {"errors": [{"category": category, "code": code, "detail": detail}]})


def checkout(asked: Document) -> Document:
    """Returns a new TerminalCheckout. The underscored names stay in the books."""
    made = now()
    return {
        **asked,
        "id": new_id("sim"),
        "status": "PENDING",
        "created_at": made,
        "updated_at": made,
        "location_id": LOCATION,
        "app_id": "sq0idp-simulator",
        "_begun": time.time(),
    }


def payment(paid: Document) -> Document:
    """Returns the Payment that a customer made at a terminal."""
    made, amount = now(), paid["amount_money"]
    at_once = paid.get("payment_options", {}).get("autocomplete", True)
    return {
        "id": new_id("SIMPAY"),
        "created_at": made,
        "updated_at": made,
        "amount_money": amount,
        "total_money": amount,
        "status": "COMPLETED" if at_once else "APPROVED",
        "source_type": "CARD" if paid.get("payment_type") == "CARD_PRESENT" else "WALLET",
        "location_id": LOCATION,
        "reference_id": paid["reference_id"],
        "terminal_checkout_id": paid["id"],
        "refund_ids": [],
        "_type": paid.get("payment_type", "CARD_PRESENT"),
        "_key": paid["reference_id"],
        "_authorized_yen": amount["amount"],
    }


def refund(asked: Document, status: str) -> Document:
    """Returns a new PaymentRefund."""
    made = now()
    return {
        "id": new_id("SIMREF"),
        "status": status,
        "amount_money": asked["amount_money"],
        "payment_id": asked["payment_id"],
        "reason": asked.get("reason", ""),
        "location_id": LOCATION,
        "created_at": made,
        "updated_at": made,
    }


def shown(document: Document) -> Document:
    """Returns a document without what stays in the books."""
    return {name: value for name, value in document.items() if not name.startswith("_")}


def event(kind: str, name: str, inside: Document, key: str, url: str) -> Event:
    """Returns a signed webhook."""
    body: dict[str, Any] = {
        "merchant_id": "SIMULATOR",
        "type": kind,
        "event_id": new_id("evt"),
        "created_at": now(),
        "data": {"type": name, "id": inside["id"], "object": {name: shown(inside)}},
    }
    text = json.dumps(body).encode()
    digest = hmac.new(key.encode(), url.encode() + text, hashlib.sha256).digest()
    headers = {"X-Square-Hmacsha256-Signature": base64.b64encode(digest).decode()}
    return Event(kind, text, headers)
