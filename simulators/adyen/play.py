"""What Adyen does: brings messages to a terminal, remembers them, takes payments back."""

import time
from collections.abc import Mapping
from typing import Any

from simulators.adyen import messages
from simulators.stage.books import Books, Document
from simulators.stage.play import Customer, Outbound, Reply, Request


class AdyenPlay:
    """The provider. Environment: MEGURI_ADYEN_API_KEY and _HMAC_KEY, as ours."""

    def __init__(self, books: Books, environment: Mapping[str, str]) -> None:
        self.customer, self.outbound, self._books = Customer(), Outbound(), books
        self._api_key = environment.get("MEGURI_ADYEN_API_KEY", "")
        self._hmac_key = environment.get("MEGURI_ADYEN_HMAC_KEY", "")
        there = books.all("message")
        self._open = {each["service"] for each in there if each["response"] is None}

    def amount_of(self, request: Request) -> int | None:
        """A payment or a reversal."""
        message = (request.document or {}).get("SaleToPOIRequest") or {}
        if payment := message.get("PaymentRequest"):
            return int(payment["PaymentTransaction"]["AmountsReq"]["RequestedAmount"])
        reversal = message.get("ReversalRequest")
        return int(reversal.get("ReversedAmount", 0)) if reversal else None

    def answer(self, request: Request, decline: str) -> Reply:  # noqa: PLR0911 - a table
        """Takes a message to the terminal."""
        if request.headers.get("x-api-key") != self._api_key:
            return Reply(401, {"status": 401, "errorCode": "000", "message": "Unauthorized"})
        message = (request.document or {}).get("SaleToPOIRequest")
        header = message.get("MessageHeader") if isinstance(message, dict) else None
        if not message or not header or request.path not in ("/sync", "/async"):
            return Reply(400, {"status": 400, "errorCode": "702", "message": "no message"})
        category = header["MessageCategory"]
        body = message.get(f"{category}Request") or {}
        with self._books.writing():
            if category == "Payment" and request.path == "/async":
                self._begin(header, body, decline)
                return Reply(200, {}, text="ok")
            if category == "Abort":
                self._abort(body)
                return Reply(200, {}, text="ok")
            if category == "Reversal":
                return messages.reply(header, self._reverse(header, body, decline))
            if category == "TransactionStatus":
                return messages.reply(header, self._status(body))
            if category == "Reconciliation":
                return messages.reply(header, self._totals(header, body))
        return messages.reply(header, messages.failure("UnavailableService", category))

    def _begin(self, header: Document, body: Document, decline: str) -> None:
        """A message of the same ServiceID is the same message: the terminal shows it once."""
        if self._books.get("message", header["ServiceID"]) is None:
            self._keep(header, body, None, decline)
            self._open.add(header["ServiceID"])

    def _keep(
        self, header: Document, body: Document, response: Document | None, decline: str = ""
    ) -> None:
        self._books.put(
            "message", header["ServiceID"],
            {"service": header["ServiceID"], "header": header, "body": body, "response": response,
             "decline": decline, "begun": time.time()},
        )  # fmt: skip

    def _status(self, body: Document) -> Document:
        reference = body.get("MessageReference") or {}
        found = self._books.get("message", str(reference.get("ServiceID")))
        wanted = reference.get("MessageCategory")
        if found is None or found["header"]["MessageCategory"] != wanted:
            return messages.failure("NotFound", "no such message")
        if found["response"] is None:
            return messages.failure("InProgress", "the customer is at it")
        return {
            "Response": {"Result": "Success"},
            "MessageReference": reference,
            "RepeatedMessageResponse": {
                "MessageHeader": {**found["header"], "MessageType": "Response"},
                "RepeatedResponseMessageBody": {f"{wanted}Response": found["response"]},
            },
        }

    def _reverse(self, header: Document, body: Document, decline: str) -> Document:
        known = self._books.get("message", header["ServiceID"])
        if known is not None:
            return dict(known["response"])
        response = self._reversed(body, decline)
        self._keep(header, body, response)
        return response

    def _reversed(self, body: Document, decline: str) -> Document:
        poi = body["OriginalPOITransaction"]["POITransactionID"]
        charge = self._books.get("charge", poi["TransactionID"])
        amount_yen = int(body.get("ReversedAmount") or (charge or {}).get("captured_yen", 0))
        if charge is None:
            return messages.failure("NotFound", "no such transaction")
        if decline or charge["refunded_yen"] + amount_yen > charge["captured_yen"]:
            return messages.failure("Refusal", decline or "too much")
        charge["refunded_yen"] += amount_yen
        self._books.put("charge", poi["TransactionID"], charge)
        key = body["SaleData"]["SaleTransactionID"]["TransactionID"]
        psp = messages.psp_of(poi["TransactionID"]) + "R"
        self._tell("CANCEL_OR_REFUND", key, psp, amount_yen, "true")
        return {
            "Response": {"Result": "Success", "AdditionalResponse": f"pspReference={psp}"},
            "POIData": {"POITransactionID": {"TransactionID": psp, "TimeStamp": messages.now()}},
            "ReversedAmount": amount_yen,
        }

    def _totals(self, header: Document, body: Document) -> Document:
        charges = [each for each in self._books.all("charge") if each["poi"] == header["POIID"]]
        refunds = [each for each in charges if each["refunded_yen"]]
        lines = (
            ("Debit", len(charges), sum(each["captured_yen"] for each in charges)),
            ("ReverseDebit", len(refunds), sum(each["refunded_yen"] for each in refunds)),
        )
        return {
            "Response": {"Result": "Success"},
            "ReconciliationType": body.get("ReconciliationType", "SaleReconciliation"),
            "TransactionTotals": [
                {
                    "PaymentInstrumentType": "Card",
                    "POIID": header["POIID"],
                    "PaymentCurrency": "JPY",
                    "PaymentTotals": [
                        {"TransactionType": kind, "TransactionCount": n, "TransactionAmount": yen}
                        for kind, n, yen in lines
                    ],
                }
            ],
        }

    def tick(self) -> None:
        """Customers tap, or walk away."""
        with self._books.writing():
            for service in list(self._open):
                found = self._books.get("message", service) or {}
                if self.customer.is_done(found["begun"]):
                    self._open.discard(service)
                    self._finish(found)

    def _abort(self, body: Document) -> None:
        service = str((body.get("MessageReference") or {}).get("ServiceID"))
        if service in self._open:
            self._open.discard(service)
            self._finish(self._books.get("message", service) or {}, "Aborted")

    def _finish(self, found: Document, refused: str = "") -> None:
        refused = refused or ("Refusal" if found["decline"] else "")
        refused = refused or ("" if self.customer.pays else "Cancel")
        response = messages.payment_response(found["body"], refused)
        found["response"] = response
        self._books.put("message", found["service"], found)
        key = found["body"]["SaleData"]["SaleTransactionID"]["TransactionID"]
        transaction_id = response["POIData"]["POITransactionID"]["TransactionID"]
        amount_yen = int(found["body"]["PaymentTransaction"]["AmountsReq"]["RequestedAmount"])
        if not refused:
            self._books.put(
                "charge", transaction_id,
                {"key": key, "authorized_yen": amount_yen, "captured_yen": amount_yen,
                 "refunded_yen": 0, "voided": False, "poi": found["header"]["POIID"]},
            )  # fmt: skip
        success = "false" if refused else "true"
        self._tell("AUTHORISATION", key, messages.psp_of(transaction_id), amount_yen, success)

    def _tell(self, event: str, key: str, psp: str, amount_yen: int, success: str) -> None:
        made = messages.webhook(event, key, psp, amount_yen, success, self._hmac_key)
        self.outbound.waiting.append(made)

    def charges(self) -> list[dict[str, Any]]:
        """One line per payment at the terminal."""
        return self._books.all("charge")
