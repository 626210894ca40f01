"""The table of components is complete and can be started and stopped in some order."""

import pytest

from infra.local.machine import evaded_ports
from infra.local.table import COMPONENTS, PROVIDERS, SERVICES, by_name, chosen


def test_every_component_depends_on_known_components_before_it() -> None:
    seen: set[str] = set()
    for component in COMPONENTS:
        assert set(component.depends_on) <= seen, component.name
        seen.add(component.name)


def test_documented_ports_are_different() -> None:
    ports = [port for c in COMPONENTS for port in (c.port, c.metrics_port) if port]
    assert len(ports) == len(set(ports))


def test_every_service_has_a_place_in_the_table() -> None:
    assert set(SERVICES) <= set(by_name())
    for service in SERVICES:
        assert by_name()[service].module == (f"services.{service}.main",)


def test_only_the_edge_and_the_command_line_hold_the_key_that_makes_tokens() -> None:
    holders = [c.name for c in COMPONENTS if "MEGURI_TOKEN_PRIVATE_KEY" in c.environment]
    assert holders == ["edge", "load"]


def test_a_service_gets_its_own_database_only() -> None:
    for service in SERVICES:
        given = [n for n in by_name()[service].environment if n.endswith("DATABASE_URL")]
        assert given == ["MEGURI_DATABASE_URL"]


def test_a_choice_brings_what_it_needs_and_nothing_else() -> None:
    names = [component.name for component in chosen(["directory"], with_proxy=False)]
    assert names == ["nats", "postgres", "valkey", "prepare", "directory"]


def test_an_unknown_choice_is_an_error() -> None:
    with pytest.raises(KeyError):
        chosen(["nonsense"], with_proxy=False)


@pytest.mark.parametrize("with_proxy", [True, False])
def test_the_proxy_runs_only_with_a_domain(with_proxy: bool) -> None:  # noqa: FBT001 - a parameter of the test
    names = {component.name for component in chosen([], with_proxy=with_proxy)}
    assert ("proxy" in names) is with_proxy
    assert names >= {c.name for c in COMPONENTS if not c.optional} - {"proxy"}


def test_a_simulator_of_a_provider_runs_only_where_it_is_asked_for() -> None:
    optional = {component.name for component in COMPONENTS if component.optional}
    assert optional == {f"{provider}_simulator" for provider in PROVIDERS}
    assert not optional & {c.name for c in chosen([], with_proxy=False)}
    asked = chosen([], with_proxy=False, simulators={"square_simulator"})
    assert optional & {c.name for c in asked} == {"square_simulator"}
    alone = chosen(["directory"], with_proxy=False, simulators={"square_simulator"})
    assert not optional & {c.name for c in alone}
    assert not [c.name for c in COMPONENTS if optional & set(c.depends_on)]


def test_ports_that_were_taken_are_told_and_those_asked_for_are_not() -> None:
    edge, nats = by_name()["edge"].port, by_name()["nats"].port
    assert evaded_ports({"edge": edge, "nats": nats}, None) == {}
    assert evaded_ports({"edge": 40001, "nats": 40002}, None) == {"edge": edge, "nats": nats}
    assert evaded_ports({"edge": 9000, "nats": nats}, 9000) == {}
