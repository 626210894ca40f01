"""The hour as a sensor at the gate hears it: a capture file of probe requests.

Phones are those of the simulated area (services/visitor_sense/sensor/generator), one frame of them
at each minute of theirs.
"""

from collections.abc import Iterable
from pathlib import Path

from demo.visitors import Party
from services.visitor_sense.sensor.generator.generate import Heard, write_frames
from services.visitor_sense.sensor.generator.phones import CHANNELS, Sent, elements_of


def write_capture(path: Path, parties: Iterable[Party], start_s: float) -> int:
    """Writes the frames of all phones in order of time and returns how many.

    start_s: seconds since 1970 of minute 0.
    """
    heard = sorted(
        (
            Heard(
                Sent(
                    round(minute * 60_000), CHANNELS[phone.model % len(CHANNELS)], phone.address,
                    number * 7 % 4096, elements_of(phone.model),
                ),
                -40 - 5 * (phone.model % 8),
                device=0,
            )
            for party in parties
            for phone in party.phones
            for number, minute in enumerate(phone.minutes)
        ),
        key=lambda one: (one.sent.time_ms, one.sent.address),
    )  # fmt: skip
    return write_frames(path, heard, round(start_s * 1_000))
