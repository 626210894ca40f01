"""The registry of events, read from its sources: the contracts and the hearings in the code.

A contract's comments are no part of the compiled descriptors, so the .proto files themselves are
read. A message of *_events.proto that no other message there uses as a field is an event.
"""

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_MESSAGE = re.compile(r"message (\w+) \{")
_FIELD = re.compile(r"(repeated |optional )?([\w.]+(?:<[\w., ]+>)?) (\w+) = (\d+);")


@dataclass(frozen=True)
class Field:
    """One field of an event. type: as in the contract; repeated: a list of it."""

    name: str
    type: str
    repeated: bool
    text: str


@dataclass(frozen=True)
class Event:
    """One kind of event. heard_by: services and "edge", by name."""

    service: str
    name: str
    message: str
    text: str
    fields: tuple[Field, ...]
    heard_by: tuple[str, ...]

    @property
    def subject(self) -> str:
        """The NATS subject, with the area left open."""
        return f"meguri.{{area}}.{self.service}.v1.{self.name}"


@lru_cache(maxsize=1)
def events() -> tuple[Event, ...]:
    """Returns all events, by service and in the order of its contract."""
    listeners = hearings()
    found = []
    for path in sorted((ROOT / "proto/meguri").glob("*/v1/*_events.proto")):
        service = path.parent.parent.name
        messages = _messages(path.read_text(encoding="utf-8"))
        parts = {field.type for _, _, fields in messages for field in fields}
        for name, text, fields in messages:
            if name not in parts:
                event = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
                heard = tuple(sorted(listeners.get((service, event), ())))
                found.append(Event(service, event, name, text, tuple(fields), heard))
    return tuple(found)


# How services write down that they hear an event: the last is insights' way for facts.
HEARD = {"Hearing", "counted"}


def _messages(proto: str) -> list[tuple[str, str, list[Field]]]:
    found: list[tuple[str, str, list[Field]]] = []
    comment: list[str] = []
    fields: list[Field] = []
    for line in (raw.strip() for raw in proto.splitlines()):
        if line.startswith("//"):
            comment.append(line[2:].strip())
            continue
        message, field = _MESSAGE.match(line), _FIELD.match(line)
        if message:
            fields = []
            found.append((message.group(1), " ".join(comment), fields))
        elif field:
            many, kind, name, _number = field.groups()
            fields.append(Field(name, kind, many == "repeated ", " ".join(comment)))
        comment = []
    return found


def hearings() -> dict[tuple[str, str], set[str]]:
    """Returns (service that says, event) -> who hears it, read from the code of the listeners."""
    found: dict[tuple[str, str], set[str]] = {}
    for path in sorted((ROOT / "services").rglob("*.py")):
        listener = path.relative_to(ROOT / "services").parts[0]
        text = path.read_text(encoding="utf-8")
        if "Hearing(" in text and listener != "edge":
            for pair in _hearing_calls(ast.parse(text)):
                found.setdefault(pair, set()).add(listener)
    edge = ROOT / "services/edge/freshness.py"
    watched = _dict_keys(ast.parse(edge.read_text(encoding="utf-8"))) if edge.exists() else set()
    for service, event in _contract_events():
        if event in watched:
            found.setdefault((service, event), set()).add("edge")
    return found


def _hearing_calls(tree: ast.AST) -> list[tuple[str, str]]:
    return [
        (str(node.args[0].value), str(node.args[1].value))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in HEARD
        and len(node.args) > 1
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[1], ast.Constant)
    ]


def _dict_keys(tree: ast.AST) -> set[str]:
    return {
        str(key.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    }


def _contract_events() -> list[tuple[str, str]]:
    return [
        (path.parent.parent.name, re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower())
        for path in sorted((ROOT / "proto/meguri").glob("*/v1/*_events.proto"))
        for name in _MESSAGE.findall(path.read_text(encoding="utf-8"))
    ]
