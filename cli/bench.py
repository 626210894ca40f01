"""`./meguri bench NAME`: figures as ratios to a peer or limit measured in the same run."""

import argparse
import importlib
import json
import signal
import sys
from collections.abc import Callable
from typing import Any

BENCHES = {
    "guide": "bench.guide.run",
    "pages": "bench.pages.run",
    "paint": "bench.paint.run",
    "payments": "bench.payments.run",
}
ROUNDS, SECONDS = 6, 4


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `bench`."""
    parser = subcommands.add_parser("bench", help="measure against a peer in the same run")
    parser.add_argument(
        "name", metavar="NAME", choices=BENCHES, help=f"one of: {', '.join(BENCHES)}"
    )
    parser.add_argument("--rounds", type=_number(1, 50), default=ROUNDS, metavar="N",
                        help=f"how often each is measured (default: {ROUNDS})")  # fmt: skip
    parser.add_argument("--seconds", type=_number(1, 600), default=SECONDS, metavar="S",
                        help=f"of each measurement (default: {SECONDS})")  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Runs one benchmark on servers of its own and shows what it found."""
    # Whoever ends it ends its servers too: they are taken down on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    module: Any = importlib.import_module(BENCHES[arguments.name])
    answer = module.run(arguments.rounds, arguments.seconds, _tell)
    if arguments.json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        return 0
    for name, value in answer["ratios"].items():
        print(f"{name:<36}{value:>10}   {answer['limits'].get(name, '')}")
    for name, value in answer["figures"].items():
        print(f"  {name:<34}{value:>10,}")
    for name, text in answer["sides"].items():
        print(f"  {name}: {text}")
    print(f"  {answer['runs']} rounds; {answer['machine']}")
    return 0


def _tell(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


def _number(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"give a number from {least} to {most}")
        return value

    return number
