"""Ways round: a fault test stands between two components, to cut or slow down what they say.

`run/detours.json` in the data folder, {"payments>postgres": port on this machine}: the first is
told the port as if it were the second's. Without the file, as everywhere but in fault tests,
everybody is told the real ones. No backup holds it, and nobody outside the folder can write it.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from infra.local import files
from infra.local.home import Home, read_object
from infra.local.table import COMPONENTS, SERVICES, Component

# What a component is told about others, and whose address that is.
TOLD: Mapping[str, str] = {
    "MEGURI_NATS_URL": "nats",
    "MEGURI_DATABASE_URL": "postgres",
    "MEGURI_VALKEY_URL": "valkey",
    "MEGURI_ACQUIRER_SIMULATOR_URL": "acquirer_simulator",
    **{f"MEGURI_{service.upper()}_ADDRESS": service for service in SERVICES},
}
_PAIR = re.compile(r"[a-z_]+>[a-z_]+")


class DetoursDamaged(Exception):
    """The file says what cannot be used."""


def file_of(home: Home) -> Path:
    """Returns where the file is."""
    return home.run / "detours.json"


def pairs(components: Iterable[Component] = COMPONENTS) -> list[str]:
    """Returns every way of one running component to another, as "payments>postgres". Jobs are left
    out: they have their work behind them when a fault test begins."""
    return [
        f"{component.name}>{TOLD[name]}"
        for component in components
        if not component.is_job and not component.optional
        for name in component.environment
        if name in TOLD
    ]


def read(home: Home) -> dict[str, int]:
    """Returns the ports by pair, {} without a file. Errors: DetoursDamaged."""
    path = file_of(home)
    if not path.exists():
        return {}
    found = read_object(path)
    if found is None or not all(
        _PAIR.fullmatch(pair) and type(port) is int and 0 < port < 65536
        for pair, port in found.items()
    ):
        raise DetoursDamaged(f"{path} is damaged; delete it: only fault tests need it")
    return found


def write(home: Home, ports: Mapping[str, int]) -> None:
    """Writes the file before the platform starts."""
    home.run.mkdir(parents=True, exist_ok=True, mode=0o700)
    files.write_json(file_of(home), dict(ports))
