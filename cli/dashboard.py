"""`./meguri dashboard FOLDER`: what Prometheus and Grafana need to watch this installation."""

import argparse
import json
from pathlib import Path

from cli.connection import NotRunning
from cli.words import _
from infra.local import home as homes
from infra.local.home import ROOT, Home
from infra.observability import board, prometheus

ALERTS = "alerts.yml"
KEPT = "30d"
TEMPLATES = ROOT / "infra" / "observability"


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `dashboard`."""
    parser = subcommands.add_parser(
        "dashboard", help=_("make a folder with which Prometheus and Grafana watch what runs")
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path, help=_("is made, or made anew"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Writes the folder. Errors: NotRunning."""
    home = Home(Path(arguments.data).resolve())
    state = homes.read_state(home)
    if not homes.supervisor_of(home) or not state:
        raise NotRunning(arguments.data)
    folder = arguments.folder.resolve()
    made = write(folder, state["ports"], state["metrics_ports"])
    if arguments.json:
        print(json.dumps({"folder": str(folder), "files": made}, ensure_ascii=False))
    else:
        text = _("Made %(folder)s: its README.md says how to start Prometheus and Grafana with it.")
        print(text % {"folder": folder})
    return 0


def write(folder: Path, ports: dict[str, int], metrics_ports: dict[str, int]) -> list[str]:
    """Writes all files and returns their names. What Prometheus has kept there stays."""
    drawn = folder / "grafana" / "dashboards"
    files = {
        "prometheus.yml": prometheus.config(ports, metrics_ports, ALERTS),
        ALERTS: _text(ALERTS),
        "README.md": _text("start.md").format(folder=folder, kept=KEPT, uid=board.UID),
        "grafana/provisioning/datasources/meguri.yml": _text("datasource.yml"),
        "grafana/provisioning/dashboards/meguri.yml": _text("provider.yml").format(drawn=drawn),
        "grafana/dashboards/meguri.json": json.dumps(board.board(), ensure_ascii=False, indent=1),
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return sorted(files)


def _text(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")
