"""The supervisor's process: takes the data folder, makes secrets, runs everything."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

import msgspec

from infra.local import detours, env_file, files, logs, options, providers
from infra.local import home as homes
from infra.local.home import AlreadyRunning, Home, Settings
from infra.local.leaf import LeafNameInvalid, leaf_names
from infra.local.machine import OPERATOR, Machine, PortTaken, choose_ports, evaded_ports
from infra.local.ports import is_allowed
from infra.local.supervisor import Supervisor
from infra.local.table import Component, by_name, chosen


class StartRefused(Exception):
    """The platform cannot be started as asked; the text says why and what to do."""


class Order(msgspec.Struct, frozen=True):
    """What a person asked for with `up`.

    port: of the edge, None for the documented one. only: names of components, empty for all.
    """

    data: str
    area: str
    domain: str
    certificate: str
    key: str
    tunnel_url: str
    port: int | None
    only: tuple[str, ...]
    acme_directory: str = ""
    acme_root: str = ""
    backup_to: str = ""


def run(order: Order, console: TextIO | None) -> int:
    """Runs the platform until a signal. Returns the exit code. Errors: StartRefused."""
    home = Home(Path(order.data))
    home.make()
    try:
        lock = homes.lock(home)
    except AlreadyRunning as error:
        raise StartRefused(f"{error}; see ./meguri status, end it with ./meguri down") from error
    with lock:
        home.state_file.unlink(missing_ok=True)
        machine, components = _plan(home, order)
        supervisor = Supervisor(machine, components, console)
        return 0 if asyncio.run(supervisor.run()) else 1


def _plan(home: Home, order: Order) -> tuple[Machine, Sequence[Component]]:
    settings = Settings(
        order.area, order.domain, order.certificate, order.key, order.tunnel_url,
        order.acme_directory, order.acme_root, order.backup_to,
    )  # fmt: skip
    settings.save(home)
    try:
        options.provide(home.data)
        given, ways_round = providers.read(home.data), detours.read(home)
    except (
        env_file.LineDamaged, providers.ProvidersDamaged, detours.DetoursDamaged, OSError,
        UnicodeDecodeError,
    ) as error:  # fmt: skip
        raise StartRefused(str(error)) from error
    try:
        leaf_names(os.environ.get("MEGURI_NATS_LEAVES", ""))  # before anything runs that reads it
    except LeafNameInvalid as error:
        raise StartRefused(f"MEGURI_NATS_LEAVES: {error}") from error
    components = chosen(
        order.only, with_proxy=bool(settings.domain), simulators=providers.simulated(given)
    )
    if home.is_loaded(settings.area, settings.public_url):
        components = tuple(component for component in components if component.name != "load")
    last_port = home.last_port()
    try:
        ports, metrics_ports = choose_ports(components, settings, order.port, last_port)
    except PortTaken as error:
        raise StartRefused(str(error)) from error
    # A proxy of the machine's own may have been given the right by itself.
    own_proxy = os.environ.get("MEGURI_CADDY_PROGRAM", "")
    if "proxy" in ports and not own_proxy and not is_allowed(ports["proxy"]):
        raise StartRefused(
            f"Only root may use port {ports['proxy']} of this computer. Allow it once for all:"
            " docs/install.md has the two lines to type below the public address"
        )
    try:
        passwords = homes.ensure_passwords(home)
    except homes.SecretsDamaged as error:
        raise StartRefused(str(error)) from error
    operator = home.secrets / "nats_operator_password"
    files.write_private(operator, passwords.nats[OPERATOR].encode())
    mqtt_host = os.environ.get("MEGURI_MQTT_HOST", "")
    issuer = _ensure_keys(home, [*ports, OPERATOR], {"mqtt": mqtt_host} if mqtt_host else {})
    kept = last_port if order.port is None and ports.get("edge") == last_port else 0
    kept = 0 if kept == by_name()["edge"].port else kept
    if "edge" in ports:
        files.write_json(home.port_file, ports["edge"])
    machine = Machine(
        home, settings, passwords, ports, metrics_ports, providers=given,
        evaded=evaded_ports(ports, order.port, last_port), kept_port=kept,
        asked_for=frozenset({"edge"} if order.port else ()),
        gadget_issuer=issuer, mqtt_host=mqtt_host, detours=ways_round,
    )  # fmt: skip
    return machine, components


def _ensure_keys(home: Home, names: list[str], hosts: Mapping[str, str]) -> str:
    """Returns the public key of who says which gadgets may log in."""
    from infra.local import authority  # noqa: PLC0415 - after the lock: it costs 60 ms

    authority.ensure_token_keys(home.secrets)
    authority.ensure_certificates(home.secrets / "tls", names, hosts)
    return authority.gadget_issuer(home.secrets)


def main() -> int:
    """Runs detached: the order comes on stdin, the outcome is in the state file."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    home = Home(Path(order.data))
    home.make()
    own_log = logs.LogFile(home.log, "supervisor")
    try:
        return run(order, None)
    except StartRefused as error:
        own_log.write(str(error))
        files.write_json(home.run / f"refused.{os.getpid()}.json", {"problem": str(error)})
        return 1
    finally:
        own_log.close()


if __name__ == "__main__":
    sys.exit(main())
