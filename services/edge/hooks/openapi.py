"""What providers may send."""

from typing import Any

_REFUSED = {"$ref": "#/components/responses/Refused"}

SCHEMAS: dict[str, Any] = {
    "WebhookOutcome": {
        "type": "object",
        "required": ["outcome"],
        "properties": {"outcome": {"enum": ["accepted", "duplicate", "ignored"]}},
    }
}
PATHS: dict[str, Any] = {
    "/hooks/{provider}": {
        "post": {
            "operationId": "receiveWebhook",
            "summary": "A webhook of a payment provider, verified and applied like an answer",
            "tags": ["payments"],
            "parameters": [
                {
                    "name": "provider",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string", "examples": ["square", "adyen", "paypay"]},
                }
            ],
            "requestBody": {
                "required": True,
                "description": "As the provider signs it; at most 256 KiB.",
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            "responses": {
                "200": {
                    "description": "Heard; a repeat changes nothing.",
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/WebhookOutcome"}
                        }
                    },
                },
                "400": _REFUSED,
                "403": _REFUSED,
                "404": {"$ref": "#/components/responses/NotFound"},
                "413": {"$ref": "#/components/responses/TooLarge"},
                "503": {"$ref": "#/components/responses/Unavailable"},
                "default": {"$ref": "#/components/responses/Problem"},
            },
        }
    }
}
