"""The hashing child: the only program that sees addresses which others deliver, for one day.

`python -m services.visitor_sense.sensor.relay` reads from its input the day key, the seconds it may
live, then bodies as they were posted; it answers each with hashes and times. It is started by the
service under a day key and ends at midnight with all that it saw. It logs nothing, and whatever
goes wrong with a body becomes one word.

Format of bodies: Meraki Scanning API, version 3 (developer.cisco.com/meraki/scanning-api).
"""

import json
import signal
import struct
import sys
from datetime import UTC, datetime
from typing import Any, BinaryIO

from services.visitor_sense.domain.errors import AddressMalformed
from services.visitor_sense.domain.optout import read_hardware_address
from services.visitor_sense.domain.pseudonym import KEY_BYTES, pseudonym
from services.visitor_sense.domain.sealing import secret_tag
from services.visitor_sense.sensor.frames import kept_signal

LENGTH = struct.Struct("<I")
TAG_KEY_BYTES = 32
MOST_BODY_BYTES = 2 * 1024 * 1024
MOST_OBSERVATIONS = 10_000
VERSION, WIFI = "3.0", "WiFi"


class NotUnderstood(Exception):
    """The body is not what the interface promises. Carries nothing of it on purpose."""


def reduce(key: bytes, tag_key: bytes, body: bytes) -> dict[str, Any]:
    """Returns the hashes and times of a body, with the tag of its secret.

    Keys: tag, times_ms, pseudonyms, rssi_dbm, randomized; columns of equal length. What is not of
    Wi-Fi has none. Errors: NotUnderstood.
    """
    try:
        message = json.loads(body)
        if message["version"] != VERSION:
            raise NotUnderstood
        tag = secret_tag(tag_key, str(message["secret"])).hex()
        seen = message["data"]["observations"] if message["type"] == WIFI else []
        if not isinstance(seen, list) or len(seen) > MOST_OBSERVATIONS:
            raise NotUnderstood
        columns: dict[str, list[Any]] = {
            "times_ms": [], "pseudonyms": [], "rssi_dbm": [], "randomized": [],
        }  # fmt: skip
        for one in seen:
            _add(columns, key, one)
    except (
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        OverflowError,
        RecursionError,
        AddressMalformed,
    ):
        raise NotUnderstood from None
    return {"tag": tag, **columns}


def _add(columns: dict[str, list[Any]], key: bytes, one: dict[str, Any]) -> None:
    address = read_hardware_address(one["clientMac"])
    latest = one["latestRecord"]
    moment = datetime.fromisoformat(latest["time"])
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    signal_dbm = int(latest.get("nearestApRssi") or 0)
    columns["times_ms"].append(int(moment.timestamp() * 1000))
    columns["pseudonyms"].append(pseudonym(key, address))
    columns["rssi_dbm"].append(kept_signal(signal_dbm))
    columns["randomized"].append(bool(address[0] & 0x02))


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answers bodies until the input ends."""
    key = _take(source, KEY_BYTES)
    (seconds,) = LENGTH.unpack(_take(source, LENGTH.size))
    signal.alarm(max(1, seconds))  # ends the process, whatever it is doing
    while head := source.read(LENGTH.size):
        (size,) = LENGTH.unpack(head)
        tag_key = _take(source, TAG_KEY_BYTES)
        try:
            answer = reduce(key, tag_key, _take(source, size))
        except NotUnderstood:
            answer = {"refusal": "BODY_MALFORMED"}
        said = json.dumps(answer).encode()
        sink.write(LENGTH.pack(len(said)) + said)
        sink.flush()


def _take(source: BinaryIO, size: int) -> bytes:
    data = source.read(size)
    if len(data) != size:
        raise EOFError("the service is gone")
    return data


def main() -> int:
    """Serves its input. Never shows why it ended: a trace could show a part of a body."""
    try:
        serve(sys.stdin.buffer, sys.stdout.buffer)
    except BaseException:  # noqa: BLE001 - see above
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
