"""The report: one file, no script, everything in it, nothing of the machine's names or paths."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests import result, samples
from loadtests.cpu import OTHERS, STOLEN, Cpu
from loadtests.day import Day, Gate
from loadtests.playing import Measured
from loadtests.report import drawing, writing
from loadtests.samples import Run, Sample

ABOUT: dict[str, Any] = {
    "says": "A day <of> visitors.", "date": "2026-11-30 16:00 UTC", "commit": "abc123",
    "machine": {"cores": 2, "memory_gb": 8.0, "system": "Linux x86_64", "python": "3.11.7",
                "load_at_start": [0.5, 0.4, 0.3]},
    "command": "./meguri load some_day", "cache": "warm: opened before", "areas": 1,
    "notes": ["Something to know."], "title_more": "", "marks": [(4.0, "the cave is closed")],
}  # fmt: skip


@pytest.fixture
def measured() -> Measured:
    found = [Sample(i / 10, 20 + i % 7, "/g/{stop_code}") for i in range(99)]
    found.append(Sample(9.5, 900.0, "POST <plan>", 1, "status 503"))
    cpu = Cpu([float(i) for i in range(15)], {
        "edge": [0.3 * i for i in range(15)], "postgres": [0.1 * i for i in range(15)],
        OTHERS: [0.5 * i for i in range(15)], STOLEN: [0.0] * 15,
    })  # fmt: skip
    heard = {"asked": 5, "acknowledged": 4, "observations": 100, "ms": [1.0, 2.0], "at": [0, 1]}
    return Measured(Run(10, found, [10] * 10, [10] * 10), cpu, 1.0, 13.0, {}, heard)


@pytest.fixture
def document(measured: Measured) -> dict[str, Any]:
    day = Day("some_day", "A day.", {"scan": 10}, gate=Gate(p95_ms=100, p99_ms=500))
    return result.document(day, measured) | {"steps": [], "nation": {}}


def test_the_answer_has_the_names_that_stay(document: dict[str, Any]) -> None:
    assert document["requests"] == 100
    assert document["failures"] == 1
    assert (document["p50_ms"], document["p95_ms"], document["p99_ms"]) == (23, 26, 26)
    assert document["passed"] is False
    assert document["cpu_s"] == {"edge": 3.6, "postgres": 1.2}
    assert document["cpu_ms_per_request"] == 48.0
    assert (document["platform_cores"], document["other_cores"]) == (0.4, 0.5)


def test_a_batch_that_was_not_acknowledged_misses_the_gate(document: dict[str, Any]) -> None:
    [found] = [each for each in document["verdicts"] if each["name"] == "sensors"]
    assert not found["passed"]
    assert "4 of 5" in found["text"]


@pytest.mark.parametrize(("paid", "passed"), [(19, True), (18, False), (0, False)])
def test_sales_that_were_answered_and_not_paid_miss_the_gate(
    measured: Measured,
    paid: int,
    passed: bool,  # noqa: FBT001 - a case
) -> None:
    sales = [{"request_id": f"r{number}"} for number in range(20)]
    said = [each | {"said": "ok" if n < paid else "bad"} for n, each in enumerate(sales)]
    done = {"intents": sales, "acks": [*({**each, "said": ""} for each in sales), *said]}
    sold = replace(measured, left={"demo": done})
    verdicts = result.document(Day("some_day", "A day.", {"pay": 1}), sold)["verdicts"]
    [found] = [each for each in verdicts if each["name"] == "paid"]
    assert (found["passed"], found["text"]) == (passed, f"{paid} of 20 sales were paid (limit 95%)")
    # With kills, every sale is settled afterwards and judged by that.
    settled = result.document(Day("some_day", "A day.", {"pay": 1}), sold, [])["verdicts"]
    assert "paid" not in {each["name"] for each in settled}


def test_the_page_needs_nothing_else(measured: Measured, document: dict[str, Any]) -> None:
    page = writing.page(document, result.series(measured), ABOUT)
    assert not re.search(r"<script|<link|<img|url\(|@import|https?://|src=", page)
    assert len(page) < 150_000
    assert "A day &lt;of&gt; visitors." in page
    assert "POST &lt;plan&gt;" in page
    assert page.count('class="chart"') == 4
    for told in ("abc123", "./meguri load some_day", "0.5 · 0.4 · 0.3", "Something to know.",
                 "the cave is closed", "1 of 100 requests failed"):  # fmt: skip
        assert told in page, told


def test_where_nothing_failed_there_is_nothing_to_draw(
    measured: Measured, document: dict[str, Any]
) -> None:
    drawn = result.series(measured)
    drawn["windows"] = [{**each, "failures": 0} for each in drawn["windows"]]
    page = writing.page(document, drawn, ABOUT)
    assert page.count('class="chart"') == 3
    assert "Failures: none" in page


def test_every_drawing_is_whole_and_has_a_name(
    measured: Measured, document: dict[str, Any]
) -> None:
    page = writing.page(document, result.series(measured), ABOUT)
    for found in re.findall(r'<svg class="chart".*?</svg>', page, re.DOTALL):
        assert ET.fromstring(found).get("aria-label")  # noqa: S314 - our own text
        for x, y in re.findall(r"(-?\d+\.\d),(-?\d+\.\d)", found):
            assert -1 <= float(x) <= drawing.WIDTH + 1
            assert -1 <= float(y) <= drawing.HEIGHT + 1


def test_steps_and_the_nation_get_charts_and_tables(
    measured: Measured, document: dict[str, Any], tmp_path: Path
) -> None:
    step = {"requests_per_s": 20.0, "failures": 0, "p50_ms": 5, "p95_ms": 9, "p99_ms": 12,
            "cpu_ms_per_request": 9.5, "platform_cores": 0.2, "reached": 1.0}  # fmt: skip
    document["steps"] = [{"factor": 0.25, **step}, {"factor": 2.0, **step}]
    kind = {"name": "plan", "per_s": 38.0, "low_ms": 30.0, "middle_ms": 35.0, "high_ms": 40.0,
            "cores": 1.33, "low_cores": 1.1, "high_cores": 1.5}  # fmt: skip
    document["nation"] = {"told": "150 areas need so much.", "kinds": [kind]}
    html, markdown = writing.write(tmp_path, document, result.series(measured), ABOUT)
    assert html.read_text().count('class="chart"') == 7
    said = markdown.read_text()
    assert "| 0.25 | 20.0 | 100.0% | 0 | 9 | 9.5 | 0.2 |" in said
    assert "| plan | 38 | 35.00 (30.00 – 40.00) | 1.33 |" in said
    assert "**NOT passed**" in said
    assert "[some_day.html](some_day.html)" in said


def test_neither_name_nor_path_of_the_machine_is_told() -> None:
    told = str(result.machine())
    assert "/" not in told.replace("x86_64", "")
    assert result.commit(Path("/nowhere")) == ""


@given(st.floats(0, 1e6))
def test_an_axis_holds_what_is_drawn(largest: float) -> None:
    axis = drawing.linear(largest)
    assert axis.top >= largest * (1 - 1e-9)
    assert axis.at(0) == drawing.HEIGHT - drawing.BOTTOM
    assert drawing.TOP - 1e-6 <= axis.at(largest) <= drawing.HEIGHT - drawing.BOTTOM


@given(st.floats(0.01, 1e5), st.floats(0.01, 1e5))
def test_an_axis_of_times_holds_both_ends(one: float, other: float) -> None:
    low, high = sorted((one, other))
    axis = drawing.milliseconds(low, high)
    assert axis.bottom <= max(low, 1.0)
    assert axis.top >= high
    assert axis.at(max(low, axis.bottom)) >= axis.at(high)


def test_samples_make_the_series(measured: Measured) -> None:
    found = result.series(measured)
    assert sum(each["requests"] for each in found["windows"]) == len(measured.run.samples)
    assert found["arrivals"][0] == {"at": 0, "asked": 10, "reached": 10}
    assert found["cpu"]["edge"][1][1] == pytest.approx(0.3)
    assert samples.by_name(measured.run.samples)["POST <plan>"]["failures"] == 1
