"""`./meguri test`: all tests, from a bare clone."""

import argparse
import json
import os
import subprocess
import sys

from infra.local.home import ROOT


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `test`."""
    parser = subcommands.add_parser(
        "test", help="run all tests", epilog="Everything else is passed on to pytest."
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Runs pytest in the tree and returns its exit code."""
    # Cheap tests first: a mistake in a rule shows before the platform is started.
    folders = [] if any(_is_path(word) for word in arguments.rest) else _folders()
    command = [sys.executable, "-m", "pytest", *folders, *arguments.rest]
    output = sys.stderr if arguments.json else None
    # Tests find their own platform, never the one that happens to run here.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MEGURI_")}
    code = subprocess.run(command, cwd=ROOT, env=kept, stdout=output, check=False).returncode
    if arguments.json:
        print(json.dumps({"passed": code == 0, "exit_code": code}))
    return 1 if code else 0


def _folders() -> list[str]:
    names = ("unit", "contract", "service", "system")
    return [f"tests/{name}" for name in names if (ROOT / "tests" / name).exists()]


def _is_path(word: str) -> bool:
    return not word.startswith("-") and (ROOT / word.split("::", 1)[0]).exists()
