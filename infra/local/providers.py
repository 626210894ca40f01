"""Payment providers of an installation: `providers.env` in the data folder, lines NAME=VALUE.

MEGURI_SQUARE_URL=https://connect.squareup.com and the secrets beside it are the real provider;
MEGURI_SQUARE_URL=simulator starts the simulator and makes up the secrets that it shares with us.
Without the file no provider is there, and `up` starts nothing more than before.
"""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from infra.local import env_file
from infra.local.table import PROVIDERS

FILE = "providers.env"
SIMULATOR = "simulator"


class ProvidersDamaged(Exception):
    """A line of the file cannot be used."""


def read(folder: Path) -> dict[str, str]:
    """Returns the variables of the file. Errors: ProvidersDamaged naming the line."""
    known = {name for names in PROVIDERS.values() for name in names}
    try:
        return env_file.read(folder / FILE, known)
    except env_file.LineDamaged as error:
        raise ProvidersDamaged(str(error)) from error


def simulated(given: Mapping[str, str]) -> frozenset[str]:
    """Returns the names of the simulators to start."""
    return frozenset(
        f"{provider}_simulator"
        for provider in PROVIDERS
        if given.get(_url_name(provider)) == SIMULATOR
    )


def variables(
    given: Mapping[str, str], addresses: Mapping[str, str], edge_url: str, seed: str
) -> dict[str, str]:
    """Returns every variable of every provider, "" for those not given.

    addresses: of the simulators that run, as host:port. seed: secret of this installation.
    """
    values = {name: given.get(name, "") for names in PROVIDERS.values() for name in names}
    for provider, names in PROVIDERS.items():
        if values[_url_name(provider)] != SIMULATOR:
            continue
        for name in names:
            digest = hashlib.sha256(f"{seed}|{name}".encode()).hexdigest()
            values[name] = given.get(name) or digest
        address = addresses.get(f"{provider}_simulator", "")
        values[_url_name(provider)] = f"http://{address}" if address else ""
        for name in _webhook_urls(names):
            values[name] = given.get(name) or webhook_url(edge_url, provider)
    return values


def webhook_url(edge_url: str, provider: str) -> str:
    """Returns where a provider sends its webhooks."""
    return f"{edge_url}/hooks/{provider}" if edge_url else ""


def _url_name(provider: str) -> str:
    return f"MEGURI_{provider.upper()}_URL"


def _webhook_urls(names: Iterable[str]) -> list[str]:
    return [name for name in names if name.endswith("_WEBHOOK_URL")]
