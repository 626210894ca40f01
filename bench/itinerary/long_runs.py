"""Finds the best values of the made-up requests by long runs and keeps them: `references.json`.

    PYTHONPATH=.:gen .venv/bin/python -m bench.itinerary.long_runs --seconds 60 --seeds 101

What is kept is never lost by a later run: for each request the better value stays.
"""

import argparse
import json
import sys
from typing import Any

from bench.itinerary import programs, requests
from bench.itinerary.run import REFERENCES


def main() -> int:
    """Searches every request and writes the file after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[101])
    parser.add_argument("--begin", type=int, default=0)
    parser.add_argument("--end", type=int, default=requests.COUNT)
    given = parser.parse_args()
    with programs.own("bench.itinerary.own") as program:
        for number in range(given.begin, given.end):
            asked = {"number": number, "seconds": given.seconds, "seeds": given.seeds}
            answer = program.ask(asked)
            if answer["faults"]:
                raise RuntimeError(f"request {number}: {answer['faults']}")
            keep(number, answer["missing"], answer["value"], f"{given.seconds:g} s {given.seeds}")
            sys.stderr.write(f"{number}: {answer['value']}\n")
    return 0


def keep(number: int, missing: int, value: int, how: str) -> None:
    """Keeps a value if it is better than what is known, and notes the run."""
    kept: dict[str, list[Any]] = {"best": [], "runs": []}
    if REFERENCES.is_file():
        kept = json.loads(REFERENCES.read_text())
    best, runs = kept["best"], kept["runs"]
    while len(best) <= number:
        best.append([99, 0])
    best[number] = max(best[number], [missing, value], key=lambda one: (-one[0], one[1]))
    if how not in runs:
        runs.append(how)
    REFERENCES.write_text(json.dumps(kept) + "\n")


if __name__ == "__main__":
    sys.exit(main())
