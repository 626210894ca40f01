"""A platform of the benchmark's own: real servers, real durability, on a folder gone after."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.home import ROOT

START_TIMEOUT_S = 120


@dataclass(frozen=True)
class Bench:
    """A running part of the platform. state: the answer of `up`."""

    data: Path
    state: dict[str, Any]

    @property
    def tls_dir(self) -> Path:
        """Certificate of the operator, whom every service knows."""
        return Path(self.state["tls"]["ca"]).parent

    @property
    def token_key(self) -> Path:
        """The key that signs tokens."""
        return self.data / "secrets" / "token_private.pem"

    def admin_url(self, database: str = "postgres") -> str:
        """Returns the address of a database, as its superuser."""
        from infra.local import home as homes  # noqa: PLC0415 - one use
        from infra.local import postgres  # noqa: PLC0415 - one use

        password = homes.ensure_passwords(homes.Home(self.data)).postgres
        return postgres.url(self.state["ports"]["postgres"], password, database=database)

    def process(self, name: str) -> int:
        """Returns the process id of a component. Errors: KeyError."""
        return int({each["name"]: each["pid"] for each in self.state["components"]}[name])


@contextmanager
def running(*components: str, settings: Mapping[str, str] | None = None) -> Iterator[Bench]:
    """Runs some components with all they depend on, on free ports, for as long as the block.

    components: none for all. settings: options of the environment.
    """
    with tempfile.TemporaryDirectory(prefix="meguri-bench-") as name:
        data = Path(name)
        only = ("--only", ",".join(components)) if components else ()
        answer = _meguri(
            "up", "--detach", "--json", "--port", "0", "--data", name, *only, settings=settings
        )
        try:
            yield Bench(data, json.loads(answer))
        finally:
            _meguri("down", "--data", name)


def demo(bench: Bench) -> dict[str, Any]:
    """Plays an hour of visitors in an area of its own, so that no page is empty. Returns what the
    command says: url and logins of the area. Errors: RuntimeError."""
    said = _meguri("demo", "--json", "--data", str(bench.data), may_fail=True)
    if not said:
        raise RuntimeError("the demo said nothing")
    answer: dict[str, Any] = json.loads(said)
    return answer


def _meguri(
    *arguments: str, settings: Mapping[str, str] | None = None, may_fail: bool = False
) -> str:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MEGURI_")}
    kept |= settings or {}
    done = subprocess.run(
        [str(ROOT / "meguri"), *arguments], env=kept, capture_output=True, text=True,
        timeout=START_TIMEOUT_S, check=False,
    )  # fmt: skip
    if done.returncode != 0 and not may_fail:
        raise RuntimeError(f"meguri {arguments[0]}: {done.stderr[-800:]}")
    return done.stdout
