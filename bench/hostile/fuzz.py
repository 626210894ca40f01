"""`python -m bench.hostile.fuzz WAY TARGET SECONDS SEED FOLDER`: one reader, inputs for so long.

guided, with atheris: branches that were never taken guide the search, and what led to them is left
in the folder. by-chance: good inputs, and those of the folder, are damaged at random. Every second
a line of JSON says how many inputs there were and how much memory is in use. Ends with another exit
code than 0 at a finding.
"""

import importlib
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

REPORT_S = 1.0
LONGEST_INPUT_S = 5
LONGEST_INPUT = 8_192
MOST_MEMORY_MB = 3_072


def memory_mb() -> float:
    """Returns the memory this process has in use; nan where the system does not say."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    [line] = [line for line in status.read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def damaged(seeds: Sequence[bytes], chance: random.Random) -> bytes:
    """Returns a good input with some bytes changed, cut, doubled or put in."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(5):
            case 0:
                data[at : at + 1] = bytes([chance.choice((0, 1, 0x7F, 0x80, 0xFF))])
            case 1:
                data[at : at + 1] = chance.randbytes(1)
            case 2:
                del data[at : at + chance.randint(1, 16)]
            case 3:
                data[at:at] = data[: chance.randint(0, 64)]
            case _:
                data[at:at] = chance.randbytes(chance.randint(1, 16))
    return bytes(data[:LONGEST_INPUT])


class Counted:
    """A reader whose inputs are counted and reported."""

    def __init__(self, read: Callable[[bytes], None], tell: Callable[[str], None]) -> None:
        self._read, self._tell = read, tell
        self.inputs, self._next_s = 0, time.monotonic()

    def __call__(self, data: bytes) -> None:
        """Reads one input."""
        self._read(data)
        self.inputs += 1
        if self.inputs % 256 == 0 and time.monotonic() >= self._next_s:
            self._next_s = time.monotonic() + REPORT_S
            self._tell(json.dumps({"inputs": self.inputs, "memory_mb": memory_mb()}))


def by_chance(target: Any, seconds: float, seed: int, tell: Callable[[str], None]) -> int:
    """Damages good inputs at random for so long; returns how many. Errors: any finding."""
    counted, chance = Counted(target.read, tell), random.Random(seed)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        counted(damaged(target.seeds, chance))
    return counted.inputs


def guided(target: str, seconds: int, seed: int, folder: Path, atheris: Any) -> None:
    """Searches by branches and leaves in a folder what led to new ones; libFuzzer ends the process.

    What atheris writes down of comparisons grows with the time: memory is judged in by_chance().
    """
    from bench.hostile.targets import TARGETS  # noqa: PLC0415 - seeds have to be made first

    plain = TARGETS[target]()
    for name in plain.modules:
        sys.modules.pop(name, None)
    with atheris.instrument_imports(include=list(plain.modules)):
        for name in plain.modules:
            importlib.import_module(name)
    again = importlib.reload(sys.modules["bench.hostile.targets"]).TARGETS[target]()
    counted = Counted(again.read, lambda line: print(line, flush=True))  # noqa: T201 - its report
    for number, data in enumerate(plain.seeds):
        (folder / f"seed-{number}").write_bytes(data)
    options = [
        f"-max_total_time={seconds}", f"-timeout={LONGEST_INPUT_S}", f"-seed={seed}",
        f"-rss_limit_mb={MOST_MEMORY_MB}", f"-max_len={LONGEST_INPUT}",
        f"-artifact_prefix={folder}/", "-print_final_stats=0", "-verbosity=0",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(folder)], counted)
    atheris.Fuzz()


def main(arguments: Sequence[str]) -> int:
    """Runs until the time is over or something is found. WAY is guided or by-chance."""
    way, target, seconds, seed = arguments[0], arguments[1], int(arguments[2]), int(arguments[3])
    folder = Path(arguments[4])
    if way == "guided":
        guided(target, seconds, seed, folder, importlib.import_module("atheris"))
        return 0
    from bench.hostile.targets import TARGETS  # noqa: PLC0415 - as in guided()

    plain = TARGETS[target]()
    found = [path.read_bytes() for path in sorted(folder.iterdir())]
    more = replace(plain, seeds=[*plain.seeds, *(data for data in found if data)])
    by_chance(more, seconds, seed, lambda line: print(line, flush=True))  # noqa: T201 - its report
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
