"""The program of a worker process: searches days, one at a time, as long as its input is open.

It says when it is ready, then answers frames (`frames.py`). It imports the domain, and `shared.py`
for tables that workers share.

With ORIENTEERING_COMPILED=1 it takes the compiled search: a second to load and 150 MB, and half a
minute of compiling where the machine code is not kept yet. Without, it starts in a fifth of a
second, and what it finds in far fewer iterations counts as stopped early.
"""

import sys
import time
from dataclasses import replace
from typing import BinaryIO

import msgspec

from kit import garbage
from services.itinerary.domain import search
from services.itinerary.domain.day_search import run
from services.itinerary.domain.deal_search import deal
from services.itinerary.domain.job import Job, Outcome
from services.itinerary.domain.orienteering.compiled import COMPILED
from services.itinerary.domain.problem import Candidate, Problem
from services.itinerary.gateways import shared
from services.itinerary.gateways.frames import FRAME, Ask, Reply


def answer(ask: Ask) -> Reply:
    """Searches until done or until the time is over."""
    ends = time.monotonic() + ask.limit_s
    try:
        return _found(ask, lambda: time.monotonic() > ends)
    except Exception as error:  # noqa: BLE001 - told to the caller, which logs it and answers
        return Reply(None, f"{type(error).__name__}: {error}")


def _found(ask: Ask, should_stop: search.ShouldStop) -> Reply:
    if ask.table is not None:
        shared.write(ask.table)
        return Reply(None)
    if ask.deal is not None:
        days = tuple(shared.with_table(job) if job else None for job in ask.deal.days)
        dealt = deal(replace(ask.deal, days=days), should_stop)
        return Reply(None, dealt=dealt if COMPILED else replace(dealt, stopped_early=True))
    if ask.job is None:
        raise ValueError("nothing was asked")
    outcome = run(shared.with_table(ask.job), should_stop)
    return Reply(outcome if COMPILED else _not_the_last_word(ask.job, outcome))


def _not_the_last_word(job: Job, outcome: Outcome) -> Outcome:
    if outcome.solution.proven_best or job.keep:
        return outcome
    return replace(outcome, solution=replace(outcome.solution, stopped_early=True))


def warm_up() -> None:
    """Compiles or loads every inner loop by a search that uses them."""
    candidates = tuple(Candidate(9 + n, 30, ((540, 900),), group="g" * (n < 2)) for n in range(9))
    travel = tuple(tuple(5 * abs(one - other) for one in range(11)) for other in range(11))
    search.solve(Problem(candidates, travel, 540, 1020), iterations=300)


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Says that it is ready and answers frames until the source ends."""
    decoder, encoder = msgspec.msgpack.Decoder(Ask), msgspec.msgpack.Encoder()
    _write(sink, encoder.encode(Reply(None)))
    while header := source.read(FRAME.size):
        (size,) = FRAME.unpack(header)
        _write(sink, encoder.encode(answer(decoder.decode(source.read(size)))))


def _write(sink: BinaryIO, body: bytes) -> None:
    sink.write(FRAME.pack(len(body)) + body)
    sink.flush()


if __name__ == "__main__":
    if COMPILED:
        warm_up()
    # The compiler leaves a million objects behind: to look through them all for garbage would hold
    # a plan up for half a second.
    garbage.keep_what_is_here()
    serve(sys.stdin.buffer, sys.stdout.buffer)
