"""The program of a worker process: searches days, one at a time, as long as its input is open.

Frames both ways: four bytes of length, then MessagePack. It imports the domain and nothing else, so
it starts in a tenth of a second and holds 30 MB.
"""

import struct
import sys
import time
from typing import BinaryIO

import msgspec

from services.itinerary.domain.day_search import Job, Outcome, run

FRAME = struct.Struct(">I")
MAX_FRAME_BYTES = 16 * 1024 * 1024


class Ask(msgspec.Struct):
    """A job, with the seconds the search may take at most."""

    job: Job
    limit_s: float


class Reply(msgspec.Struct):
    """What was found; error: the text of a failure, "" for none."""

    outcome: Outcome | None
    error: str = ""


def answer(ask: Ask) -> Reply:
    """Searches until done or until the time is over."""
    ends = time.monotonic() + ask.limit_s
    try:
        return Reply(run(ask.job, lambda: time.monotonic() > ends))
    except Exception as error:  # noqa: BLE001 - told to the caller, which logs it and answers
        return Reply(None, f"{type(error).__name__}: {error}")


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answers frames until the source ends."""
    decoder, encoder = msgspec.msgpack.Decoder(Ask), msgspec.msgpack.Encoder()
    while header := source.read(FRAME.size):
        (size,) = FRAME.unpack(header)
        body = encoder.encode(answer(decoder.decode(source.read(size))))
        sink.write(FRAME.pack(len(body)) + body)
        sink.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
