"""`./meguri chaos`: real faults under real load, judged by the history check."""

import argparse
import contextlib
import json
import signal
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

SEEDS_MOST = 1_000
FAULTS_FULL_PAYMENTS = 3_000  # of each scenario: F1-F15 in full within four hours


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `chaos`."""
    parser = subcommands.add_parser(
        "chaos", help="break parts under load and check that nothing is lost or doubled"
    )
    add = parser.add_argument
    add("--scenario", metavar="NAME", action="append", default=[],
        help="only these, * for any letters; again and again (default: all)")  # fmt: skip
    add("--faults", metavar="F1,F6", nargs="?", const="", default=None,
        help="F1 to F15, or those named, one scenario each, and a table of them")  # fmt: skip
    add("--soak", metavar="MINUTES", type=_minutes, default=0.0,
        help="ordinary work for so long: what grows?")  # fmt: skip
    add(
        "--report",
        metavar="FOLDER",
        type=Path,
        help="add what was found to chaos.md and chaos.json there",
    )
    add("--seed", type=int, default=1, metavar="N",
        help="decides sales, faults and times (default: 1)")  # fmt: skip
    add("--seeds", type=_seeds, default=0, metavar="N",
        help="so many seeds of each scenario (default: 1, full: 5)")  # fmt: skip
    add(
        "--full",
        action="store_true",
        help="16 clients, 20,000 payments, 5 seeds each: hours; with --faults one seed, within 4 h",
    )
    add("--payments", type=_count, default=0, metavar="N", help="so many in each scenario instead")
    add("--clients", type=_clients, default=0, metavar="N",
        help="so many at once (default: 8, full: 16)")  # fmt: skip
    add("--list", action="store_true", help="show the scenarios, and the fault each is of")
    parser.set_defaults(run=run)


class Unknown(Exception):
    """There is no scenario, or no fault, of a name."""


def run(arguments: argparse.Namespace) -> int:
    """Plays the scenarios on platforms of their own. Returns 0 when all pass."""
    from chaos import report  # noqa: PLC0415 - needs the stubs
    from chaos.faults import chosen as chosen_faults  # noqa: PLC0415 - as above
    from chaos.run import run as play  # noqa: PLC0415 - as above

    if arguments.list:
        return _list(as_json=arguments.json)
    try:
        faults = chosen_faults(_names(arguments.faults)) if arguments.faults is not None else []
        names = _chosen(arguments, faults)
    except (Unknown, KeyError) as error:
        wanted = error if isinstance(error, Unknown) else f"there is no fault {error.args[0]}"
        print(f"meguri chaos: {wanted} (see --list)", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leave no platform behind
    where = report.surroundings()
    in_hours = bool(faults) and arguments.full
    # What parts in this process say goes beside the answer, not into it.
    with contextlib.redirect_stdout(sys.stderr):
        answer = play(
            names, seed=arguments.seed, full=arguments.full, clients=arguments.clients, tell=_tell,
            payments=arguments.payments or (FAULTS_FULL_PAYMENTS if in_hours else 0),
            minutes=arguments.soak, seeds=arguments.seeds or (1 if in_hours else 0),
        )  # fmt: skip
    if arguments.report:
        command = " ".join(("./meguri", *_said(arguments)))
        for path in report.write(arguments.report, answer, where, command):
            _tell(f"written: {path}")
    if arguments.json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        print("\n".join([*_table(answer["scenarios"]), *_fault_table(faults, answer["scenarios"])]))
    return 0 if answer["passed"] else 1


def _list(*, as_json: bool) -> int:
    from chaos.faults import numbers_of  # noqa: PLC0415 - as above
    from chaos.scenarios import SCENARIOS  # noqa: PLC0415 - as above

    found = {name: {"says": scenario.says, "faults": numbers_of(name)}
             for name, scenario in SCENARIOS.items()}  # fmt: skip
    if as_json:
        print(json.dumps(found))
        return 0
    for name, each in found.items():
        print(f"{name:<26}{' '.join(each['faults']):<8}{each['says']}")
    return 0


def _chosen(arguments: argparse.Namespace, faults: "list[Any]") -> list[str]:
    """Returns the names of the scenarios to play. Errors: Unknown."""
    from chaos.scenarios import SCENARIOS  # noqa: PLC0415 - as above

    names = [name for fault in faults for name in fault.scenarios
             if not fault.apart or arguments.soak]  # fmt: skip
    # Those that share a platform first: each other start costs some seconds.
    names.sort(key=lambda name: SCENARIOS[name].alone)
    wanted = list(arguments.scenario)
    if arguments.soak and "soak" not in names:
        names.append("soak")
    if not names and not wanted:
        return [name for name, scenario in SCENARIOS.items() if not scenario.apart]
    for pattern in wanted:
        found = [
            name for name, scenario in SCENARIOS.items()
            if name == pattern or (fnmatchcase(name, pattern) and not scenario.apart)
        ]  # fmt: skip
        if not found:
            raise Unknown(f"there is no scenario {pattern}")
        names += [name for name in found if name not in names]
    return names


def _names(text: str) -> list[str]:
    return [each.strip().upper() for each in text.split(",") if each.strip()]


def _said(arguments: argparse.Namespace) -> list[str]:
    """Returns what was asked for, without the folder of the report."""
    said = ["chaos"]
    said += [word for name in arguments.scenario for word in ("--scenario", f"'{name}'")]
    if arguments.faults is not None:
        said += ["--faults", *([arguments.faults] if arguments.faults else [])]
    for name in ("soak", "payments", "clients", "seeds"):
        value = getattr(arguments, name)
        said += [f"--{name}", f"{value:g}"] if value else []
    said += ["--full"] if arguments.full else []
    return [*said, "--seed", str(arguments.seed), "--report", "FOLDER"]


COLUMNS = (("acknowledged", "told"), ("faults", "faults"), ("lost", "lost"),
           ("doubled", "doubled"), ("recovery_s", "recovery"), ("slack", "slack"),
           ("unknown_max_s", "unknown"), ("p99_s", "p99"), ("payments_per_s", "per s"),
           ("took_s", "took s"))  # fmt: skip


def _table(results: "list[dict[str, Any]]") -> list[str]:
    """One line a scenario; times in seconds, the longest of each kind."""
    lines = [f"{'':<26}{'seed':>5} {'':<9}" + "".join(f"{head:>10}" for _, head in COLUMNS)]
    for each in results:
        mark = "left out" if "left_out" in each else "passed" if each["passed"] else "FAILED"
        cells = "".join(f"{each.get(name, '-'):>10}" for name, _ in COLUMNS)
        lines.append(f"{each['name']:<26}{each['seed']:>5} {mark:<9}{cells}")
    return lines


def _fault_table(faults: "list[Any]", results: "list[dict[str, Any]]") -> list[str]:
    """One line a fault: passed, FAILED, too short or skipped, with the reason."""
    from chaos.faults import outcome  # noqa: PLC0415 - as above

    lines = [""] if faults else []
    for fault in faults:
        mark, why = outcome(fault, results)
        lines.append(f"{fault.name:<5}{mark:<10}{fault.says}{f' ({why})' if why else ''}")
    return lines


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _seeds(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= SEEDS_MOST:
        raise argparse.ArgumentTypeError(f"give 1 to {SEEDS_MOST}")
    return int(text)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 20 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError("give 20 to 1000000")
    return int(text)


def _clients(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 2 <= int(text) <= 64:
        raise argparse.ArgumentTypeError("give 2 to 64")
    return int(text)


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0.0
    if not 2 <= minutes <= 10_000:
        raise argparse.ArgumentTypeError("give 2 to 10000 minutes")
    return minutes
