"""`./meguri COMMAND …`: finds the command's module, gives it its surroundings, tells errors."""

import argparse
import importlib
import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from cli import build, connection, terminal, words
from cli.words import N_, _
from infra.local.home import DEFAULT_DATA

EXIT_FAILURE, EXIT_USAGE = 1, 2


@dataclass(frozen=True)
class Command:
    """One word behind ./meguri.

    module: has register(subcommands). passes_on: what it does not know goes to a tool behind it.
    builds: needs gen/ and compiled catalogs in place.
    reaches: is given how to reach what runs; without it, it works with damaged settings too.
    """

    module: str
    help: str
    passes_on: bool = False
    builds: bool = True
    reaches: bool = True


COMMANDS: dict[str, Command] = {
    "up": Command(
        "cli.up", N_("set up if needed and start everything"), builds=False, reaches=False
    ),
    "down": Command("cli.running", N_("stop everything in order"), builds=False, reaches=False),
    "status": Command(
        "cli.running", N_("show what runs and how it is"), builds=False, reaches=False
    ),
    "logs": Command("cli.running", N_("follow the logs"), builds=False, reaches=False),
    "update": Command(
        "cli.update",
        N_("fetch a newer version and start it; back again where it does not start"),
        builds=False,
        reaches=False,
    ),
    "trace": Command(
        "cli.trace", N_("follow one request through all parts"), builds=False, reaches=False
    ),
    "area": Command("cli.area", N_("create, load or drop an area")),
    "demo": Command("cli.demo", N_("play a simulated half day of visitors in a demo area")),
    "load": Command("cli.load", N_("run a load scenario with its gate")),
    "chaos": Command("cli.chaos", N_("break parts under load and check that nothing is lost")),
    "simulate": Command(
        "cli.simulate",
        N_("play the payment protocol thousands of times, each from one integer"),
        reaches=False,
    ),
    "bench": Command("cli.bench", N_("measure against a peer in the same run")),
    "containers": Command("cli.containers", N_("make secrets and keys for docker compose")),
    "test": Command("cli.test", N_("run all tests"), passes_on=True),
    "check": Command("cli.check", N_("format, lint, types, import rules, contracts, catalogs")),
    "backup": Command(
        "cli.backup", N_("write all databases, media and settings to a file"), reaches=False
    ),
    "restore": Command("cli.backup", N_("make the data folder as a backup has it"), reaches=False),
    "cost": Command(
        "cli.cost",
        N_("what it costs a year, before anything is installed"),
        builds=False,
        reaches=False,
    ),
    "dashboard": Command(
        "cli.dashboard",
        N_("make a folder with which Prometheus and Grafana watch what runs"),
        builds=False,
        reaches=False,
    ),
    "leaf": Command(
        "cli.leaf", N_("a message server at another place, such as the cave"), reaches=False
    ),
    "replay": Command("cli.replay", N_("say events again after a loss of NATS")),
    "scan-cards": Command("cli.scan_cards", N_("look for card data where none may be")),
    "locale": Command("cli.locale", N_("texts of pages and their translations")),
    "evidence": Command("cli.evidence", N_("write who may do what, and how ASVS is held")),
    "sbom": Command("cli.sbom", N_("write the list of parts (CycloneDX)"), builds=False),
    "audit": Command("cli.audit", N_("look for known weaknesses of pinned parts"), builds=False),
    "lock": Command("cli.lock", N_("resolve the pinned dependencies anew"), builds=False),
    "guide": Command("services.multilingual.cli", N_("guide: languages, codes of stops")),
    "insights": Command("services.insights.cli", N_("figures: files out and in, terms")),
    "itinerary": Command("services.itinerary.cli", N_("itinerary: points of interest")),
    "payments": Command("services.payments.cli", N_("payments: codes, closes, reconciliation")),
    "sense": Command(
        "services.visitor_sense.cli", N_("visitor sensing: estimates, sensors, replay")
    ),
}


def main(arguments: Sequence[str]) -> int:
    """Runs one command. Returns the exit code: 0 success, 1 failure, 2 wrong usage."""
    name = next((word for word in arguments if not word.startswith("-")), "")
    words.prepare()
    build.build_catalog(words.CATALOG)
    if name in COMMANDS and COMMANDS[name].builds:
        build.build(types=False)
        importlib.invalidate_caches()  # in a fresh clone gen/ was not there when Python started
    parser = _parser(name)
    parsed, rest = parser.parse_known_args(arguments)
    if rest and not (name in COMMANDS and COMMANDS[name].passes_on):
        # What was asked for knows its own options; the whole only lists the commands.
        getattr(parsed, "leaf", parser).error(_("unknown: %(words)s") % {"words": " ".join(rest)})
    parsed.rest = rest
    if "run" not in parsed:
        parser.print_help(sys.stderr if name else sys.stdout)
        return EXIT_USAGE if name else 0
    words.speak_of(parsed.data if parsed.data != _usual_data() else "")
    try:
        if name in COMMANDS and COMMANDS[name].reaches:
            connection.provide(parsed.data, parsed.area)
        return int(parsed.run(parsed))
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILURE
    except Exception as error:
        text = connection.explain(error)
        if text is None:
            raise
        print(f"meguri: {words.told(text)}", file=sys.stderr)
        if parsed.json:
            reason = {"reason": error.reason} if hasattr(error, "reason") else {}
            print(json.dumps({"error": words.hinted(text)} | reason, ensure_ascii=False))
        return EXIT_FAILURE


def _parser(name: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = _Parser(
        prog="meguri", description=_("Meguri, an open visitor platform.")
    )
    subcommands = parser.add_subparsers(metavar="COMMAND", parser_class=_Parser)
    if name in COMMANDS:
        importlib.import_module(COMMANDS[name].module).register(subcommands)
        _add_common(subcommands)
    else:
        for known, command in COMMANDS.items():
            subcommands.add_parser(known, help=_(command.help))
    return parser


def _add_common(subcommands: "argparse._SubParsersAction[Any]") -> None:
    """Gives every command at the end of a branch the options that all have."""
    for parser in set(subcommands.choices.values()):
        branches = [
            action for action in parser._actions  # noqa: SLF001 - argparse offers no other way
            if isinstance(action, argparse._SubParsersAction)  # noqa: SLF001 - as above
        ]  # fmt: skip
        for branch in branches:
            _add_common(branch)
        if not branches:
            parser.set_defaults(leaf=parser)
            parser.add_argument(
                "--data", metavar="DIR", default=_usual_data(), help=_("data folder (default: var)")
            )
            parser.add_argument(
                "--area", metavar="NAME", default="", help=_("area (default: mine)")
            )
            parser.add_argument(
                "--json", action="store_true", help=_("answer with one JSON document")
            )


def _usual_data() -> str:
    return os.environ.get("MEGURI_DATA") or str(DEFAULT_DATA)


class _Parser(argparse.ArgumentParser):
    """Wrong usage is one clear line and exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Says what is wrong and ends the process."""
        see = _("(see %(program)s --help)") % {"program": self.prog}
        self.exit(EXIT_USAGE, f"{self.prog}: {words.told(message)} {see}\n")


if __name__ == "__main__":
    # Files of others are told of by many commands, and by refusals.
    sys.stdout, sys.stderr = terminal.guarded(sys.stdout), terminal.guarded(sys.stderr)
    sys.exit(main(sys.argv[1:]))
