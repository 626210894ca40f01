"""The door to the world: Caddy with a certificate of its own making or one given by hand."""

from pathlib import Path

from infra.local import binaries, spawn
from infra.local.home import Settings

HTTPS_PORT = 443


def port(settings: Settings) -> int:
    """Returns the port phones connect to: that of the domain, 443 when it names none."""
    _, _, number = settings.domain.partition(":")
    return int(number or HTTPS_PORT)


def write_config(folder: Path, settings: Settings, edge_port: int) -> Path:
    """Writes the Caddyfile and returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    name, https_port = settings.domain.partition(":")[0], port(settings)
    own = settings.certificate and settings.key
    asked = settings.acme_directory and not own
    # A certificate by hand needs no answer on port 80, which may belong to somebody else.
    leads = not own and https_port == HTTPS_PORT
    lines = [
        "{",
        "\tadmin off",
        "\tpersist_config off",  # it would be kept in the person's home
        f"\tstorage file_system {_quoted(folder / 'storage')}",
        f"\thttps_port {https_port}",
        *([f"\tacme_ca {_quoted(settings.acme_directory)}"] if asked else []),
        *(
            [f"\tacme_ca_root {_quoted(settings.acme_root)}"]
            if asked and settings.acme_root
            else []
        ),
        # Caddy would lead everything on, programs and forms as well: the edge leads pages alone.
        "\tauto_https disable_redirects",
        "}",
        f"{name}:{https_port} {{",
        *([f"\ttls {_quoted(settings.certificate)} {_quoted(settings.key)}"] if own else []),
        *_to_edge(edge_port),
        "}",
        *([f"http://{name} {{", *_to_edge(edge_port), "}"] if leads else []),
    ]
    path = folder / "Caddyfile"
    path.write_text("\n".join(lines) + "\n")
    return path


def _to_edge(port: int) -> list[str]:
    return [
        # What the machine tells about itself is for those who run it, not for the world.
        "\t@inside path /metrics /readyz",
        "\trespond @inside 404",
        "\tencode zstd gzip",
        f"\treverse_proxy 127.0.0.1:{port} {{",
        # The edge ends connections that idle for ten seconds: give them up before.
        "\t\ttransport http {",
        "\t\t\tkeepalive 5s",
        "\t\t}",
        "\t}",
    ]


def command(config: Path) -> list[str]:
    """Returns the command line of the proxy."""
    return spawn.bound(
        [str(binaries.find("caddy")), "run", "--config", str(config), "--adapter", "caddyfile"]
    )


def _quoted(path: Path | str) -> str:
    return f'"{path}"'
