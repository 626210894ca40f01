"""`./meguri simulate`: the payment protocol under a clock and a network made from one integer."""

import argparse
import json
import sys
from typing import Any


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `simulate`."""
    parser = subcommands.add_parser(
        "simulate", help="play the payment protocol thousands of times, each from one integer"
    )
    add = parser.add_argument
    add("--seeds", type=_count, default=1000, metavar="N", help="so many seeds (default: 1000)")
    add("--seed", type=int, metavar="N", help="this seed alone")
    add("--first", type=int, default=1, metavar="N", help="the first of the seeds (default: 1)")
    add("--minutes", type=float, default=0.0, metavar="M", help="seed after seed for so long")
    add("--scenario", default="", metavar="NAME", help="only this one (default: by the seed)")
    add("--mistake", default="", metavar="NAME",
        help="with this mistake planted; all: each in turn, how many seeds it needs")  # fmt: skip
    add("--trace", action="store_true", help="with --seed: tell what happened, step by step")
    add(
        "--lines",
        action="store_true",
        help="also which lines no seed reached; slow",
    )
    add("--processes", type=_processes, default=0, metavar="N",
        help="so many at once (default: one for each core)")  # fmt: skip
    add("--list", action="store_true", help="show scenarios and mistakes")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Plays seeds. Returns 0 when every rule held in all of them; with a mistake, when it was
    found."""
    from simulation import report  # noqa: PLC0415 - needs the stubs
    from simulation.mistakes import MISTAKES  # noqa: PLC0415 - as above
    from simulation.scenarios import SCENARIOS  # noqa: PLC0415 - as above

    known = {"scenario": set(SCENARIOS), "mistake": {*MISTAKES, "all"}}
    for name, names in known.items():
        given = getattr(arguments, name)
        if given and given not in names:
            print(f"meguri simulate: there is no {name} {given} (see --list)", file=sys.stderr)
            return 2
    if arguments.list:
        found = {name: scenario.says for name, scenario in SCENARIOS.items()}
        found |= {name: mistake.says for name, mistake in MISTAKES.items()}
        _print(arguments, found, [f"{name:<26}{says}" for name, says in found.items()])
        return 0
    if arguments.seed is not None:
        answer = report.one(
            arguments.seed, arguments.scenario, arguments.mistake, traced=arguments.trace
        )
        _print(arguments, answer, report.told_of_one(answer))
        return 0 if bool(answer["problems"]) == bool(arguments.mistake) else 1
    if arguments.mistake == "all":
        rows = report.mistakes(arguments.seeds, tell=_tell)
        _print(arguments, rows, report.told_of_mistakes(rows))
        return 0 if all(each["seed"] for each in rows) else 1
    answer = report.many(
        report.Wanted(
            first=arguments.first, count=arguments.seeds, minutes=arguments.minutes,
            scenario=arguments.scenario, mistake=arguments.mistake, lines=arguments.lines,
        ),
        processes=arguments.processes, tell=_tell,
    )  # fmt: skip
    _print(arguments, answer, report.told_of_many(answer))
    return 0 if bool(answer["failed"]) == bool(arguments.mistake) else 1


def _print(arguments: argparse.Namespace, found: Any, lines: list[str]) -> None:
    print(json.dumps(found, ensure_ascii=False, indent=2) if arguments.json else "\n".join(lines))


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= 10_000_000:
        raise argparse.ArgumentTypeError("give 1 to 10000000")
    return int(text)


def _processes(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError("give 1 to 256")
    return int(text)
