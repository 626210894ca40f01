"""What anybody may ask about tickets."""

from typing import Any

SCHEMAS: dict[str, Any] = {
    "TicketKey": {
        "type": "object",
        "required": ["key_id", "public_key", "algorithm", "revoked"],
        "properties": {
            "key_id": {"type": "string", "description": "First 4 bytes of the key's SHA-256, hex."},
            "public_key": {"type": "string", "description": "32 bytes, hex."},
            "algorithm": {"const": "Ed25519"},
            "revoked": {"type": "boolean", "description": "True: its tickets hold no longer."},
        },
    }
}
PATHS: dict[str, Any] = {
    "/api/v1/ticket-keys": {
        "get": {
            "operationId": "ticketKeys",
            "summary": "Public keys of this area's admission tickets, newest first",
            "tags": ["tickets"],
            "responses": {
                "200": {
                    "description": "The keys.",
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["area", "keys"],
                                "properties": {
                                    "area": {"type": "string"},
                                    "keys": {
                                        "type": "array",
                                        "items": {"$ref": "#/components/schemas/TicketKey"},
                                    },
                                },
                            }
                        }
                    },
                },
                "503": {"$ref": "#/components/responses/Unavailable"},
            },
        }
    }
}
