"""The AsyncAPI 3 document and the table of docs/events.md, both from the registry."""

from typing import Any

from services.edge.asyncapi.registry import Event, Field, events

HEADERS = {
    "ce-specversion": "1.0, CloudEvents, NATS binding, binary mode",
    "ce-id": "event id (UUID); the same as Nats-Msg-Id",
    "ce-source": "/meguri/{service}",
    "ce-type": "meguri.{service}.v1.{event}",
    "ce-subject": "aggregate the event happened to",
    "ce-time": "when it happened, RFC 3339",
    "ce-aggregateversion": "counts up by one with each event of the aggregate",
    "ce-datacontenttype": "application/protobuf",
    "traceparent": "W3C trace context, where there is one",
}
TABLE_HEAD = """# Events

Made from `proto/meguri/*/v1/*_events.proto` and from what each service hears; a test compares.
To renew it: `.venv/bin/python -m services.edge.asyncapi > docs/events.md`.
The same as AsyncAPI 3: `GET /api/asyncapi.json`.

Subject `meguri.<area>.<service>.v1.<event>`, one stream per service (its name in upper case).
The subject names the area; CloudEvents 1.0 headers carry event id, aggregate id, version and time;
the body is protobuf.
Unknown kinds are acknowledged and counted.
"""


def document() -> dict[str, Any]:
    """Returns the AsyncAPI 3.0 document."""
    known = events()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Meguri events",
            "version": "1",
            "description": "Everything the services of one installation tell one another.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/protobuf",
        "channels": {each.name: _channel(each) for each in known},
        "operations": dict(pair for each in known for pair in _operations(each)),
        "components": {
            "messages": {each.message: _message(each) for each in known},
            "messageTraits": {
                "cloudevent": {
                    "headers": {
                        "type": "object",
                        "properties": {
                            name: {"type": "string", "description": text}
                            for name, text in HEADERS.items()
                        },
                    }
                }
            },
        },
    }


def table() -> str:
    """Returns docs/events.md."""
    lines = [TABLE_HEAD]
    for service in sorted({each.service for each in events()}):
        lines += [f"## {service}", "", "| event | says | fields | heard by |", "|---|---|---|---|"]
        lines += [_row(each) for each in events() if each.service == service]
        lines.append("")
    return "\n".join(lines)


def _row(event: Event) -> str:
    fields = ", ".join(f"`{field.name}`" for field in event.fields) or "–"
    heard = ", ".join(event.heard_by) or "nobody yet"
    return f"| `{event.name}` | {event.text} | {fields} | {heard} |"


def _channel(event: Event) -> dict[str, Any]:
    return {
        "address": event.subject,
        "title": event.name,
        "description": event.text,
        "parameters": {"area": {"description": "Short name of the destination, such as mine"}},
        "messages": {event.message: {"$ref": f"#/components/messages/{event.message}"}},
    }


def _operations(event: Event) -> list[tuple[str, dict[str, Any]]]:
    channel = {"$ref": f"#/channels/{event.name}"}
    said = (f"{event.service}_says_{event.name}", {"action": "send", "channel": channel})
    heard = [
        (f"{listener}_hears_{event.name}", {"action": "receive", "channel": channel})
        for listener in event.heard_by
    ]
    return [said, *heard]


def _message(event: Event) -> dict[str, Any]:
    return {
        "name": f"meguri.{event.service}.v1.{event.message}",
        "summary": event.text,
        "contentType": "application/protobuf",
        "traits": [{"$ref": "#/components/messageTraits/cloudevent"}],
        "payload": {
            "type": "object",
            "properties": {field.name: _schema(field) for field in event.fields},
        },
    }


def _schema(field: Field) -> dict[str, Any]:
    one: dict[str, Any] = {
        "string": {"type": "string"},
        "bool": {"type": "boolean"},
        "int32": {"type": "integer"},
        "int64": {"type": "integer"},
        "double": {"type": "number"},
        "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    }.get(field.type, {"type": "object", "title": field.type})
    if field.repeated:
        return {"type": "array", "items": one, "description": field.text}
    return {**one, "description": field.text}
