"""A setting that the code reads or a document names can be set: here and in containers."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from infra.local import home as homes
from infra.local.home import Home, Settings
from infra.local.machine import Machine
from infra.local.table import COMPONENTS, OPTIONS, Component, by_name
from kit import config

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSE: dict[str, Any] = YAML(typ="safe").load(ROOT / "docker-compose.yml")["services"]
NAME = re.compile(r"""["'](MEGURI_[A-Z0-9_]+)["']""")
# Programs of their own, which an operator starts with whatever they need.
OTHERS = {"cli", "cli.py", "sensor", "conformance"}
MEMBERS = [
    c for c in COMPONENTS if c.module and c.module[0].startswith(("services.", "simulators."))
]


def names_in(files: Iterable[Path], pattern: re.Pattern[str] = NAME) -> set[str]:
    return {name for path in files for name in pattern.findall(path.read_text())}


def sources(component: Component) -> list[Path]:
    """The files of a component's own program."""
    folder = ROOT.joinpath(*component.module[0].split(".")[:-1])
    return [path for path in folder.rglob("*.py") if not OTHERS & set(path.relative_to(ROOT).parts)]


@pytest.mark.parametrize("component", MEMBERS, ids=lambda component: component.name)
def test_what_a_program_reads_it_is_given(component: Component) -> None:
    read = names_in(sources(component))
    assert read <= set(component.environment)
    assert read <= set(COMPOSE[component.name]["environment"])


def test_the_search_finds_what_it_is_for() -> None:
    found = names_in(sources(by_name()["edge"])) | names_in(sources(by_name()["payments"]))
    assert {
        "MEGURI_ACQUIRER_DEADLINE_S", "MEGURI_TICKET_MASTER", "MEGURI_EDGE_SILENCE_S",
        "MEGURI_EDGE_WORKERS", "MEGURI_MAP_TILES", "MEGURI_NOTICE_NETWORKS",
    } <= found  # fmt: skip


def test_what_an_operator_sets_arrives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path)
    home.make()
    ports = {component.name: 1 for component in COMPONENTS if component.port}
    machine = Machine(home, Settings(), homes.ensure_passwords(home), ports, {})
    for option in OPTIONS:
        monkeypatch.setenv(option, f"of {option}")
    arrived = {
        name: value
        for component in MEMBERS
        for name, value in machine.environment(component).items()
        if name in OPTIONS
    }
    assert arrived == {option: f"of {option}" for option in OPTIONS}


def test_options_are_left_to_the_operator_in_containers() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for option in OPTIONS:
        assert f"{option}: ${{{option}:-}}" in text


def test_documents_name_only_settings_that_there_are() -> None:
    code = [
        path
        for room in ("kit", "cli", "infra", "services", "simulators", "chaos", "bench", "loadtests")
        for path in (ROOT / room).rglob("*.py")
    ]
    there = names_in([*code, ROOT / "meguri"]) | {
        f"MEGURI_{name.upper().replace('-', '_')}_PROGRAM" for name in ("postgres", "initdb")
    }  # infra/local/binaries.py makes these names
    there |= names_in([ROOT / "docker-compose.yml"], re.compile(r"(MEGURI_[A-Z0-9_]+)"))
    documents = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    documents += [
        path for room in ("services", "kit", "infra") for path in (ROOT / room).rglob("*.md")
    ]
    told = names_in(documents, re.compile(r"`(MEGURI_[A-Z0-9_]*[A-Z0-9])[`=]"))
    assert {"MEGURI_EDGE_SILENCE_S", "MEGURI_ACQUIRER_DEADLINE_S"} <= told
    assert told <= there


@pytest.mark.parametrize("text", ["soon", "0", "-1", "nan", "inf"])
def test_a_number_that_cannot_be_used_is_named(text: str) -> None:
    with pytest.raises(config.ConfigError, match="MEGURI_X"):
        config.number({"MEGURI_X": text}, "MEGURI_X", 5.0)


@pytest.mark.parametrize("environment", [{}, {"MEGURI_X": ""}])
def test_without_a_number_it_is_the_default(environment: dict[str, str]) -> None:
    assert config.number(environment, "MEGURI_X", 5.0) == 5.0
