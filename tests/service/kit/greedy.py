"""A program that does what it is told, for tests of kit/child.py: takes memory, computes, waits."""

import os
import sys
import time

from kit.bounded import keep_within


def main() -> None:
    """Does what stands in its input; writes what it has to say."""
    memory_bytes, cpu_s = map(int, sys.argv[1:])
    keep_within(memory_bytes, cpu_s)
    match sys.stdin.buffer.read().decode():
        case "memory":
            sys.stdout.write(str(len(bytearray(2 * memory_bytes))))
        case "compute":
            while True:
                pass
        case "wait":
            time.sleep(60)
        case "environment":
            sys.stdout.write(str(" ".join(sorted(os.environ))))
        case "nice":
            sys.stdout.write(str(os.nice(0)))
        case text:
            sys.stdout.write(str(text))


if __name__ == "__main__":
    main()
