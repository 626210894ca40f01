"""What infra/local/table.py says of parts in containers, for tests of both descriptions of them."""

from collections.abc import Mapping

from infra.local.table import COMPONENTS, Component, Health, by_name

HERE = [component for component in COMPONENTS if not component.only_here]
OURS = [component for component in HERE if component.module]
NAMES = [component.name for component in HERE]


def command(component: Component) -> list[str]:
    """The command of one of our programs."""
    return ["python", "-m", *component.module]


def probe(component: Component) -> list[str]:
    """The command that asks whether a part works, inside of its container."""
    own = f"127.0.0.1:{component.port}"
    asking = {
        Health.GRPC: ["python", "-m", "infra.probe", "grpc", own],
        Health.HTTP: ["python", "-m", "infra.probe", "http", own],
        Health.NATS: [
            "wget", "-q", "-O", "-", f"http://127.0.0.1:{component.metrics_port}/healthz",
        ],
        Health.POSTGRES: [
            "pg_isready", "-h", "127.0.0.1", "-p", str(component.port), "-U", "meguri",
        ],
        Health.VALKEY: ["valkey-cli", "-p", str(component.port), "ping"],
    }  # fmt: skip
    return asking[component.health]


def check_ports(component: Component, given: Mapping[str, str], dashed: bool = False) -> None:  # noqa: FBT001, FBT002 - a name of Kubernetes has dashes
    """What a part is told of ports, its own and those of others, is what the table says."""
    if component.port:
        assert given["MEGURI_LISTEN"] == f"0.0.0.0:{component.port}"
    if component.metrics_port:
        assert given["MEGURI_METRICS_PORT"] == str(component.metrics_port)
    for name, value in given.items():
        if name.endswith("_ADDRESS"):
            peer = name.removeprefix("MEGURI_").removesuffix("_ADDRESS").lower()
            host = peer.replace("_", "-") if dashed else peer
            assert value == f"{host}:{by_name()[peer].port}"
