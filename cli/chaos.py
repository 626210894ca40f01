"""`./meguri chaos`: real faults under real load, judged by the history check."""

import argparse
import json
import signal
import sys


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `chaos`."""
    parser = subcommands.add_parser(
        "chaos", help="break parts under load and check that nothing is lost or doubled"
    )
    add = parser.add_argument
    add("--scenario", metavar="NAME", action="append", default=[],
        help="only this one; may be given several times (default: all)")  # fmt: skip
    add("--seed", type=int, default=1, metavar="N",
        help="decides sales, faults and times (default: 1)")  # fmt: skip
    add("--full", action="store_true", help="16 clients, 20,000 payments, 5 seeds each: hours")
    add("--payments", type=_count, default=0, metavar="N", help="so many in each scenario instead")
    add("--list", action="store_true", help="show the scenarios")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Plays the scenarios on platforms of their own. Returns 0 when all pass."""
    from chaos.run import run as play  # noqa: PLC0415 - needs the stubs
    from chaos.scenarios import SCENARIOS  # noqa: PLC0415

    if arguments.list:
        found = {name: scenario.says for name, scenario in SCENARIOS.items()}
        lines = [f"{name:<26}{says}" for name, says in found.items()]
        print(json.dumps(found) if arguments.json else "\n".join(lines))
        return 0
    unknown = [name for name in arguments.scenario if name not in SCENARIOS]
    if unknown:
        print(f"meguri chaos: there is no scenario {unknown[0]} (see --list)", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leave no platform behind
    answer = play(
        arguments.scenario or list(SCENARIOS), seed=arguments.seed, full=arguments.full,
        payments=arguments.payments, tell=_tell,
    )  # fmt: skip
    if arguments.json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        for each in answer["scenarios"]:
            mark = "left out" if "left_out" in each else "passed" if each["passed"] else "FAILED"
            print(f"{each['name']:<26}{mark:<10}{each['acknowledged']:>7} acknowledged,"
                  f" {each['lost']} lost, {each['doubled']} doubled,"
                  f" recovery {each['recovery_s']} s")  # fmt: skip
    return 0 if answer["passed"] else 1


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 20 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError("give 20 to 1000000")
    return int(text)
