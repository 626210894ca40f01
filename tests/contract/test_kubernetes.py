"""infra/k8s says what the supervisor's table says, and is what Kubernetes takes: no cluster needed.

It is built by the tool of a cluster (kubectl kustomize), with what ./meguri containers makes.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
from ruamel.yaml import YAML

from cli import kubernetes
from cli.kubernetes import CLUSTER, SMALL, Place
from infra.local.home import Home
from infra.local.table import OPTIONS, PROVIDERS, SERVICES, Component, Health, by_name
from tests.contract import parts

Built = dict[tuple[str, str], dict[str, Any]]

VERSION = "1.37"
OVERLAYS = (SMALL, CLUSTER)
# Parts of ours that run there: simulators of providers are for practice on one machine.
OURS = [component for component in parts.OURS if not component.optional]
LASTING = [component for component in OURS if not component.is_job]
# Who calls whom, by the variable that tells it where.
TOLD = {
    "MEGURI_NATS_URL": "nats", "MEGURI_VALKEY_URL": "valkey", "MEGURI_EDGE_URL": "edge",
    "MEGURI_DATABASE_URL": "postgres", "MEGURI_ADMIN_DATABASE_URL": "postgres",
    "MEGURI_ACQUIRER_SIMULATOR_URL": "acquirer-simulator", "MEGURI_MQTT_SERVER": "mqtt",
    **{f"MEGURI_{name.upper()}_ADDRESS": name.replace("_", "-") for name in SERVICES},
}  # fmt: skip
# Words of the operator's resource, as its definition has them (CloudNativePG 1.28,
# config/crd/bases/postgresql.cnpg.io_clusters.yaml): Kubernetes' own schemas know none of them.
OPERATOR_WORDS = frozenset(
    [
        "instances",
        "imageName",
        "inheritedMetadata.labels",
        "bootstrap.initdb.database",
        "bootstrap.initdb.owner",
        "bootstrap.initdb.secret.name",
        "bootstrap.initdb.encoding",
        "bootstrap.initdb.localeProvider",
        "bootstrap.initdb.builtinLocale",
        "managed.roles.name",
        "managed.roles.ensure",
        "managed.roles.login",
        "managed.roles.superuser",
        "managed.roles.passwordSecret.name",
        "managed.services.additional.selectorType",
        "managed.services.additional.serviceTemplate.metadata.name",
        "managed.services.additional.serviceTemplate.spec.type",
        "postgresql.synchronous.method",
        "postgresql.synchronous.number",
        "postgresql.synchronous.dataDurability",
        "postgresql.synchronous.failoverQuorum",
        "postgresql.parameters",
        "affinity.enablePodAntiAffinity",
        "affinity.podAntiAffinityType",
        "affinity.topologyKey",
        "resources.requests",
        "resources.limits",
        "storage.size",
    ]
)
FREE = ("inheritedMetadata.labels", "postgresql.parameters", "resources.requests",
        "resources.limits")  # fmt: skip
# What the operator sets by itself: its webhook refuses whoever does.
OPERATORS_OWN = frozenset({
    "archive_command", "archive_mode", "full_page_writes", "hot_standby", "listen_addresses",
    "port", "restart_after_crash", "ssl", "synchronous_standby_names", "wal_level",
})  # fmt: skip
# They call what is not ours: providers and notices of shops; buses as they run; mail.
OUTSIDE = {"payments", "itinerary", "insights"}


def dashed(name: str) -> str:
    return name.replace("_", "-")


def build(folder: Path) -> list[dict[str, Any]]:
    kubectl = Path(sys.executable).with_name("kubectl")
    done = subprocess.run(
        [kubectl, "kustomize", folder], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return list(YAML(typ="safe", pure=True).load_all(done.stdout))


@pytest.fixture(scope="module", params=OVERLAYS)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    home = Home(tmp_path_factory.mktemp(request.param))
    kubernetes.make(home, Place("mine", request.param, "guide.example.jp"))
    return {(each["kind"], plain(each)): each for each in build(home.data)}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Built:
    home = Home(tmp_path_factory.mktemp("cluster"))
    kubernetes.make(home, Place("mine", CLUSTER))
    return {(each["kind"], plain(each)): each for each in build(home.data)}


def plain(resource: dict[str, Any]) -> str:
    """A name without what kustomize appends to generated ones so that pods learn of changes."""
    name = str(resource["metadata"]["name"])
    return (
        re.sub(r"-[a-z0-9]{10}$", "", name) if resource["kind"] in {"Secret", "ConfigMap"} else name
    )


def workload(built: Built, component: Component) -> dict[str, Any]:
    kind = "Job" if component.is_job else "Deployment"
    return built[kind, dashed(component.name)]


def pod(resource: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = resource["spec"]["template"]["spec"]
    return found


def main(resource: dict[str, Any]) -> dict[str, Any]:
    (found,) = pod(resource)["containers"]
    assert found["name"] == "main"
    return dict(found)


def workloads(built: Built) -> Iterator[dict[str, Any]]:
    return (
        each for (kind, _), each in built.items() if kind in {"Deployment", "Job", "StatefulSet"}
    )


def test_kubernetes_takes_each_resource(built: Built) -> None:
    unknown = set()
    for resource in built.values():
        try:
            kubernetes_validate.validate(resource, VERSION, strict=True)
        except kubernetes_validate.SchemaNotFoundError:
            unknown.add(resource["apiVersion"])
    # The operator's resource is not Kubernetes' own: its fields stand in the test below.
    assert unknown <= {"postgresql.cnpg.io/v1"}


def test_the_check_would_find_a_wrong_word(built: Built) -> None:
    wrong = dict(built["Deployment", "edge"])
    wrong["spec"] = wrong["spec"] | {"replica": 2}
    with pytest.raises(kubernetes_validate.ValidationError, match="replica"):
        kubernetes_validate.validate(wrong, VERSION, strict=True)


def test_every_part_is_there_and_no_other(built: Built) -> None:
    named = {each["metadata"]["labels"]["meguri/component"] for each in workloads(built)}
    expected = {dashed(c.name) for c in parts.HERE if not c.optional}
    if ("Cluster", "postgres") in built:
        expected.remove("postgres")
    assert named == expected


@pytest.mark.parametrize("component", OURS, ids=lambda component: component.name)
def test_the_same_command_and_image(built: Built, component: Component) -> None:
    container = main(workload(built, component))
    assert container["command"] == parts.command(component)
    image = "meguri-platform" if component.is_job else f"meguri-{dashed(component.name)}"
    images = {each["image"] for each in pod(workload(built, component)).get("initContainers", [])}
    assert images | {container["image"]} == {image}


@pytest.mark.parametrize("component", OURS, ids=lambda component: component.name)
def test_the_same_variables(built: Built, component: Component, tmp_path: Path) -> None:
    container = main(workload(built, component))
    plainly = {each["name"]: each for each in container["env"]}
    secret = set[str]()
    for source in container.get("envFrom", []):
        name = re.sub(r"-[a-z0-9]{10}$", "", source["secretRef"]["name"])
        secret |= set(built["Secret", name].get("data") or {})
    if component.name == "payments":  # filled in by people, in providers.env
        assert built["Secret", "providers"]
        secret |= {name for names in PROVIDERS.values() for name in names}
    assert not secret & set(plainly)
    assert secret | set(plainly) == set(component.environment)
    parts.check_ports(
        component, {name: each["value"] for name, each in plainly.items() if "value" in each},
        dashed=True,
    )  # fmt: skip
    left = {name for name, each in plainly.items() if "options" in str(each.get("valueFrom"))}
    own = {"MEGURI_TICKET_MASTER"}  # a key in a Secret there
    assert left == set(component.environment) & {*OPTIONS, "MEGURI_LOG_LEVEL"} - own


@pytest.mark.parametrize("component", OURS, ids=lambda component: component.name)
def test_the_same_order_of_start(built: Built, component: Component) -> None:
    waits = pod(workload(built, component)).get("initContainers", [])
    given = waits[0]["command"][3:] if waits else []
    kinds = {Health.GRPC: "grpc", Health.HTTP: "http"}
    expected = []
    for name in component.depends_on:
        needed = by_name()[name]
        if name == "prepare":
            expected.append("tables")
        elif not needed.only_here:
            expected.append(f"{kinds.get(needed.health, 'port')}:{dashed(name)}:{needed.port}")
    assert given == expected
    assert all(each["command"][:3] == ["python", "-m", "infra.wait"] for each in waits)


PROBED = [c for c in parts.HERE if not c.is_job and not c.optional]


@pytest.mark.parametrize("component", PROBED, ids=lambda component: component.name)
def test_the_same_health_probe(built: Built, component: Component) -> None:
    if (found := built.get(("Cluster", component.name))) is not None:
        assert "probes" not in found["spec"]  # its operator asks
        return
    kind = "StatefulSet" if component.name in {"nats", "postgres"} else "Deployment"
    container = main(built[kind, dashed(component.name)])
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = container[name]
        if component.health is Health.NATS:
            assert asked["httpGet"]["port"] == component.metrics_port
            assert asked["httpGet"]["path"].startswith("/healthz")
        else:
            assert asked["exec"]["command"] == parts.probe(component)
    start = container["startupProbe"]
    assert start["periodSeconds"] * start["failureThreshold"] >= component.start_s


@pytest.mark.parametrize("component", LASTING, ids=lambda component: component.name)
def test_who_may_run_twice_does_and_nobody_else(cluster: Built, component: Component) -> None:
    found = workload(cluster, component)
    budget = cluster.get(("PodDisruptionBudget", dashed(component.name)))
    if component.alone:
        assert (found["spec"]["replicas"], found["spec"]["strategy"]) == (1, {"type": "Recreate"})
        assert found["metadata"]["annotations"]["meguri/alone"] == component.alone
        assert budget is None  # one that may never stop would hold up every node
        return
    assert found["spec"]["replicas"] >= 2
    assert found["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert budget is not None
    assert budget["spec"]["selector"] == found["spec"]["selector"]
    # Where pods are broken anyway, a budget that counts them would keep a node from being emptied.
    assert budget["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def test_nothing_has_more_rights_than_it_needs(built: Built) -> None:
    for resource in workloads(built):
        described = pod(resource)
        assert described["automountServiceAccountToken"] is False
        assert described["securityContext"]["runAsNonRoot"] is True
        assert described["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in [*described["containers"], *described.get("initContainers", [])]:
            assert container["securityContext"] == {
                "readOnlyRootFilesystem": True,
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"]["requests"]["memory"]
            assert container["resources"]["limits"]["memory"]


def test_whoever_is_told_where_another_is_may_call_it_and_nobody_else(built: Built) -> None:
    for component in OURS:
        labels = workload(built, component)["spec"]["template"]["metadata"]["labels"]
        given = {name.removeprefix("calls.meguri/") for name in labels if "calls.meguri/" in name}
        told = {
            "postgres" if name.endswith("_DATABASE_URL") else TOLD[name]
            for name in component.environment
            if name in TOLD or name.endswith("_DATABASE_URL")
        }
        assert given == told | ({"outside"} if component.name in OUTSIDE else set())


def test_nobody_talks_but_as_the_rules_say(built: Built) -> None:
    rules = {name: each["spec"] for (kind, name), each in built.items() if kind == "NetworkPolicy"}
    nobody = rules.pop("nobody")
    assert nobody == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    ports = {dashed(name): component.port for name, component in by_name().items()}
    ports["mqtt"] = by_name()["nats"].mqtt_port
    for target in {*TOLD.values()}:
        where = {"matchLabels": {"meguri/component": "nats" if target == "mqtt" else target}}
        caller = {"matchLabels": {f"calls.meguri/{target}": "yes"}}
        at = [{"protocol": "TCP", "port": ports[target]}]
        assert rules.pop(f"to-{target}") == {
            "podSelector": where, "policyTypes": ["Ingress"],
            "ingress": [{"from": [{"podSelector": caller}], "ports": at}],
        }  # fmt: skip
        assert rules.pop(f"calls-{target}") == {
            "podSelector": caller, "policyTypes": ["Egress"],
            "egress": [{"to": [{"podSelector": where}], "ports": at}],
        }  # fmt: skip
    left = {"names", "visitors", "gadgets", "metrics", "calls-outside"}
    if ("Cluster", "postgres") in built:
        left |= {"nats-peers", "postgres-instances"}
    assert set(rules) == left


def test_a_service_leads_to_its_part(built: Built) -> None:
    for component in LASTING:
        (port,) = built["Service", dashed(component.name)]["spec"]["ports"]
        assert port["port"] == component.port
        assert built["Service", dashed(component.name)]["spec"]["selector"] == {
            "meguri/component": dashed(component.name)
        }
    (rule,) = built["Ingress", "edge"]["spec"]["rules"]
    assert rule["host"] in {"guide.example.jp"}
    assert built["Ingress", "edge"]["spec"]["tls"][0]["hosts"] == ["guide.example.jp"]


def test_what_a_pod_names_is_made(built: Built) -> None:
    names = {each["metadata"]["name"] for (kind, _), each in built.items() if kind == "Secret"}
    asked = set[str]()
    for resource in workloads(built):
        described = pod(resource)
        asked |= {v["secret"]["secretName"] for v in described.get("volumes", []) if "secret" in v}
        for container in [*described["containers"], *described.get("initContainers", [])]:
            asked |= {source["secretRef"]["name"] for source in container.get("envFrom", [])}
    assert asked
    assert asked <= names
    assert "postgres-login" in names


def test_every_image_of_ours_comes_from_the_registry_that_was_named(tmp_path: Path) -> None:
    home = Home(tmp_path)
    kubernetes.make(home, Place("mine", CLUSTER, registry="registry.example.jp/town", tag="1.0"))
    for each in build(home.data):
        if each["kind"] not in {"Deployment", "Job"}:
            continue
        for container in [*pod(each)["containers"], *pod(each).get("initContainers", [])]:
            if each["metadata"]["name"] != "valkey":
                assert container["image"].startswith("registry.example.jp/town/meguri-")
                assert container["image"].endswith(":1.0")


def test_a_cluster_keeps_everything_on_three(cluster: Built) -> None:
    assert cluster["StatefulSet", "nats"]["spec"]["replicas"] == kubernetes.NATS_SERVERS == 3
    told = {each["name"]: each.get("value") for each in main(cluster["Job", "prepare"])["env"]}
    assert told["MEGURI_NATS_REPLICAS"] == "3"
    spec = cluster["Cluster", "postgres"]["spec"]
    assert spec["instances"] == 3
    assert spec["postgresql"]["synchronous"] == {
        "method": "any", "number": 1, "dataDurability": "required", "failoverQuorum": True,
    }  # fmt: skip
    assert spec["managed"]["roles"][0]["passwordSecret"] == {"name": "postgres-login"}
    (service,) = spec["managed"]["services"]["additional"]
    assert service["selectorType"] == "rw"
    assert service["serviceTemplate"]["metadata"]["name"] == "postgres"


def words_of(value: Any, path: str = "") -> Iterator[str]:
    """Every field of a resource by its way there, lists left out."""
    if isinstance(value, dict) and path not in FREE:
        for name, below in value.items():
            yield from words_of(below, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for each in value:
            yield from words_of(each, path)
    else:
        yield path


def test_the_operator_of_postgresql_knows_every_word(cluster: Built) -> None:
    spec = cluster["Cluster", "postgres"]["spec"]
    assert set(words_of(spec)) - OPERATOR_WORDS == set()
    assert not set(spec["postgresql"]["parameters"]) & OPERATORS_OWN
    assert all(isinstance(each, str) for each in spec["postgresql"]["parameters"].values())
    assert spec["affinity"]["podAntiAffinityType"] in {"required", "preferred"}
    wrong = {**spec, "postgresql": {**spec["postgresql"], "synchronus": {"number": 1}}}
    assert set(words_of(wrong)) - OPERATOR_WORDS == {"postgresql.synchronus.number"}


def test_a_standby_of_which_nobody_knows_is_not_promoted(cluster: Built) -> None:
    spec = cluster["Cluster", "postgres"]["spec"]
    standbys, acknowledge = spec["instances"] - 1, spec["postgresql"]["synchronous"]["number"]
    assert spec["postgresql"]["synchronous"]["failoverQuorum"] is True
    assert 1 <= acknowledge < standbys, "one standby away must stop no sale"
