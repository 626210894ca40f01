"""`./meguri lock`: resolves the dependencies of pyproject.toml anew, with hashes."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from infra.local.home import ROOT

# Each lock is resolved within the ones before it, so that all can be installed together; ALONE
# lives in an environment of its own, for it asks for versions that ours cannot have.
ALONE = "requirements-peers.lock"
LOCKS = (
    ("requirements.lock", ("pyproject.toml",)),
    ("requirements-test.lock", ("--group", "test")),
    ("requirements-load.lock", ("--group", "load")),
    ("requirements-speech.lock", ("--group", "speech")),
    ("requirements-roads.lock", ("--group", "roads")),
    (ALONE, ("--group", "peers")),
)


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `lock`."""
    parser = subcommands.add_parser("lock", help="resolve the pinned dependencies anew")
    parser.add_argument("--upgrade", action="store_true", help="take newer versions")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Writes the lock files; they name versions and hashes, never an address."""
    before = {name: _text(name) for name, _ in LOCKS}
    for number, (name, source) in enumerate(LOCKS):
        before_it = () if name == ALONE else LOCKS[:number]
        earlier = [part for known, _ in before_it for part in ("-c", known)]
        command = [
            str(Path(sys.executable).with_name("uv")), "pip", "compile", *source,
            *earlier, "--universal", "--python-version", "3.11", "--generate-hashes",
            "--no-emit-index-url", "--no-emit-find-links", "--no-header", "--quiet", "-o", name,
            *(["--upgrade"] if arguments.upgrade else []),
        ]  # fmt: skip
        if subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=False).returncode != 0:
            return 1
    changed = [name for name, text in before.items() if _text(name) != text]
    if arguments.json:
        print(json.dumps({"changed": changed}))
    else:
        print(f"changed: {', '.join(changed) or 'nothing'}")
    return 0


def _text(name: str) -> str:
    path = ROOT / name
    return path.read_text() if path.exists() else ""  # a lock that is new
