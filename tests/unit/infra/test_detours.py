"""Ways round between components: none without the file, and only for who is meant."""

from pathlib import Path

import pytest

from infra.local import detours
from infra.local import home as homes
from infra.local.home import Home, Settings
from infra.local.machine import Machine
from infra.local.table import COMMAND_LINE, COMPONENTS, SERVICES, by_name

PORTS = {component.name: component.port for component in COMPONENTS if component.port}


def machine(folder: Path, **more: dict[str, int]) -> Machine:
    """A machine with the documented ports."""
    home = Home(folder)
    home.make()
    return Machine(home, Settings(), homes.ensure_passwords(home), dict(PORTS), {}, **more)  # type: ignore[arg-type]


def test_every_way_of_a_part_to_another_is_a_pair_and_no_other() -> None:
    pairs = detours.pairs()
    assert len(pairs) == len(set(pairs))
    for service in SERVICES:
        wanted = {f"{service}>{name}" for name in ("nats", "postgres", "valkey")}
        wanted |= {"payments>acquirer_simulator"} if service == "payments" else set()
        assert {pair for pair in pairs if pair.startswith(f"{service}>")} == wanted
    assert {pair for pair in pairs if pair.startswith("edge>")} == {
        f"edge>{name}" for name in ("nats", "valkey", *SERVICES)
    }


def test_what_a_part_is_told_of_another_is_a_known_target() -> None:
    """A new variable that names a part's address must get a detour too."""
    addresses = {
        name for component in COMPONENTS for name in component.environment
        if name.endswith(("_ADDRESS", "DATABASE_URL")) or name in detours.TOLD
    }  # fmt: skip
    of_jobs = {"MEGURI_ADMIN_DATABASE_URL", *(f"MEGURI_{s.upper()}_DATABASE_URL" for s in SERVICES)}
    assert addresses - of_jobs == set(detours.TOLD)


@pytest.mark.parametrize("pair", detours.pairs())
def test_a_detour_changes_what_one_part_is_told_and_nothing_else(tmp_path: Path, pair: str) -> None:
    plain, round_about = machine(tmp_path), machine(tmp_path, detours={pair: 41_000})
    asker, _, target = pair.partition(">")
    for component in COMPONENTS:
        if component.name == "postgres":
            continue
        before, after = (each.environment(component) for each in (plain, round_about))
        changed = {name for name in before if before[name] != after[name]}
        if component.name != asker:
            assert not changed
            continue
        [name] = changed
        assert detours.TOLD[name] == target
        assert after[name] == before[name].replace(f":{PORTS[target]}", ":41000")
    assert plain.variables(COMMAND_LINE) == round_about.variables(COMMAND_LINE)


def test_nobody_goes_round_about_to_what_does_not_run(tmp_path: Path) -> None:
    lonely = machine(tmp_path, detours={"payments>acquirer_simulator": 1})
    del lonely.ports["acquirer_simulator"]
    told = lonely.environment(by_name()["payments"])
    assert told["MEGURI_ACQUIRER_SIMULATOR_URL"] == ""


def test_the_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert detours.read(home) == {}
    detours.write(home, {"payments>postgres": 41_000})
    assert detours.read(home) == {"payments>postgres": 41_000}


@pytest.mark.parametrize(
    "text", ["", "[]", '{"payments": 1}', '{"a>b": 0}', '{"a>b": true}', '{"a>b": "1"}',
             '{"a>b": 65536}'],
)  # fmt: skip
def test_a_damaged_file_starts_nothing(tmp_path: Path, text: str) -> None:
    home = Home(tmp_path)
    home.run.mkdir()
    detours.file_of(home).write_text(text)
    with pytest.raises(detours.DetoursDamaged):
        detours.read(home)
