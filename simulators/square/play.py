"""What Square does: takes checkouts to a terminal, keeps payments, gives refunds."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from simulators.square import documents
from simulators.stage.books import Books, Document
from simulators.stage.play import Customer, Outbound, Reply, Request

TYPES = frozenset(
    {"CARD_PRESENT", "FELICA_TRANSPORTATION_GROUP", "FELICA_ID", "FELICA_QUICPAY", "QR_CODE"}
)
CHECKOUTS = "/v2/terminals/checkouts"
CHECKOUT = re.compile(rf"{CHECKOUTS}/([\w-]+)(/cancel)?")
PAYMENT = re.compile(r"/v2/payments/([\w-]+)(?:/(complete|cancel))?")
REFUNDS_SHOWN = 100
_BAD = (400, "INVALID_REQUEST_ERROR")


class SquarePlay:
    """The provider. Environment: MEGURI_SQUARE_TOKEN, _WEBHOOK_KEY and _WEBHOOK_URL, as ours."""

    def __init__(self, books: Books, environment: Mapping[str, str]) -> None:
        self.customer, self.outbound, self._books = Customer(), Outbound(), books
        self._token = environment.get("MEGURI_SQUARE_TOKEN", "")
        self._key = environment.get("MEGURI_SQUARE_WEBHOOK_KEY", "")
        self._url = environment.get("MEGURI_SQUARE_WEBHOOK_URL", "")
        self._declines: dict[str, str] = {}
        there = books.all("checkout")
        self._open = {each["id"] for each in there if each["status"] == "PENDING"}

    def amount_of(self, request: Request) -> int | None:
        """A checkout, a refund or a step of a payment."""
        body = request.document or {}
        if request.method == "POST" and request.path == CHECKOUTS:
            return _yen(body.get("checkout", {}))
        if request.method == "POST" and request.path == "/v2/refunds":
            return _yen(body)
        return 0 if (found := PAYMENT.fullmatch(request.path)) and found[2] else None

    def answer(self, request: Request, decline: str) -> Reply:
        """Finds what the address means."""
        if request.headers.get("authorization") != f"Bearer {self._token}":
            return documents.error(401, "AUTHENTICATION_ERROR", "UNAUTHORIZED", "wrong token")
        if request.document is None:
            return documents.error(*_BAD, "INVALID_FORM_VALUE", "no JSON")
        with self._books.writing():
            return self._route(request, request.document, decline)

    def _route(self, request: Request, body: Document, decline: str) -> Reply:  # noqa: PLR0911 - a table
        if request.path == CHECKOUTS:
            return self._once(body, lambda: self._check_out(body, decline))
        if request.path == f"{CHECKOUTS}/search":
            return self._search(body)
        if found := CHECKOUT.fullmatch(request.path):
            return self._checkout(found[1], cancel=bool(found[2]))
        if request.path == "/v2/refunds" and request.method == "POST":
            return self._once(body, lambda: self._refund(body, decline))
        if request.path == "/v2/refunds":
            begin = request.query.get("begin_time", "")
            there = [each for each in self._books.all("refund") if each["created_at"] >= begin]
            return Reply(200, {"refunds": there[::-1][:REFUNDS_SHOWN]})
        if found := PAYMENT.fullmatch(request.path):
            return self._payment(found[1], found[2] or request.method, body, decline)
        return documents.error(404, "INVALID_REQUEST_ERROR", "NOT_FOUND", request.path)

    def _once(self, body: Document, work: Callable[[], Reply]) -> Reply:
        """The same idempotency key gets the first answer, with another body an error."""
        key, text = str(body.get("idempotency_key", "")), json.dumps(body, sort_keys=True)
        if not 0 < len(key) <= 64:
            return documents.error(*_BAD, "VALUE_EMPTY", "idempotency_key")
        known = self._books.get("request", key)
        if known is not None:
            if known["text"] != text:
                return documents.error(*_BAD, "IDEMPOTENCY_KEY_REUSED", key)
            return Reply(known["status"], known["document"])
        reply = work()
        kept = {"text": text, "status": reply.status, "document": reply.document}
        self._books.put("request", key, kept)
        return reply

    def _check_out(self, body: Document, decline: str) -> Reply:
        asked = body.get("checkout") or {}
        if not isinstance(_yen(asked), int) or _yen(asked) <= 0:
            return documents.error(*_BAD, "INVALID_VALUE", "amount_money")
        if asked.get("payment_type", "CARD_PRESENT") not in TYPES:
            return documents.error(*_BAD, "INVALID_ENUM_VALUE", "payment_type")
        if not (asked.get("device_options") or {}).get("device_id"):
            return documents.error(*_BAD, "MISSING_REQUIRED_PARAMETER", "device_id")
        made = documents.checkout(asked)
        if decline:
            self._declines[made["id"]] = "BUYER_CANCELED"
        self._books.put("checkout", made["id"], made)
        self._open.add(made["id"])
        self._tell("terminal.checkout.created", "checkout", made)
        return Reply(200, {"checkout": documents.shown(made)})

    def _search(self, body: Document) -> Reply:
        wanted = (body.get("query") or {}).get("filter") or {}
        begin = (wanted.get("created_at") or {}).get("start_at", "")
        found = [
            documents.shown(each)
            for each in self._books.all("checkout")
            if wanted.get("device_id") in (None, each["device_options"]["device_id"])
            and each["created_at"] >= begin
        ]
        return Reply(200, {"checkouts": found[::-1][: body.get("limit", 100)]})

    def _checkout(self, key: str, *, cancel: bool) -> Reply:
        found = self._books.get("checkout", key)
        if found is None:
            return documents.error(404, "INVALID_REQUEST_ERROR", "NOT_FOUND", key)
        if cancel and found.get("payment_type", "").startswith("FELICA"):
            return documents.error(*_BAD, "BAD_REQUEST", "e-money cannot be canceled")
        if cancel and found["status"] in ("PENDING", "IN_PROGRESS"):
            self._cancel(found, "SELLER_CANCELED")
        return Reply(200, {"checkout": documents.shown(found)})

    def _payment(self, key: str, verb: str, body: Document, decline: str) -> Reply:
        found = self._books.get("payment", key)
        if found is None:
            return documents.error(404, "INVALID_REQUEST_ERROR", "NOT_FOUND", key)
        if verb != "GET":
            if decline:
                return documents.error(400, "PAYMENT_METHOD_ERROR", "CARD_DECLINED", decline)
            if found["status"] != "APPROVED":
                return documents.error(*_BAD, "BAD_REQUEST", f"payment is {found['status']}")
        if verb == "PUT":
            amount = (body.get("payment") or {}).get("amount_money")
            if not amount or not 0 < amount["amount"] <= found["_authorized_yen"]:
                return documents.error(*_BAD, "INVALID_VALUE", "amount_money")
            found |= {"amount_money": amount, "total_money": amount}
        elif verb != "GET":
            found["status"] = "COMPLETED" if verb == "complete" else "CANCELED"
        self._books.put("payment", key, found)
        return Reply(200, {"payment": documents.shown(found)})

    def _refund(self, body: Document, decline: str) -> Reply:
        payment = self._books.get("payment", str(body.get("payment_id")))
        if payment is None:
            return documents.error(404, "INVALID_REQUEST_ERROR", "NOT_FOUND", "payment_id")
        if decline or payment["_type"].startswith("FELICA"):
            detail = decline or "e-money cannot be refunded"
            return documents.error(400, "REFUND_ERROR", "REFUND_DECLINED", detail)
        left_yen = _yen(payment) - payment.get("refunded_money", {}).get("amount", 0)
        if payment["status"] != "COMPLETED" or not 0 < _yen(body) <= left_yen:
            return documents.error(400, "REFUND_ERROR", "REFUND_AMOUNT_INVALID", "too much")
        made = documents.refund(body, "COMPLETED")
        self._books.put("refund", made["id"], made)
        back = {"amount": _yen(payment) - left_yen + _yen(body), "currency": "JPY"}
        payment |= {"refunded_money": back, "refund_ids": [*payment["refund_ids"], made["id"]]}
        self._books.put("payment", payment["id"], payment)
        self._tell("refund.updated", "refund", made)
        return Reply(200, {"refund": made})

    def tick(self) -> None:
        """Customers tap, or walk away."""
        with self._books.writing():
            for key in list(self._open):
                each = self._books.get("checkout", key) or {}
                if self.customer.is_done(each["_begun"]):
                    reason = self._declines.pop(each["id"], "")
                    if reason or not self.customer.pays:
                        self._cancel(each, reason or "BUYER_CANCELED")
                    else:
                        self._pay(each)

    def _pay(self, checkout: Document) -> None:
        payment = documents.payment(checkout)
        self._books.put("payment", payment["id"], payment)
        checkout |= {"status": "COMPLETED", "payment_ids": [payment["id"]]}
        checkout["updated_at"] = documents.now()
        self._open.discard(checkout["id"])
        self._books.put("checkout", checkout["id"], checkout)
        self._tell("terminal.checkout.updated", "checkout", checkout)

    def _cancel(self, checkout: Document, reason: str) -> None:
        self._open.discard(checkout["id"])
        checkout |= {"status": "CANCELED", "cancel_reason": reason, "updated_at": documents.now()}
        self._books.put("checkout", checkout["id"], checkout)
        self._tell("terminal.checkout.updated", "checkout", checkout)

    def _tell(self, kind: str, name: str, inside: Document) -> None:
        self.outbound.waiting.append(documents.event(kind, name, inside, self._key, self._url))

    def charges(self) -> list[dict[str, Any]]:
        """One line per payment made at a terminal."""
        return [
            {
                "key": each["_key"],
                "authorized_yen": each["_authorized_yen"],
                "captured_yen": _yen(each) if each["status"] == "COMPLETED" else 0,
                "refunded_yen": each.get("refunded_money", {}).get("amount", 0),
                "voided": each["status"] == "CANCELED",
            }
            for each in self._books.all("payment")
        ]


def _yen(document: Document) -> int:
    amount = (document.get("amount_money") or {}).get("amount")
    return amount if isinstance(amount, int) else 0
