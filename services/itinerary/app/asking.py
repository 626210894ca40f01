"""Rules that ask and are answered: they say what they want to know, and go on with the answer."""

from collections.abc import Awaitable, Callable, Generator
from typing import TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")
Result = TypeVar("Result")


async def answered(
    asking: Generator[Question, Answer, Result], answer: Callable[[Question], Awaitable[Answer]]
) -> Result:
    """Answers all that a generator asks, one after the other; returns what it makes of that."""
    try:
        question = next(asking)
        while True:
            question = asking.send(await answer(question))
    except StopIteration as made:
        result: Result = made.value
        return result
