"""`./meguri chaos`: real faults under real load, judged by the history check."""

import argparse
import json
import signal
import sys
from fnmatch import fnmatchcase
from typing import Any


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `chaos`."""
    parser = subcommands.add_parser(
        "chaos", help="break parts under load and check that nothing is lost or doubled"
    )
    add = parser.add_argument
    add("--scenario", metavar="NAME", action="append", default=[],
        help="only these, * for any letters; again and again (default: all)")  # fmt: skip
    add("--seed", type=int, default=1, metavar="N",
        help="decides sales, faults and times (default: 1)")  # fmt: skip
    add("--full", action="store_true", help="16 clients, 20,000 payments, 5 seeds each: hours")
    add("--payments", type=_count, default=0, metavar="N", help="so many in each scenario instead")
    add("--clients", type=_clients, default=0, metavar="N",
        help="so many at once (default: 8, full: 16)")  # fmt: skip
    add("--list", action="store_true", help="show the scenarios")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Plays the scenarios on platforms of their own. Returns 0 when all pass."""
    from chaos.run import run as play  # noqa: PLC0415 - needs the stubs
    from chaos.scenarios import SCENARIOS  # noqa: PLC0415 - as above

    if arguments.list:
        found = {name: scenario.says for name, scenario in SCENARIOS.items()}
        lines = [f"{name:<26}{says}" for name, says in found.items()]
        print(json.dumps(found) if arguments.json else "\n".join(lines))
        return 0
    chosen: list[str] = []
    for wanted in arguments.scenario or ["*"]:
        found_names = [name for name in SCENARIOS if fnmatchcase(name, wanted)]
        if not found_names:
            print(f"meguri chaos: there is no scenario {wanted} (see --list)", file=sys.stderr)
            return 2
        chosen += [name for name in found_names if name not in chosen]
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leave no platform behind
    answer = play(
        chosen, seed=arguments.seed, full=arguments.full, payments=arguments.payments,
        clients=arguments.clients, tell=_tell,
    )  # fmt: skip
    if arguments.json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        print("\n".join(_table(answer["scenarios"])))
    return 0 if answer["passed"] else 1


COLUMNS = (("acknowledged", "told"), ("lost", "lost"), ("doubled", "doubled"),
           ("recovery_s", "recovery"), ("unknown_max_s", "unknown"), ("p99_s", "p99"),
           ("payments_per_s", "per s"), ("took_s", "took s"))  # fmt: skip


def _table(results: "list[dict[str, Any]]") -> list[str]:
    """One line a scenario; times in seconds, the longest of each kind."""
    lines = [f"{'':<26}{'seed':>5} {'':<9}" + "".join(f"{head:>10}" for _, head in COLUMNS)]
    for each in results:
        mark = "left out" if "left_out" in each else "passed" if each["passed"] else "FAILED"
        cells = "".join(f"{each.get(name, '-'):>10}" for name, _ in COLUMNS)
        lines.append(f"{each['name']:<26}{each['seed']:>5} {mark:<9}{cells}")
    return lines


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 20 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError("give 20 to 1000000")
    return int(text)


def _clients(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 2 <= int(text) <= 64:
        raise argparse.ArgumentTypeError("give 2 to 64")
    return int(text)
