"""What each component is given on this machine: ports, environment, command line."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from infra.local import (
    binaries,
    bus_layout,
    files,
    nats,
    postgres,
    providers,
    proxy,
    spawn,
    valkey,
)
from infra.local.home import ROOT, Home, Passwords, Settings
from infra.local.leaf import leaf_names
from infra.local.ports import HOST, PortChooser, holder, is_free
from infra.local.table import OPTIONS, PROVIDERS, SERVICES, Component, by_name

# Not handed on: they would change what our own interpreter does.
_DROPPED = ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONWARNINGS")
OPERATOR = bus_layout.OPERATOR
ANYWHERE = "0.0.0.0"  # noqa: S104 - asked for, and every login there is asked about


class PortTaken(Exception):
    """A port that was asked for is used by another program."""


@dataclass(frozen=True)
class Machine:
    """One installation with its ports chosen."""

    home: Home
    settings: Settings
    passwords: Passwords
    ports: dict[str, int]
    metrics_ports: dict[str, int]
    log_level: str = "info"
    evaded: dict[str, int] = field(default_factory=dict)  # ports that others had, by component
    asked_for: frozenset[str] = frozenset()  # whose port a person chose: it is kept to
    kept_port: int = 0  # of the pages, as at the last start; 0 where it is the documented one
    providers: Mapping[str, str] = field(default_factory=dict)
    gadget_issuer: str = ""  # public key of who says which gadgets may log in; "" for none
    mqtt_host: str = ""  # under which gadgets elsewhere find this machine; "" for none
    detours: Mapping[str, int] = field(default_factory=dict)  # by pair; only in fault tests

    def address(self, name: str) -> str:
        """Returns host:port of a component, "" when it does not run here."""
        return f"{HOST}:{self.ports[name]}" if name in self.ports else ""

    def _told(self, asker: str, name: str) -> str:
        """Returns the address of a component as another one is told it."""
        detour = self.detours.get(f"{asker}>{name}")
        return f"{HOST}:{detour}" if detour and name in self.ports else self.address(name)

    @property
    def url(self) -> str:
        """The address for a browser."""
        return self.settings.public_url or _prefixed("http://", self.address("edge"))

    def environment(self, component: Component) -> dict[str, str]:
        """Returns the whole environment of a component."""
        if component.name == "postgres":
            return postgres.environment()
        values = self._values(component.name)
        given = {name: values[name] for name in component.environment}
        return self.python_environment() | given

    @staticmethod
    def python_environment() -> dict[str, str]:
        """Returns the environment of our interpreters before any MEGURI_ variable."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("MEGURI_") and name not in _DROPPED
        }
        path = os.pathsep.join((str(ROOT), str(ROOT / "gen")))
        own = {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
        # Else gRPC has a say between the fork and the exec of a child (kit/child.py) while its
        # other threads go on: one of thirty children ended there with SIGSEGV or SIGABRT.
        return kept | own | {"GRPC_ENABLE_FORK_SUPPORT": "0"}

    def variables(self, names: Sequence[str], *, as_name: str = OPERATOR) -> dict[str, str]:
        """Returns MEGURI_ variables for a program of this machine that is no component."""
        values = self._values(as_name)
        return {name: values[name] for name in names if values[name]}

    def command(self, component: Component) -> list[str]:
        """Returns the command line of a component; writes the configuration it needs."""
        port, data = self.ports.get(component.name, 0), self.home.data
        if component.module:
            return spawn.bound([sys.executable, "-m", *component.module])
        if component.name == "nats":
            users = bus_layout.users(self.passwords.nats, self._leaf_names())
            config = nats.write_config(
                data / "nats", users, gadgets=self._gadgets(), leaves=self._leaves()
            )
            files.make_private(config.parent)
            return nats.command(config, port, self.metrics_ports["nats"])
        if component.name == "postgres":
            postgres.remove_stale_lock(self.home.postgres)
            return postgres.command(self.home.postgres, port)
        if component.name == "valkey":
            return valkey.command(valkey.write_config(data / "valkey", self.passwords.valkey), port)
        return proxy.command(proxy.write_config(data / "proxy", self.settings, self.ports["edge"]))

    def _gadgets(self) -> nats.Gadgets | None:
        """The door of gadgets: on this machine alone, unless it was told by which name others find
        it; that name stands in the certificate."""
        if "mqtt" not in self.ports or not self.gadget_issuer:
            return None
        return nats.Gadgets(
            host=ANYWHERE if self.mqtt_host else HOST,
            port=self.ports["mqtt"],
            tls=str(self.home.secrets / "tls" / "mqtt"),
            issuer=self.gadget_issuer,
            usher=self.passwords.nats[nats.USHER],
        )

    def _leaves(self) -> nats.Leaves | None:
        """The door of servers at other places: there only where such were named."""
        if not self._leaf_names():
            return None
        host = ANYWHERE if self.mqtt_host else HOST
        return nats.Leaves(host, str(self.home.secrets / "tls" / "mqtt"))

    @staticmethod
    def _leaf_names() -> tuple[str, ...]:
        return leaf_names(os.environ.get("MEGURI_NATS_LEAVES", ""))

    def evade(self, name: str) -> bool:
        """Gives a component other ports where its own were taken since they were chosen.

        Only for one that does not run. Returns False where they are free, so that it failed for
        something else. Errors: PortTaken for one that a person asked for.
        """
        if name == "proxy":  # its port is that of the public address; its log says what is wrong
            return False
        taken = [
            (table, each) for each in _own(name) for table in (self.ports, self.metrics_ports)
            if each in table and not is_free(table[each])
        ]  # fmt: skip
        if any(table is self.ports for table, _ in taken) and name in self.asked_for:
            raise port_taken(self.ports[name])
        chooser = PortChooser(given=(*self.ports.values(), *self.metrics_ports.values()))
        for table, each in taken:
            if table is self.ports:
                self.evaded.setdefault(each, table[each])
            table[each] = chooser.choose(0)
        if taken and name == "edge":
            files.write_json(self.home.port_file, self.ports["edge"])
        return bool(taken)

    def stolen(self, name: str) -> tuple[int, str] | None:
        """Returns which port of a component that does not run another program listens on, and who
        that is ("" where the system does not tell); None where all are free."""
        for table in (self.ports, self.metrics_ports):
            for each in _own(name):
                if each in table and not is_free(table[each]):
                    return table[each], holder(table[each])
        return None

    def version(self, component: Component) -> str:
        """Returns the version of the program behind a component, "" for our own."""
        program = {"nats": "nats-server", "valkey": "valkey-server", "proxy": "caddy"}
        name = program.get(component.name, component.name)
        return "" if component.module else binaries.version(binaries.find(name))

    def database_url(self, service: str, port: int = 0) -> str:
        """Returns the address of a service's own database, as its own role. port: another way."""
        password, port = self.passwords.databases[service], port or self.ports["postgres"]
        return postgres.url(port, password, user=service, database=service)

    def _values(self, name: str) -> dict[str, str]:
        """All variables as the component `name` would see them."""
        secrets, user = self.home.secrets, name if name in self.passwords.nats else OPERATOR
        values = {
            "MEGURI_SERVICE": name,
            "MEGURI_LISTEN": self.address(name),
            "MEGURI_METRICS_PORT": str(self.metrics_ports.get(name, 0)),
            "MEGURI_DATA": str(self.home.data),
            "MEGURI_LOG_LEVEL": self.log_level,
            "MEGURI_NATS_URL": _prefixed("nats://", self._told(name, "nats")),
            "MEGURI_NATS_USER": user,
            "MEGURI_NATS_REPLICAS": "1",
            "MEGURI_NATS_LEAVES": os.environ.get("MEGURI_NATS_LEAVES", ""),
            "MEGURI_NATS_PASSWORD": self.passwords.nats[user],
            "MEGURI_SENSOR_NATS_USER": bus_layout.SENSOR,
            "MEGURI_SENSOR_NATS_PASSWORD": self.passwords.nats[bus_layout.SENSOR],
            "MEGURI_VALKEY_URL": self._valkey_url(name),
            "MEGURI_TLS_DIR": str(secrets / "tls" / (name if name in self.ports else OPERATOR)),
            "MEGURI_TOKEN_PUBLIC_KEY": str(secrets / "token_public.pem"),
            "MEGURI_TOKEN_PRIVATE_KEY": str(secrets / "token_private.pem"),
            "MEGURI_GADGET_KEY": str(secrets / "gadget_private.pem"),
            "MEGURI_USHER_NATS_PASSWORD": self.passwords.nats[nats.USHER],
            "MEGURI_MQTT_SERVER": self._mqtt_address(),
            "MEGURI_MQTT_CA": str(secrets / "tls" / "mqtt" / "ca.pem"),
            "MEGURI_AUDIT_PRIVATE_KEY": str(secrets / "audit_private.pem"),
            **{option: os.environ.get(option, "") for option in OPTIONS},
            "MEGURI_COOKIE_SECRET": self.passwords.cookie,
            "MEGURI_COOKIE_SECRETS_BEFORE": os.environ.get("MEGURI_COOKIE_SECRETS_BEFORE", ""),
            "MEGURI_DEFAULT_AREA": self.settings.area,
            "MEGURI_AREA": self.settings.area,
            "MEGURI_PUBLIC_URL": self.settings.public_url,
            "MEGURI_EDGE_URL": _prefixed("http://", self.address("edge")),
            "MEGURI_ACQUIRER_SIMULATOR_URL": _prefixed(
                "http://", self._told(name, "acquirer_simulator")
            ),
        }
        return values | self._database_values(name) | self._addresses(name) | self._providers(name)

    def _providers(self, name: str) -> dict[str, str]:
        edge_url = _prefixed("http://", self.address("edge"))
        running = {f"{each}_simulator": self.address(f"{each}_simulator") for each in PROVIDERS}
        values = providers.variables(self.providers, running, edge_url, self.passwords.cookie)
        provider = name.removesuffix("_simulator")
        return values | {"MEGURI_WEBHOOK_URL": providers.webhook_url(edge_url, provider)}

    def _database_values(self, name: str) -> dict[str, str]:
        if "postgres" not in self.ports:
            return {}
        admin = postgres.url(self.ports["postgres"], self.passwords.postgres)
        every = {f"MEGURI_{s.upper()}_DATABASE_URL": self.database_url(s) for s in SERVICES}
        own_port = int(self._told(name, "postgres").rpartition(":")[2])
        own = {"MEGURI_DATABASE_URL": self.database_url(name, own_port)} if name in SERVICES else {}
        return every | own | {"MEGURI_ADMIN_DATABASE_URL": admin}

    def _addresses(self, asker: str) -> dict[str, str]:
        return {f"MEGURI_{each.upper()}_ADDRESS": self._told(asker, each) for each in SERVICES}

    def _mqtt_address(self) -> str:
        host = self.mqtt_host or HOST
        return f"{host}:{self.ports['mqtt']}" if "mqtt" in self.ports else ""

    def _valkey_url(self, asker: str) -> str:
        address = self._told(asker, "valkey")
        return f"redis://:{self.passwords.valkey}@{address}/0" if address else ""


def _own(name: str) -> tuple[str, ...]:
    """Returns under which names the ports of a component are kept: NATS has a second one."""
    return (name, "mqtt") if name == "nats" else (name,)


def _prefixed(scheme: str, address: str) -> str:
    return scheme + address if address else ""


def port_taken(port: int) -> PortTaken:
    """Returns the refusal of a port that a person asked for."""
    return PortTaken(f"Port {port} is used by another program; choose one with --port")


def evaded_ports(
    ports: Mapping[str, int], edge_port: int | None, last_port: int = 0
) -> dict[str, int]:
    """Returns the documented ports that other programs had, by component, given the ports chosen
    instead. One that a person asked for, or that was kept from the last start, was not evaded.
    """
    documented = {name: component.port for name, component in by_name().items()}
    documented["mqtt"] = by_name()["nats"].mqtt_port
    meant = {"proxy"}
    if edge_port is not None or ports.get("edge") == last_port:
        meant.add("edge")
    return {
        name: documented[name]
        for name, port in ports.items()
        if documented[name] not in {0, port} and name not in meant
    }


def choose_ports(
    components: Sequence[Component], settings: Settings, edge_port: int | None, last_port: int = 0
) -> tuple[dict[str, int], dict[str, int]]:
    """Returns ports and metrics ports: the documented ones, or free ones where those are taken.

    edge_port: asked for by a person, who is told when it is taken; 0 for any, None for no wish.
    last_port: of the edge at the last start, which it keeps without a wish where it is free.
    Errors: PortTaken.
    """
    chooser, ports, metrics = PortChooser(), {}, {}
    known = by_name()
    if edge_port and chooser.choose(edge_port) != edge_port:
        raise port_taken(edge_port)
    kept = edge_port is None and last_port and chooser.choose(last_port) == last_port
    for component in components:
        if component.name == "edge" and (kept or edge_port is not None):
            ports["edge"] = last_port if kept else edge_port or chooser.choose(0)
        elif component.name == "proxy":
            ports["proxy"] = proxy.port(settings)
        elif component.port:
            ports[component.name] = chooser.choose(known[component.name].port)
        if component.mqtt_port:
            ports["mqtt"] = chooser.choose(component.mqtt_port)
        if component.metrics_port:
            metrics[component.name] = chooser.choose(component.metrics_port)
    return ports, metrics
