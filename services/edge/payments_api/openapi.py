"""What terminals and registers may ask of payments."""

from typing import Any

from services.edge.payments_api import split_openapi

_TEXT: dict[str, Any] = {"type": "string"}
_YEN: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": 9_999_999}
_STATES = ["created", "authorized", "captured", "voided", "declined", "expired", "unknown"]
_TENDERS = ["card", "transit_ic", "id", "quicpay", "code_payment", "points", "cash_record"]
_SIGNED = (
    "Signed by HTTP Message Signatures (RFC 9421), algorithm ed25519, keyid = device id. The"
    " signature covers @method, @authority, @target-uri (or @path and @query), content-digest where"
    " there is a body, and idempotency-key where there is one. created is required and at most a"
    " day and ten minutes from now; expires, where it is set, lies ahead. Else: bad_signature."
)

SCHEMAS: dict[str, Any] = {
    "PaymentItem": {
        "type": "object",
        "required": ["name", "unit_amount_yen", "tax_rate_percent"],
        "properties": {
            "name": {"type": "string", "maxLength": 80},
            "quantity": {"type": "integer", "minimum": 1, "maximum": 999, "default": 1},
            "unit_amount_yen": _YEN,
            "tax_rate_percent": {"enum": [10, 8, 0]},
        },
    },
    "PaymentRefund": {
        "type": "object",
        "required": ["refund_id", "state", "amount_yen", "channel", "reason"],
        "properties": {
            "refund_id": {"type": "string", "format": "uuid"},
            "state": {"enum": ["created", "refunded", "declined", "unknown"]},
            "amount_yen": {"type": "integer"},
            "channel": {"enum": ["provider", "cash", "manual"]},
            "reason": _TEXT,
            "decline_reason": {"type": ["string", "null"]},
            "business_date": {"type": "string", "format": "date"},
            "create_time": {"type": "string", "format": "date-time"},
            "payment": {"$ref": "#/components/schemas/Payment"},
        },
    },
    "Payment": {
        "type": "object",
        "required": ["payment_id", "state", "shop_place_id", "tender", "practice", "amount_yen"],
        "properties": {
            "payment_id": {"type": "string", "format": "uuid"},
            "state": {"enum": _STATES},
            "shop_place_id": _TEXT,
            "tender": {"enum": _TENDERS},
            "gateway": _TEXT,
            "practice": {"type": "boolean", "description": "True: no real money moves."},
            "amount_yen": {"type": "integer"},
            "authorized_yen": {"type": "integer"},
            "captured_yen": {"type": "integer"},
            "refunded_yen": {"type": "integer"},
            "decline_reason": {"type": ["string", "null"]},
            "unconfirmed": {"type": "boolean"},
            "customer_acts": {
                "type": "boolean",
                "description": "True while the customer has to finish it at a terminal or phone.",
            },
            "customer_code": {
                "type": ["string", "null"],
                "description": "What to show as a code for the customer to scan; not stored.",
            },
            "provider_refunds": {
                "type": "boolean",
                "description": "False: refund in cash or by other means.",
            },
            "items": {"type": "array", "items": {"$ref": "#/components/schemas/PaymentItem"}},
            "refunds": {"type": "array", "items": {"$ref": "#/components/schemas/PaymentRefund"}},
            "split_sale_id": {
                "type": ["string", "null"],
                "description": "Of a part: its split sale; items are its share of each tax rate.",
            },
            "receipt_number": _TEXT,
            "business_date": {"type": "string", "format": "date"},
            "create_time": {"type": "string", "format": "date-time"},
            "update_time": {"type": "string", "format": "date-time"},
        },
    },
}

_ADMITTED: dict[str, Any] = {
    "type": "boolean",
    "default": False,
    "description": "True where staff were told that the party of its ticket went in already;"
    " else such a ticket is answered by ticket_admitted.",
}
_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "pattern": '^"?[A-Za-z0-9_.:-]{8,100}"?$'},
    "description": "Made when the button is tapped and kept before sending. It never expires.",
}
_ID: dict[str, Any] = {
    "name": "payment_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "format": "uuid"},
}
_REFUSED: dict[str, Any] = {"$ref": "#/components/responses/Refused"}
_PROBLEM: dict[str, Any] = {"$ref": "#/components/responses/Problem"}
_UNAVAILABLE: dict[str, Any] = {"$ref": "#/components/responses/Unavailable"}


