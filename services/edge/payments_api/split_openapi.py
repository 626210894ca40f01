"""What registers may ask of split sales."""

from typing import Any

_YEN: dict[str, Any] = {"type": "integer"}

SCHEMAS: dict[str, Any] = {
    "SplitSale": {
        "type": "object",
        "required": ["split_sale_id", "state", "total_yen", "captured_yen", "open_yen", "parts"],
        "properties": {
            "split_sale_id": {"type": "string", "format": "uuid"},
            "state": {"enum": ["open", "paid", "giving_back", "given_back"]},
            "shop_place_id": {"type": "string"},
            "total_yen": _YEN,
            "captured_yen": {**_YEN, "description": "Refunds are not taken off."},
            "under_way_yen": {**_YEN, "description": "Parts whose outcome is not known yet."},
            "open_yen": {**_YEN, "description": "What no part pays yet."},
            "held_yen": {**_YEN, "description": "Of a sale given back: what has not gone back."},
            "receipt_number": {"type": "string"},
            "business_date": {"type": "string", "format": "date"},
            "ticket_id": {
                "type": ["string", "null"],
                "description": "Of a party's sale in parts that a clerk's till began: its ticket,"
                " once all is paid. Registers sell no tickets, neither whole nor in parts.",
            },
            "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Payment"}},
        },
    }
}


def paths(
    signed: str, key: dict[str, Any], body: dict[str, Any], back: dict[str, Any],
    answers: dict[str, dict[str, Any]],
) -> dict[str, Any]:  # fmt: skip
    """Returns the paths. body: of an opening. back: of a return. answers: by status of success."""
    known: dict[str, Any] = {
        "name": "split_sale_id", "in": "path", "required": True,
        "schema": {"type": "string", "format": "uuid"},
    }  # fmt: skip
    usual = {"description": signed, "tags": ["payments"], "security": [{"signature": []}]}
    own = "/api/v1/payments/split-sales"
    return {
        own: {
            "post": {
                **usual,
                "operationId": "openSplitSale",
                "summary": "Open a sale that several payments pay",
                "description": f"{signed} It is a sale of goods: tickets are sold at a clerk's"
                " till, in parts too, and by no register.",
                "parameters": [key],
                "requestBody": body,
                "responses": answers["201"],
            }
        },
        f"{own}/{{split_sale_id}}": {
            "get": {
                **usual,
                "operationId": "readSplitSale",
                "summary": "Read a split sale with its parts",
                "parameters": [known],
                "responses": answers["200"],
            }
        },
        f"{own}/{{split_sale_id}}/give-back": {
            "post": {
                **usual,
                "operationId": "giveBackSplitSale",
                "summary": "Give all parts back; 202 where some have not gone back yet",
                "parameters": [known, key],
                "requestBody": back,
                "responses": answers["200"],
            }
        },
    }
