"""What programs may send to Help."""

from typing import Any

from services.edge import help_desk

HELP_REQUEST: dict[str, Any] = {
    "type": "object",
    "required": ["help_id", "secret", "topic", "text", "locale"],
    "properties": {
        "help_id": {"type": "string", "format": "uuid", "description": "Random."},
        "secret": {"type": "string", "pattern": "^[A-Za-z0-9_-]{43}$",
                   "description": "32 random bytes in base64url; only its hash is kept. It "
                                  "opens the answer at /help/answers#SECRET."},
        "topic": {"type": "string", "enum": list(help_desk.BY_NAME)},
        "text": {"type": "string", "minLength": 1, "maxLength": 1000},
        "contact": {"type": "string", "maxLength": 200,
                    "description": "E-mail address or phone number; may be empty."},
        "stop_code": {"type": "string", "description": "Left out where no stop has it."},
        "receipt_number": {"type": "string", "description": "As printed."},
        "locale": {"type": "string", "minLength": 1, "description": "Language of the answer."},
        "write_time": {"type": "string", "format": "date-time"},
    },
}  # fmt: skip
