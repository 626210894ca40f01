"""What programs may ask about events."""

from typing import Any

PATHS: dict[str, Any] = {
    "/api/asyncapi.json": {
        "get": {
            "operationId": "asyncapi",
            "summary": "All events as AsyncAPI 3",
            "tags": ["operation"],
            "responses": {"200": {"description": "AsyncAPI 3.0"}},
        }
    }
}
