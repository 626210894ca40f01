"""Asking a program of ours about strangers' files: a few at a time, each in a process of its own.

A file went through other hands. Whatever it holds, the service goes on, and the memory it took is
the system's again (decision 0039). What waits is bounded too: each holds its file in memory.
"""

import asyncio
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import msgspec

from kit import child, log
from kit.pure.errors import Refusal


class Answers(Protocol):
    """What such a program answers. broke: the name of a failure of ours, "" for none."""

    broke: str


Reply = TypeVar("Reply", bound=Answers)


@dataclass(frozen=True)
class Line:
    """Who may wait before the door, and what is said to whom. most: those at work too.

    busy: raised with `full` where more would wait, with `late` where there was no time. tries: how
    often a process is begun that does not start.
    """

    busy: type[Refusal]
    full: str
    late: str
    most: int
    at_once: int = 1
    tries: int = 1


class FileBroke(child.ChildEnded):
    """The program failed at a file, and lived to say so."""


class Apart(Generic[Reply]):
    """A door to one program (kit/child.py) for one process of a service."""

    def __init__(self, module: str, reply: type[Reply], bounds: child.Bounds, line: Line) -> None:
        self._module, self._bounds, self._line = module, bounds, line
        self._decoder = msgspec.msgpack.Decoder(reply)
        self._free = asyncio.Semaphore(line.at_once)
        self._waiting = 0
        self._log = log.get("apart")

    async def ask(self, body: bytes) -> Reply:
        """Returns the program's answer. Whoever gives up ends the process that works for him.

        Errors: the line's `busy`; child.ChildEnded where the file broke the program, FileBroke
        where that told so itself.
        """
        if self._waiting >= self._line.most:
            raise self._line.busy(self._line.full)
        self._waiting += 1
        try:
            async with self._free:
                found = await self._begin(body)
            # A hundred thousand rows take a while: others are answered meanwhile.
            reply = await asyncio.to_thread(self._decoder.decode, found)
            if reply.broke:
                raise FileBroke(reply.broke)
        except child.ChildEnded as error:
            self._log.error("a file broke its program", module=self._module, error=str(error))
            raise
        except (TimeoutError, OSError) as error:
            self._log.warning("no answer in time", module=self._module, error=repr(error))
            raise self._line.busy(self._line.late) from error
        finally:
            self._waiting -= 1
        return reply

    async def _begin(self, body: bytes) -> bytes:
        for _ in range(self._line.tries - 1):
            try:
                return await child.ask_once(self._module, body, self._bounds)
            except TimeoutError:
                raise
            except OSError as error:
                self._log.warning("no process", module=self._module, error=repr(error))
        return await child.ask_once(self._module, body, self._bounds)
