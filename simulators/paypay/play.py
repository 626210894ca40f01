"""What PayPay does: makes codes, lets customers pay them, cancels and refunds."""

import base64
import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from simulators.stage.books import Books, Document
from simulators.stage.play import Customer, Event, Outbound, Reply, Request

CODE_LIFE_S = 300.0
EPOCH_ROOM_S = 120  # a signed request is refused when its time is further away
MOST_ID = 64
AUTHORIZATION = re.compile(r"hmac OPA-Auth:([^:]+):([^:]+):([^:]+):([0-9]+):([^:]+)")
CONTENT_TYPE = "application/json;charset=UTF-8"


class PayPayPlay:
    """The provider. Environment: MEGURI_PAYPAY_KEY and _SECRET, as ours."""

    def __init__(self, books: Books, environment: Mapping[str, str]) -> None:
        self.customer, self.outbound, self._books = Customer(), Outbound(), books
        self._key = environment.get("MEGURI_PAYPAY_KEY", "")
        self._secret = environment.get("MEGURI_PAYPAY_SECRET", "")
        there = books.all("payment")
        self._open = {e["merchantPaymentId"] for e in there if e["status"] == "CREATED"}

    def amount_of(self, request: Request) -> int | None:
        """A code, a refund or a cancellation."""
        if request.method == "POST" and request.path in ("/v2/codes", "/v2/refunds"):
            return _yen(request.document or {})
        return 0 if request.method == "DELETE" else None

    def answer(self, request: Request, decline: str) -> Reply:  # noqa: PLR0911 - a table
        """Finds what the address means."""
        if not self._is_signed(request):
            return _reply(401, "UNAUTHORIZED")
        if request.document is None:
            return _reply(400, "INVALID_REQUEST_PARAMS")
        head, _, key = request.path.rpartition("/")
        with self._books.writing():
            match request.method, head:
                case "POST", "/v2" if key == "codes":
                    return self._make_code(request.document, decline)
                case "POST", "/v2" if key == "refunds":
                    return self._refund(request.document, decline)
                case "GET", "/v2/codes/payments":
                    return self._details("payment", key)
                case "GET", "/v2/refunds":
                    return self._details("refund", key)
                case "DELETE", "/v2/codes":
                    return self._delete_code(key)
                case "DELETE", "/v2/payments":
                    return self._cancel(key, decline)
        return _reply(404, "NOT_FOUND")

    def _is_signed(self, request: Request) -> bool:
        found = AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
        if not found or found[1] != self._key:
            return False
        if abs(time.time() - int(found[4])) > EPOCH_ROOM_S:
            return False
        content_type, body_hash = "empty", "empty"
        if request.body:
            content_type = request.headers.get("content-type", "")
            digest = hashlib.md5(content_type.encode() + request.body, usedforsecurity=False)
            body_hash = base64.b64encode(digest.digest()).decode()
        parts = (request.path, request.method, found[3], found[4], content_type, body_hash)
        mac = hmac.new(self._secret.encode(), "\n".join(parts).encode(), hashlib.sha256).digest()
        return hmac.compare_digest(base64.b64encode(mac).decode(), found[2])

    def _make_code(self, body: Document, decline: str) -> Reply:
        key = str(body.get("merchantPaymentId", ""))
        if not 0 < len(key) <= MOST_ID or _yen(body) <= 0 or body.get("codeType") != "ORDER_QR":
            return _reply(400, "INVALID_REQUEST_PARAMS")
        if self._books.get("payment", key) is not None:
            return _reply(400, "DUPLICATE_DYNAMIC_QR_REQUEST")
        code_id = "04-" + secrets.token_hex(8)
        self._books.put(
            "payment", key,
            {"merchantPaymentId": key, "amount": body["amount"], "status": "CREATED",
             "requestedAt": body["requestedAt"], "acceptedAt": int(time.time()), "_refunded_yen": 0,
             "_begun": time.time(), "_decline": decline, "_code_id": code_id,
             **({"terminalId": body["terminalId"]} if "terminalId" in body else {})},
        )  # fmt: skip
        self._open.add(key)
        data = {
            **body,
            "codeId": code_id,
            "url": f"https://qr.simulator.invalid/{code_id}",
            "deeplink": f"simulator://payment?code={code_id}",
            "expiryDate": int(time.time() + CODE_LIFE_S),
            "isAuthorization": False,
        }
        return _reply(201, "SUCCESS", data)

    def _details(self, kind: str, key: str) -> Reply:
        found = self._books.get(kind, key)
        if found is None:
            return _reply(
                404, "DYNAMIC_QR_PAYMENT_NOT_FOUND" if kind == "payment" else "NO_SUCH_REFUND_ORDER"
            )
        return _reply(200, "SUCCESS", _shown(found))

    def _delete_code(self, code_id: str) -> Reply:
        """Only a code that nobody has paid: the payment behind it can then never be made."""
        for key in self._open:
            found = self._books.get("payment", key) or {}
            if found.get("_code_id") == code_id:
                self._open.discard(key)
                self._books.put("payment", key, found | {"status": "CANCELED"})
                return _reply(200, "SUCCESS")
        return _reply(400, "DYNAMIC_QR_NOT_FOUND")

    def _cancel(self, key: str, decline: str) -> Reply:
        found = self._books.get("payment", key)
        if found is None or decline or found["_refunded_yen"]:
            return _reply(400, "UNACCEPTABLE_OP")
        if found["status"] in ("CREATED", "COMPLETED"):
            found |= {"status": "CANCELED", "canceledAt": int(time.time())}
            self._books.put("payment", key, found)
            self._open.discard(key)
        return _reply(202, "REQUEST_ACCEPTED")

    def _refund(self, body: Document, decline: str) -> Reply:
        key = str(body.get("merchantRefundId", ""))
        known = self._books.get("refund", key)
        if known is not None:
            return _reply(200, "SUCCESS", known)
        payments = self._books.all("payment")
        payment = next((e for e in payments if e.get("paymentId") == body.get("paymentId")), None)
        if payment is None or payment["status"] != "COMPLETED":
            return _reply(400, "NO_SUCH_ORDER")
        # One refund to an order, as PayPay's own library says.
        if decline or payment["_refunded_yen"] or not 0 < _yen(body) <= _yen(payment):
            return _reply(400, "REFUND_LIMIT_EXCEEDED")
        made = {**body, "status": "REFUNDED", "acceptedAt": int(time.time())}
        self._books.put("refund", key, made)
        payment["_refunded_yen"] = _yen(body)
        self._books.put("payment", payment["merchantPaymentId"], payment)
        return _reply(201, "SUCCESS", made)

    def tick(self) -> None:
        """Customers scan and pay, or walk away; codes run out."""
        with self._books.writing():
            for key in list(self._open):
                each = self._books.get("payment", key) or {}
                if self.customer.is_done(each["_begun"]):
                    self._finish(each)

    def _finish(self, each: Document) -> None:
        self._open.discard(each["merchantPaymentId"])
        if each["_decline"] or not self.customer.pays:
            each["status"] = "FAILED" if each["_decline"] else "EXPIRED"
        else:
            each |= {"status": "COMPLETED", "paymentId": secrets.token_hex(9)}
        self._books.put("payment", each["merchantPaymentId"], each)
        body = {
            "notification_type": "Transaction",
            "merchant_id": "SIMULATOR",
            "order_id": each.get("paymentId", ""),
            "merchant_order_id": each["merchantPaymentId"],
            "order_amount": str(_yen(each)),
            "state": each["status"],
            "paid_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        self.outbound.waiting.append(Event("Transaction", json.dumps(body).encode(), {}))

    def charges(self) -> list[dict[str, Any]]:
        """One line per payment that a customer made."""
        return [
            {
                "key": each["merchantPaymentId"],
                "authorized_yen": _yen(each),
                "captured_yen": _yen(each),
                "refunded_yen": each["_refunded_yen"],
                "voided": each["status"] == "CANCELED",
            }
            for each in self._books.all("payment")
            if "paymentId" in each
        ]


def _reply(status: int, code: str, data: Document | None = None) -> Reply:
    info = {"code": code, "message": code.replace("_", " ").lower(), "codeId": "SIM"}
    return Reply(status, {"resultInfo": info} | ({"data": data} if data is not None else {}))


def _shown(document: Document) -> Document:
    return {name: value for name, value in document.items() if not name.startswith("_")}


def _yen(document: Document) -> int:
    amount = (document.get("amount") or {}).get("amount")
    return amount if isinstance(amount, int) else 0
