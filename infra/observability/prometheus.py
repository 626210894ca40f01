"""What Prometheus is told: where each part of this installation tells its figures."""

from collections.abc import Mapping

EVERY_S = 15
EDGE = "edge"


def config(ports: Mapping[str, int], metrics_ports: Mapping[str, int], alerts: str) -> str:
    """Returns prometheus.yml. ports, metrics_ports: by part, as in the state of what runs. alerts:
    name of the file of alerts beside it."""
    lines = [
        "# Made by ./meguri dashboard: make it again when a part moved to another port.",
        f"global: {{scrape_interval: {EVERY_S}s, evaluation_interval: {EVERY_S}s}}",
        f"rule_files: [{alerts}]",
        "scrape_configs:",
        "  - job_name: meguri",
        "    static_configs:",
    ]
    targets = {EDGE: ports[EDGE]} if EDGE in ports else {}
    # NATS speaks of itself in JSON alone, which Prometheus does not read.
    targets |= {name: port for name, port in metrics_ports.items() if name != "nats"}
    for name, port in targets.items():
        lines.append(f"      - {{targets: ['127.0.0.1:{port}'], labels: {{process: {name}}}}}")
    return "\n".join(lines) + "\n"
