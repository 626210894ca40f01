"""The policy for keys names every key that is made, and no other."""

import re
from pathlib import Path

from cli import kubernetes
from cli.kubernetes import Place
from infra.local.home import ROOT, Home

POLICY = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
# Made elsewhere than where an installation begins, or with a public half that is no secret.
ELSEWHERE = {"terminals/*.pem"}


def policy() -> set[str]:
    part = POLICY[POLICY.index("## Key policy") :].partition("\n## ")[0]
    rows = [line for line in part.splitlines() if line.startswith("| `")]
    assert all(line.count("|") == 6 for line in rows), "each says all five things"
    assert all(cell.strip() for line in rows for cell in line.split("|")[1:6])
    return set(re.findall(r"^\| `([^`]+)`", part, re.MULTILINE))


def made(folder: Path) -> set[str]:
    """Returns the secret files of a new installation, certificates' keys by one name."""
    home = Home(folder / "k8s")
    kubernetes.make(home, Place("mine"))
    names = {
        path.relative_to(home.secrets).as_posix()
        for path in home.secrets.rglob("*")
        if path.is_file() and "cert" not in path.name and "public" not in path.name
    }
    names = {re.sub(r"^tls/[^/]+/key\.pem$", "tls/*/key.pem", name) for name in names}
    names = {name.replace("tls/authority_key", "authority_key") for name in names}
    return {name for name in names if not re.fullmatch(r"tls/(.*/)?(ca|authority)\.pem", name)}


def test_every_key_has_a_period_and_a_way_to_change(tmp_path: Path) -> None:
    assert made(tmp_path) == policy() - ELSEWHERE


def test_every_key_that_services_make_for_themselves_is_named() -> None:
    own = set()
    for path in (ROOT / "services").rglob("main.py"):
        own |= set(re.findall(r'"secrets" / "(\w+)"', path.read_text(encoding="utf-8")))
    assert own == {name for names in kubernetes.OWN.values() for name in names} - {
        "audit_private.pem", "gadget_private.pem",
    }  # fmt: skip
    assert own <= policy()
