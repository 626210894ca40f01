"""What an installation costs, and that its division is fair."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.__main__ import main
from cli.cost import read
from cli.cost_model import (
    AREAS_MOST,
    VISITORS_A_MACHINE,
    Area,
    Prices,
    _shapley,
    reckon,
    whole,
)  # fmt: skip

pytestmark = pytest.mark.usefixtures("english")
PRICES = Prices()
areas = st.lists(
    st.tuples(st.integers(0, 40_000), st.integers(0, 90), st.integers(0, 90)),
    min_size=1, max_size=5,
).map(lambda rows: [Area(f"a{n}", *row) for n, row in enumerate(rows)])  # fmt: skip


def test_one_small_area_by_hand() -> None:
    costs = reckon([Area("mine", 8_000, 60, 36)], PRICES)
    by_name = {line.name: line.yen_a_year for line in costs.lines}
    assert costs.machines == 1
    assert by_name["machine"] == pytest.approx((60_000 + 15_000 + 3_000) / 5)
    assert by_name["power"] == pytest.approx(0.015 * 8_766 * 31)
    assert by_name["line"] == 66_000
    assert by_name["signs"] == pytest.approx(36 * 300 / 3)
    (share,) = costs.shares
    assert share.yen == pytest.approx(costs.total)
    assert share.a_shop == pytest.approx(costs.total / 60)


@given(areas)
def test_shares_add_up_and_nobody_pays_more_than_alone(some: list[Area]) -> None:
    costs = reckon(some, PRICES)
    assert sum(share.yen for share in costs.shares) == pytest.approx(costs.total)
    for share in costs.shares:
        assert 0 < share.yen <= share.alone + 1e-6


@given(areas)
def test_what_has_to_be_bought_first_is_machines_and_signs(some: list[Area]) -> None:
    costs = reckon(some, PRICES)
    signs = sum(area.signs for area in some)
    assert costs.first_yen == costs.machines * (60_000 + 15_000 + 3_000) + signs * 300


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=9))
def test_whole_yen_add_up_to_the_whole_sum_and_none_is_off_by_a_yen(values: list[float]) -> None:
    found = whole(values, round(sum(values)))
    assert sum(found) == round(sum(values))
    assert all(abs(given_ - value) < 1 for given_, value in zip(found, values, strict=True))


@given(areas, st.randoms())
def test_the_order_of_the_areas_and_equal_areas_make_no_difference(
    some: list[Area], chance: Any
) -> None:
    shares = {share.area.name: share.yen for share in reckon(some, PRICES).shares}
    mixed = some[:]
    chance.shuffle(mixed)
    for share in reckon(mixed, PRICES).shares:
        assert share.yen == pytest.approx(shares[share.area.name])
    twin = Area("twin", some[0].visitors, some[0].shops, some[0].signs)
    both = reckon([*some, twin], PRICES).shares
    assert both[0].yen == pytest.approx(both[-1].yen)


def test_who_needs_the_second_machine_pays_for_it() -> None:
    small, large = Area("small", 500), Area("large", 3 * VISITORS_A_MACHINE)
    costs = reckon([small, large], PRICES)
    assert costs.machines == 4
    first, second = costs.shares
    assert second.yen > 3 * (first.yen - 66_000 / 2)
    assert first.yen < first.alone


def test_the_value_is_that_of_the_definition() -> None:
    """Three who need a runway of 1, 2 and 3 units (Littlechild and Owen, 1973)."""
    cost = [max([n + 1 for n in range(3) if chosen >> n & 1], default=0) for chosen in range(8)]
    assert _shapley([float(each) for each in cost]) == pytest.approx([1 / 3, 5 / 6, 11 / 6])


@pytest.mark.parametrize(
    "text", ["mine", "mine:", ":8000", "mine:-1", "mine:8e3", "mine:1:2:3:4", "mine:９", "m:1:x"]
)
def test_what_is_no_area_is_said(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="mine:8000:61:36"):
        read(text)
    assert main(["cost", text]) == 2
    assert text in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [["--watts", "-1"], ["--machine-years", "0"], ["--kwh", "nan"], ["--hour", "inf"],
     *[[f"b{n}:1" for n in range(AREAS_MOST)]], ["mine:9"], ["b:90000000"]],
)  # fmt: skip
def test_what_cannot_be_is_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "mine:8000", *wrong]) == 2
    assert "meguri cost" in capsys.readouterr().err


def test_it_is_told_to_people_and_to_programs(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["cost", "mine:8000:61:36", "hagi:3000:20:10", "--kwh", "40"]
    assert main(asked) == 0
    shown = capsys.readouterr().out
    assert "hagi" in shown
    assert "40 yen a kWh" in shown  # what was given, not what is usual
    assert "--hour 1500" in shown
    assert main([*asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["assumptions"]["kwh"] == 40
    for some in (found["shares"], found["lines"]):
        assert sum(each["yen_a_year"] for each in some) == found["yen_a_year"]
    assert found["yen_at_first"] == 2 * (60_000 + 15_000 + 3_000) + 46 * 300
    assert f"{found['yen_a_year']:,}" in shown


def test_work_is_in_the_sum_or_said_to_be_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "mine:8000", "--hour", "1500"]) == 0
    shown = capsys.readouterr().out
    assert "19,500" in shown  # 52 quarters of an hour
    assert "Nor the work" not in shown


def test_what_is_shown_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    """A council adds up what it is shown."""
    assert main(["cost", "a:8000:61:35", "b:3000:20:10", "c:900:7:1"]) == 0
    first, _, rest = capsys.readouterr().out.partition("\n\n")
    rows = [row.split() for row in first.splitlines()[1:]]
    numbers = [int(row[-1].replace(",", "")) for row in rows]
    assert sum(numbers[:-1]) == numbers[-1]
    table = [row.split() for row in rest.split("\n\n")[1].splitlines()[1:]]
    for column in (1, 2):
        told = [int(row[column].replace(",", "")) for row in table]
        assert sum(told[:-1]) == told[-1]