def _answers(status: str, text: str, schema: str = "Payment") -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    content = {"application/json": {"schema": reference}}
    return {
        status: {"description": text, "content": content},
        "202": {"description": "The outcome is not known yet: read it again.", "content": content},
        "400": _REFUSED, "401": _PROBLEM, "403": _PROBLEM, "404": _PROBLEM, "409": _PROBLEM,
        "503": _UNAVAILABLE,
    }  # fmt: skip


def _body(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object", "properties": properties, "additionalProperties": False,
    }  # fmt: skip
    if required:
        schema["required"] = required
    return {"required": bool(required), "content": {"application/json": {"schema": schema}}}


PATHS: dict[str, Any] = {
    "/api/v1/payments": {
        "post": {
            "operationId": "takePayment",
            "summary": "Take a payment",
            "description": f"{_SIGNED} The same key with the same body answers the same payment"
            " in its present state and never charges again; with another body it is refused"
            " (request_id_reused). A declined payment is an answer, not an error.",
            "tags": ["payments"],
            "security": [{"signature": []}],
            "parameters": [_KEY],
            "requestBody": _body(
                {
                    "shop_place_id": {"type": "string", "description": "Default: the device's."},
                    "tender": {"enum": _TENDERS},
                    "amount_yen": _YEN,
                    "capture": {"type": "boolean", "default": True},
                    "items": {
                        "type": "array", "maxItems": 200,
                        "items": {"$ref": "#/components/schemas/PaymentItem"},
                    },
                    "split_sale_id": {**_TEXT, "description": "Of a part; then without items."},
                    "gateway": _TEXT,
                },
                ["tender", "amount_yen"],
            ),
            "responses": _answers("201", "The payment with its outcome."),
        }
    },
    "/api/v1/payments/{payment_id}": {
        "get": {
            "operationId": "readPayment",
            "summary": "Read a payment",
            "description": _SIGNED,
            "tags": ["payments"],
            "security": [{"signature": []}],
            "parameters": [_ID],
            "responses": _answers("200", "The payment."),
        }
    },
    "/api/v1/payments/{payment_id}/capture": {
        "post": {
            "operationId": "capturePayment",
            "summary": "Capture an authorization, wholly or in part",
            "description": _SIGNED,
            "tags": ["payments"],
            "security": [{"signature": []}],
            "parameters": [_ID, _KEY],
            "requestBody": _body({"amount_yen": _YEN}, []),
            "responses": _answers("200", "The payment."),
        }
    },
    "/api/v1/payments/{payment_id}/void": {
        "post": {
            "operationId": "voidPayment",
            "summary": "Cancel a payment of the same business date",
            "description": _SIGNED,
            "tags": ["payments"],
            "security": [{"signature": []}],
            "parameters": [_ID, _KEY],
            "requestBody": _body({"admitted_confirmed": _ADMITTED}, []),
            "responses": _answers("200", "The payment."),
        }
    },
    "/api/v1/payments/{payment_id}/refunds": {
        "post": {
            "operationId": "refundPayment",
            "summary": "Refund a payment, wholly or in part",
            "description": _SIGNED,
            "tags": ["payments"],
            "security": [{"signature": []}],
            "parameters": [_ID, _KEY],
            "requestBody": _body(
                {
                    "amount_yen": _YEN,
                    "channel": {"enum": ["provider", "cash", "manual"], "default": "provider"},
                    "reason": {"type": "string", "minLength": 1, "maxLength": 200},
                    "admitted_confirmed": _ADMITTED,
                },
                ["amount_yen", "reason"],
            ),
            "responses": _answers("201", "The refund with its payment.", "PaymentRefund"),
        }
    },
}  # fmt: skip
SCHEMAS |= split_openapi.SCHEMAS
PATHS |= split_openapi.paths(
    _SIGNED, _KEY,
    _body(
        {
            "shop_place_id": {**_TEXT, "description": "The device's own place where left out."},
            "total_yen": {**_YEN, "minimum": 2},
            "items": {
                "type": "array", "maxItems": 200,
                "items": {"$ref": "#/components/schemas/PaymentItem"},
            },
        },
        ["total_yen"],
    ),
    _body({"admitted_confirmed": _ADMITTED}, []),
    {status: _answers(status, "The split sale.", "SplitSale") for status in ("200", "201")},
)  # fmt: skip
