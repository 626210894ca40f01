"""The other side of apart.py: the program that answers about one file and ends."""

import sys
from collections.abc import Callable

import msgspec

from kit.bounded import keep_within


def answer_one(answer: Callable[[bytes], object]) -> None:
    """Answers for what stands on standard input, as MessagePack on standard output.

    The arguments are the bounds that kit/child.py gives: bytes of memory, seconds of computing.
    """
    memory_bytes, cpu_s = map(int, sys.argv[1:])
    keep_within(memory_bytes, cpu_s)
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer(sys.stdin.buffer.read())))
