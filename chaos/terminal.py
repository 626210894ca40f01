"""An offline terminal: uploads the sales it stored, in order, and may lose power at any time.

Run as: python -m chaos.terminal with one JSON order on stdin. It is a process of its own so that
it can be killed with -9. After a restart it sends again everything it has no acknowledgement of,
and the last few it has one of: a terminal that was cut off cannot be sure of them.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path

import msgspec

from chaos import logs
from chaos.client import Client
from chaos.doors import HttpDoor, Question
from chaos.logs import Log
from chaos.register import Register

AGAIN = 5


class Order(msgspec.Struct):
    """Where to upload what. stored: file of the sales; clock_error_s: of the terminal."""

    url: str
    device_id: str
    key_file: str
    stored: str
    intents: str
    acks: str
    scenario: str
    clock_error_s: float = 0.0


def drain(order: Order) -> int:
    """Uploads what is left. Returns how many sales it sent."""
    register = Register(order.url, order.device_id, Path(order.key_file))
    register.clock_error = timedelta(seconds=order.clock_error_s)
    known = {each["key"] for each in logs.read(Path(order.acks))}
    stored = logs.read(Path(order.stored))
    kept = [each for each in stored if each["key"] in known]
    waiting = [each for each in stored if each["key"] not in known]
    intents, acks = Log(Path(order.intents)), Log(Path(order.acks))
    client = Client(HttpDoor(register), intents, acks, order.scenario)
    for each in [*kept[-AGAIN:], *waiting]:
        question = Question("take", each["key"], each["tender"], each["amount_yen"])
        client.settle(question, persist=False)
    return len(kept[-AGAIN:]) + len(waiting)


if __name__ == "__main__":
    given = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    sys.stdout.write(json.dumps({"sent": drain(given)}))
