"""docker-compose.yml says what the supervisor's table says: one source of truth, two readers."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from cli import containers
from infra.local.home import Home
from infra.local.table import COMPONENTS, Component
from tests.contract import parts
from tests.contract.parts import HERE, NAMES, OURS

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSE = ROOT / "docker-compose.yml"
CONDITIONS = {True: "service_completed_successfully", False: "service_healthy"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The file with its merge keys resolved."""
    document = YAML(typ="safe").load(COMPOSE)
    services: dict[str, Any] = document["services"]
    return services


def test_the_file_is_valid_compose() -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run(
        [checker, "--builtin-schema", "vendor.compose-spec", COMPOSE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_same_components_in_the_same_order(compose: dict[str, Any]) -> None:
    assert list(compose) == NAMES


@pytest.mark.parametrize("component", OURS, ids=lambda component: component.name)
def test_the_same_command(compose: dict[str, Any], component: Component) -> None:
    assert compose[component.name]["command"] == parts.command(component)


@pytest.mark.parametrize("component", OURS, ids=lambda component: component.name)
def test_the_same_variables(compose: dict[str, Any], component: Component) -> None:
    given = compose[component.name]["environment"]
    assert set(given) == set(component.environment)
    parts.check_ports(component, given)


@pytest.mark.parametrize("component", HERE, ids=lambda component: component.name)
def test_the_same_order_of_start(compose: dict[str, Any], component: Component) -> None:
    jobs = {found.name: found.is_job for found in COMPONENTS}
    wanted = {name: CONDITIONS[jobs[name]] for name in component.depends_on if name in NAMES}
    given = compose[component.name].get("depends_on", {})
    assert {name: how["condition"] for name, how in given.items()} == wanted


@pytest.mark.parametrize("component", HERE, ids=lambda component: component.name)
def test_the_same_health_probe(compose: dict[str, Any], component: Component) -> None:
    if component.is_job:
        assert "healthcheck" not in compose[component.name]
        return
    test = compose[component.name]["healthcheck"]["test"]
    assert test == ["CMD", *parts.probe(component)]


def test_every_image_is_built_for_its_component(compose: dict[str, Any]) -> None:
    for component in OURS:
        build = compose[component.name]["build"]
        assert build["dockerfile"] == "infra/Dockerfile"
        wanted = "platform" if component.is_job else component.name
        assert build["args"] == {"SERVICE": wanted}
        assert compose[component.name]["read_only"] is True
        assert compose[component.name]["cap_drop"] == ["ALL"]


def test_nobody_gains_rights_and_servers_have_time_to_end(compose: dict[str, Any]) -> None:
    for name, service in compose.items():
        assert service["security_opt"] == ["no-new-privileges:true"], name
    for name in ("nats", "postgres", "valkey"):  # ten seconds, the usual, would end in kill -9
        assert compose[name]["stop_grace_period"] == "60s"


def test_simulators_of_providers_run_only_when_asked_for(compose: dict[str, Any]) -> None:
    asked = [name for name, service in compose.items() if "profiles" in service]
    assert asked == [component.name for component in HERE if component.optional]


def test_only_the_edge_is_reachable_from_outside(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose.items() if "ports" in service] == ["edge"]


def test_every_variable_and_file_of_the_file_is_made_by_the_command(tmp_path: Path) -> None:
    containers.make(Home(tmp_path), "mine")
    made = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    text = COMPOSE.read_text()
    required = set(re.findall(r"\$\{(MEGURI_\w+):\?", text))
    assert required
    assert required <= set(made)
    assert all(made[name] for name in required)
    for path in re.findall(r"\./var/containers/([\w./]+):", text):
        assert (tmp_path / path).exists(), path
    assert (tmp_path / "env").stat().st_mode & 0o077 == 0
    assert tmp_path.stat().st_mode & 0o077 == 0


def test_containers_of_root_run_as_somebody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[Path, tuple[int, int]] = {}
    monkeypatch.setattr(os, "getuid", lambda: 0)
    monkeypatch.setattr(
        os, "chown", lambda path, user, group, **_: given.update({Path(path): (user, group)})
    )
    containers.make(Home(tmp_path), "mine")
    dockerfile = (ROOT / "infra" / "Dockerfile").read_text()
    (user,) = map(int, re.findall(r"useradd --uid (\d+)", dockerfile))
    assert f"MEGURI_USER={user}:{user}\n" in (tmp_path / "env").read_text()
    assert set(given.values()) == {(user, user)}
    mounted = re.findall(r"\./var/containers/([\w./]+):", COMPOSE.read_text())
    servers_own = {"nats.conf", "valkey.conf"}
    assert {tmp_path / path for path in mounted if path not in servers_own} <= set(given)
    assert tmp_path / "tls" / "payments" / "key.pem" in given
    assert not any((tmp_path / "secrets") in path.parents for path in given)


def test_containers_of_anybody_else_run_as_who_made_their_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    monkeypatch.setattr(os, "getgid", lambda: 100)
    monkeypatch.delattr(os, "chown")
    containers.make(Home(tmp_path), "mine")
    assert "MEGURI_USER=1000:100\n" in (tmp_path / "env").read_text()


def test_what_all_images_share_is_made_before_they_differ() -> None:
    stages = re.split(r"^FROM ", (ROOT / "infra" / "Dockerfile").read_text(), flags=re.MULTILINE)
    libraries, last = stages[1], stages[-1]
    assert "AS libraries" in libraries
    assert "SERVICE" not in libraries
    assert last.index("COPY --from=libraries") < last.index("ARG SERVICE")
