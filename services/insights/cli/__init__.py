"""The command-line door of insights."""

import argparse
from gettext import gettext as _

from services.insights.cli import imports


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `insights …`."""
    group = subcommands.add_parser("insights", help=_("insights: weather and statistics taken in"))
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    imports.register(commands)
