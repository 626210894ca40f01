"""The days: each is there, says what happens in its first lines, and asks for what exists."""

import ast
import importlib.util
from pathlib import Path

import pytest

from cli.load import scenarios
from loadtests import days, mix
from loadtests.day import Day

FOLDER = Path(days.__file__).parent
WANTED = {"bus_arrives", "golden_week", "national", "obon_evening", "rainy_sunday"}


@pytest.fixture(params=sorted(WANTED))
def day(request: pytest.FixtureRequest) -> Day:
    return days.find(request.param)


def test_the_command_offers_these_days() -> None:
    assert set(days.names()) == set(scenarios()) == WANTED


def test_a_day_says_in_ten_lines_what_happens(day: Day) -> None:
    lines = (FOLDER / f"{day.name}.py").read_text().splitlines()
    said = ast.get_docstring(ast.parse("\n".join(lines))) or ""
    assert len(said.splitlines()) <= 10
    assert "Gate:" in said
    assert len(lines) <= 40


def test_its_gate_and_its_words_agree(day: Day) -> None:
    said = ast.get_docstring(ast.parse((FOLDER / f"{day.name}.py").read_text())) or ""
    for limit in (day.gate.p95_ms, day.gate.p99_ms):
        assert not limit or f"{limit} ms" in said or day.name == "national"
    assert day.gate.succeed == 1.0, "no day allows a failure"


def test_every_act_exists(day: Day) -> None:
    if importlib.util.find_spec("gevent") is None:
        pytest.skip("locust is not installed: ./meguri load installs it")
    from loadtests.acts import learn  # noqa: PLC0415 - needs gevent

    assert set(day.rates) <= set(learn())
    assert set(mix.BURST) <= set(learn())


def test_the_burst_is_that_of_the_design() -> None:
    assert sum(mix.PAGES.values()) == 83
    assert (mix.BURST["scan"], mix.BURST["plan"], mix.BURST["pay"]) == (33, 2.5, 1.3)
    assert sum(mix.PAGES.values()) * mix.BURSTS == 1_245, "1,250 requests a second of 150 areas"


def test_twice_the_load_is_twice_everything_and_only_is_nothing_else(day: Day) -> None:
    twice = day.at(2)
    assert twice.rates == {name: 2 * per_s for name, per_s in day.rates.items()}
    assert twice.sensors_per_s == 2 * day.sensors_per_s
    alone = day.only("scan")
    assert set(alone.rates) == {"scan"}
    assert (alone.sensors_per_s, alone.story) == (0.0, "")


def test_the_nation_leaves_out_no_kind() -> None:
    if importlib.util.find_spec("gevent") is None:
        pytest.skip("locust is not installed: ./meguri load installs it")
    from loadtests import nation  # noqa: PLC0415 - needs the stubs

    counted = [act for acts, _ in nation.KINDS.values() for act in acts]
    assert sorted(counted) == sorted([*days.find("national").rates, "sensor_batch"])
    assert nation.nation_per_s(("sensor_batch",)) == 3_000
    assert nation.nation_per_s(("scan",)) == 495
