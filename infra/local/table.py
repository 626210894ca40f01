"""The one list of everything that runs: docker-compose.yml is checked against it by a test."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

SERVICES = (
    "directory", "multilingual", "itinerary", "payments", "visitor_sense", "insights",
)  # fmt: skip


class Health(StrEnum):
    """How a component is asked whether it works. DONE: it is a job, its exit code answers."""

    NATS = "nats"
    POSTGRES = "postgres"
    VALKEY = "valkey"
    GRPC = "grpc"
    HTTP = "http"
    PORT = "port"
    DONE = "done"


@dataclass(frozen=True)
class Component:
    """One process of the platform.

    module: Python module with its arguments, or empty for a server program of others.
    port, metrics_port, mqtt_port: documented ports, 0 for none; taken ones are replaced by free
    ones.
    environment: names of the variables it is given, and no other MEGURI_ variable.
    only_here: has no counterpart in containers (images are built, a proxy stands elsewhere).
    optional: runs only where it is asked for; nothing waits for it.
    alone: never two at once, and why; others may run several times side by side (decision 0104).
    start_s: from its start to its first answer, or a job's whole work, on a slow and busy machine.
    """

    name: str
    health: Health
    module: tuple[str, ...] = ()
    port: int = 0
    metrics_port: int = 0
    mqtt_port: int = 0
    depends_on: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    only_here: bool = False
    optional: bool = False
    alone: str = ""
    start_s: float = 60.0

    @property
    def is_job(self) -> bool:
        """Tells whether it ends by itself when its work is done."""
        return self.health is Health.DONE


_LONG_S = 600.0
_NATS = ("MEGURI_NATS_URL", "MEGURI_NATS_USER", "MEGURI_NATS_PASSWORD")
_PROCESS = ("MEGURI_LISTEN", "MEGURI_DATA", "MEGURI_LOG_LEVEL")
_MEMBER = (
    *_PROCESS, "MEGURI_SERVICE", "MEGURI_METRICS_PORT", *_NATS, "MEGURI_VALKEY_URL",
    "MEGURI_TLS_DIR", "MEGURI_TOKEN_PUBLIC_KEY", "MEGURI_PATIENCE",
)  # fmt: skip
_ADDRESSES = tuple(f"MEGURI_{service.upper()}_ADDRESS" for service in SERVICES)
_CALLER = (
    *_NATS, "MEGURI_VALKEY_URL", "MEGURI_TLS_DIR", "MEGURI_TOKEN_PUBLIC_KEY",
    "MEGURI_TOKEN_PRIVATE_KEY", "MEGURI_DATA", "MEGURI_DEFAULT_AREA", "MEGURI_PUBLIC_URL",
    "MEGURI_LOG_LEVEL", "MEGURI_PATIENCE",
    *_ADDRESSES,
)  # fmt: skip
# What payments is told of each provider, and the provider's simulator with it.
PROVIDERS = {
    "square": (
        "MEGURI_SQUARE_URL", "MEGURI_SQUARE_TOKEN", "MEGURI_SQUARE_WEBHOOK_KEY",
        "MEGURI_SQUARE_WEBHOOK_URL",
    ),
    "adyen": ("MEGURI_ADYEN_URL", "MEGURI_ADYEN_API_KEY", "MEGURI_ADYEN_HMAC_KEY"),
    "paypay": (
        "MEGURI_PAYPAY_URL", "MEGURI_PAYPAY_KEY", "MEGURI_PAYPAY_SECRET", "MEGURI_PAYPAY_MERCHANT",
    ),
}  # fmt: skip
# Where letters of insights are handed in; without it no mail is sent.
MAIL = (
    "MEGURI_SMTP_URL", "MEGURI_SMTP_FROM", "MEGURI_SMTP_PASSWORD_FILE", "MEGURI_SMTP_CA_FILE",
)  # fmt: skip
# What an operator may set in the environment of `./meguri up`; without it there is a default.
OPTIONS = (
    "MEGURI_ACQUIRER_DEADLINE_S", "MEGURI_EDGE_SILENCE_S", "MEGURI_EDGE_WORKERS",
    "MEGURI_MAP_TILES", "MEGURI_NOTICE_NETWORKS", "MEGURI_PATIENCE", "MEGURI_PROXIES",
    "MEGURI_REALTIME_NETWORKS", "MEGURI_ROUTING_URL", "MEGURI_TICKET_MASTER", *MAIL,
)  # fmt: skip
# What the command line is given to reach a running platform.
COMMAND_LINE = (
    *_CALLER, "MEGURI_AREA", "MEGURI_EDGE_URL", "MEGURI_SENSOR_NATS_USER",
    "MEGURI_SENSOR_NATS_PASSWORD", "MEGURI_MQTT_SERVER", "MEGURI_MQTT_CA",
)  # fmt: skip


def _simulator(provider: str, port: int) -> Component:
    own = tuple(name for name in PROVIDERS[provider] if name != f"MEGURI_{provider.upper()}_URL")
    return Component(
        f"{provider}_simulator",
        Health.HTTP,
        module=(f"simulators.{provider}.main",),
        port=port,
        depends_on=("build",),
        environment=(*_PROCESS, "MEGURI_WEBHOOK_URL", *own),
        optional=True,
    )


def _service(
    name: str, number: int, *, depends_on: tuple[str, ...] = (), more: tuple[str, ...] = (),
    alone: str = "",
) -> Component:  # fmt: skip
    return Component(
        name,
        Health.GRPC,
        module=(f"services.{name}.main",),
        port=9100 + number,
        metrics_port=9200 + number,
        depends_on=("nats", "postgres", "valkey", "prepare", *depends_on),
        environment=(*_MEMBER, "MEGURI_DATABASE_URL", *more),
        alone=alone,
    )


COMPONENTS: tuple[Component, ...] = (
    Component("build", Health.DONE, module=("cli.build", "--run"), only_here=True, start_s=_LONG_S),
    # Both first read what a crash left; to end them while they do would be the end of it.
    Component("nats", Health.NATS, port=4222, metrics_port=8222, mqtt_port=8883, start_s=_LONG_S),
    Component("postgres", Health.POSTGRES, port=5432, start_s=_LONG_S),
    Component("valkey", Health.VALKEY, port=6379),
    Component(
        "prepare",
        Health.DONE,
        # It loads its libraries while the servers start, and waits for them itself.
        module=("infra.local.prepare",),
        environment=(
            *_NATS,
            "MEGURI_NATS_REPLICAS",
            "MEGURI_NATS_LEAVES",
            "MEGURI_ADMIN_DATABASE_URL",
            *(f"MEGURI_{service.upper()}_DATABASE_URL" for service in SERVICES),
        ),
        start_s=2 * _LONG_S,  # it waits for the servers, then brings tables up to date
    ),
    Component(
        "acquirer_simulator",
        Health.HTTP,
        module=("simulators.acquirer.main",),
        port=9110,
        depends_on=("build",),
        environment=_PROCESS,
        alone="its books are a file",
    ),
    _simulator("square", 9111),
    _simulator("adyen", 9112),
    _simulator("paypay", 9113),
    _service("directory", 1),
    _service("multilingual", 2),
    _service("itinerary", 3, more=("MEGURI_REALTIME_NETWORKS", "MEGURI_ROUTING_URL")),
    _service(
        "payments",
        4,
        depends_on=("acquirer_simulator",),
        more=(
            "MEGURI_ACQUIRER_SIMULATOR_URL",
            "MEGURI_AUDIT_PRIVATE_KEY",
            "MEGURI_NOTICE_NETWORKS",
            "MEGURI_ACQUIRER_DEADLINE_S",
            "MEGURI_TICKET_MASTER",
            *(n for names in PROVIDERS.values() for n in names),
        ),
    ),
    _service(
        "visitor_sense",
        5,
        more=("MEGURI_GADGET_KEY", "MEGURI_USHER_NATS_PASSWORD"),
        alone="the key of the day is in one process alone; two would begin an epoch each",
    ),
    _service("insights", 6, more=MAIL),
    Component(
        "edge",
        Health.HTTP,
        module=("services.edge.main",),
        port=8080,  # with its metrics
        depends_on=SERVICES,
        environment=(
            *_CALLER,
            "MEGURI_LISTEN",
            "MEGURI_SERVICE",
            "MEGURI_COOKIE_SECRET",
            "MEGURI_COOKIE_SECRETS_BEFORE",
            "MEGURI_PROXIES",
            "MEGURI_EDGE_SILENCE_S",
            "MEGURI_EDGE_WORKERS",
            "MEGURI_MAP_TILES",
        ),
    ),
    Component(
        "load",
        Health.DONE,
        module=("cli", "area", "load", "--first"),
        depends_on=SERVICES,
        environment=COMMAND_LINE,
        start_s=_LONG_S,
    ),
    Component("proxy", Health.PORT, port=443, depends_on=("edge",), only_here=True),
)


def by_name(components: Iterable[Component] = COMPONENTS) -> dict[str, Component]:
    """Returns components by name, in order of the list."""
    return {component.name: component for component in components}


def chosen(
    names: Sequence[str], *, with_proxy: bool, simulators: Collection[str] = ()
) -> tuple[Component, ...]:
    """Returns the components to run: all, or the named ones with all they depend on.

    simulators: the optional ones to run with payments.

    Errors: KeyError for a name that is not in the list.
    """
    known = by_name()
    wanted: set[str] = set()
    waiting = list(names or [name for name, found in known.items() if not found.optional])
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting.extend(known[name].depends_on)
    if "payments" in wanted:
        wanted.update(simulators)
    if not with_proxy:
        wanted.discard("proxy")
    return tuple(component for component in COMPONENTS if component.name in wanted)
