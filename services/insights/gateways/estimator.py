"""Effects in a process of its own: the libraries take a second and 150 MB, once a day.

Run as a program it reads a list of questions and writes a list of answers, as `ask` sends and reads
them. Dates are ISO 8601.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import msgspec

from kit.bounded import keep_within
from kit.child import Bounds, ChildEnded, ask_once
from services.insights.domain.effect import Effect

BOUNDS = Bounds(memory_bytes=6 * 1024**3, cpu_s=300, wait_s=300.0)


class EstimatorDown(Exception):
    """Nothing could be reckoned now; it is tried again."""


@dataclass(frozen=True)
class Question:
    """What effect_model.effect is asked. rain: of each day, where it is known of enough of them."""

    series: Mapping[date, float]
    done: date
    until: date
    comparison: Mapping[date, float] | None = None
    touched: Sequence[date] = field(default_factory=tuple)
    rain: Mapping[date, float] | None = None


async def ask(questions: Sequence[Question]) -> list[Effect]:
    """Returns the effect of each question, in order. Errors: EstimatorDown."""
    try:
        answer = await ask_once(__name__, msgspec.json.encode(questions), BOUNDS)
        found = msgspec.json.decode(answer, type=list[Effect])
    except (ChildEnded, TimeoutError, OSError, msgspec.MsgspecError) as error:
        raise EstimatorDown(type(error).__name__) from error
    if len(found) != len(questions):
        raise EstimatorDown("answers are missing")
    return found


def answers(questions: Sequence[Question]) -> list[Effect]:
    """Returns the effect of each question, in order."""
    from services.insights.domain.effect_model import effect  # noqa: PLC0415 - the bounds first

    return [
        effect(
            one.series, one.done, one.until, one.comparison or None,
            {"rain": one.rain} if one.rain else None, one.touched,
        )
        for one in questions
    ]  # fmt: skip


def main() -> None:
    """Answers one list of questions."""
    # Threads of BLAS would take all cores for matrices that are small.
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
    keep_within(int(sys.argv[1]), int(sys.argv[2]))
    questions = msgspec.json.decode(sys.stdin.buffer.read(), type=list[Question])
    sys.stdout.write(json.dumps(msgspec.to_builtins(answers(questions))))


if __name__ == "__main__":
    main()
