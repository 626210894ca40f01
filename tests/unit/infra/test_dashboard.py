"""The folder for Prometheus and Grafana asks for nothing that nobody tells."""

import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import generate_latest
from ruamel.yaml import YAML

from cli import dashboard
from cli.__main__ import main
from infra.local.home import ROOT
from infra.observability import board, prometheus
from kit import bus, certificates, telemetry
from kit.certificates import BY_HAND, BY_ITSELF, BY_START, PAGES, Certificate

PORTS = {"edge": 8080, "payments": 9104, "nats": 4222}
METRICS_PORTS = {"payments": 9204, "insights": 9206, "nats": 8222}
SERIES = re.compile(r"(meguri_[a-z_]+)(\{[^}]*\})?")
LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
BY = re.compile(r"by \(([^)]*)\)")


def read(text: str) -> Any:
    return YAML(typ="safe").load(text)


def declared() -> dict[str, frozenset[str]]:
    """The series that are told, with their labels."""
    found: dict[str, frozenset[str]] = {}
    for metric in telemetry.METRICS:
        labels = frozenset(metric._labelnames)
        name = metric._name + ("_total" if metric._type == "counter" else "")
        if metric._type == "histogram":
            found |= {f"{name}_{end}": labels | {"le"} for end in ("bucket", "count", "sum")}
        else:
            found[name] = labels
    return found


def alerts() -> list[dict[str, Any]]:
    text = (ROOT / "infra" / "observability" / "alerts.yml").read_text(encoding="utf-8")
    (group,) = read(text)["groups"]
    return list(group["rules"])


def expressions() -> Iterator[str]:
    for panel in board.panels():
        yield from (query for query, _legend in panel.queries)
    yield from (rule["expr"] for rule in alerts())


@pytest.mark.parametrize("query", sorted(set(expressions())))
def test_what_is_asked_for_is_told(query: str) -> None:
    known = declared()
    asked = SERIES.findall(query)
    assert asked or query.startswith("up{")
    for name, chosen in asked:
        assert name in known
        assert set(LABEL.findall(chosen)) <= known[name]
        for by in BY.findall(query):
            assert {each.strip() for each in by.split(",")} <= known[name]
    assert query.count("(") == query.count(")")


def test_every_metric_is_drawn_or_wakes_somebody() -> None:
    """Of a histogram one series is enough."""
    asked = {name for query in expressions() for name, _chosen in SERIES.findall(query)}
    for metric in telemetry.METRICS:
        assert any(name.startswith(metric._name) for name in asked), metric._name


def test_legends_name_labels_that_are_left() -> None:
    for panel in board.panels():
        for query, legend in panel.queries:
            for label in re.findall(r"\{\{(\w+)\}\}", legend):
                kept = BY.findall(query)
                given = [known for name, known in declared().items() if name in query]
                assert label in (kept[-1] if kept else " ".join(set().union(*given)))


def test_panels_lie_side_by_side_and_never_on_one_another() -> None:
    taken: set[tuple[int, int]] = set()
    drawn = board.board()["panels"]
    assert len({each["id"] for each in drawn}) == len(drawn)
    for each in drawn:
        place = each["gridPos"]
        cells = {(place["x"] + x, place["y"] + y)
                 for x in range(place["w"]) for y in range(place["h"])}  # fmt: skip
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_the_document_counts_panels_and_alerts_right() -> None:
    text = (ROOT / "docs" / "telemetry.md").read_text(encoding="utf-8")
    assert f"a dashboard of {len(board.panels())} panels" in text
    assert f"{ ({10: 'ten'}[len(alerts())]) } alerts" in text


DAY = 86_400.0
# Of a proxy that renews by itself, six days and ninety; by hand; between the parts.
LIVES = {
    "six days": (BY_ITSELF, 160 / 24 * DAY), "three months": (BY_ITSELF, 90 * DAY),
    "by hand": (BY_HAND, 365 * DAY), "parts": (BY_START, 730 * DAY),
}  # fmt: skip


def fires(name: str, **series: float) -> bool:
    """Whether an alert that compares single series fires; one that is not told is NaN here."""
    (rule,) = (each for each in alerts() if each["alert"] == name)
    asked = dict.fromkeys((known for known, _ in SERIES.findall(rule["expr"])), math.nan)
    text = re.sub(r"\bunless\b", "and not", rule["expr"])
    assert re.fullmatch(r"[\w\s<>=*/.]+", text), "nothing that this reading does not know"
    return bool(eval(text, {"__builtins__": {}}, asked | series))  # noqa: S307 - our own file


def certificate_fires(left: float, life: float) -> bool:
    return fires("CertificateEnds", meguri_certificate_left_seconds=left,
                 meguri_certificate_life_seconds=life)  # fmt: skip


@pytest.mark.parametrize(("by", "life"), LIVES.values(), ids=LIVES)
def test_a_certificate_that_is_renewed_in_time_wakes_nobody(by: str, life: float) -> None:
    """A proxy renews at a third; whoever does it by hand is told thirty days before."""
    last = {BY_ITSELF: life / 3, BY_HAND: 30 * DAY, BY_START: 60 * DAY}[by]
    for step in range(101):
        left = last + (life - last) * step / 100
        assert not certificate_fires(left, life), f"{left / DAY} days left"


@pytest.mark.parametrize("life", [life for _, life in LIVES.values()], ids=LIVES)
def test_a_certificate_that_was_not_renewed_does(life: float) -> None:
    assert certificate_fires(min(life / 6, 6 * DAY), life)
    assert certificate_fires(0.0, life)
    assert certificate_fires(-DAY, life)


def test_of_a_certificate_whose_life_is_not_known_a_week_counts() -> None:
    assert certificate_fires(6.9 * DAY, math.nan)
    assert not certificate_fires(7.1 * DAY, math.nan)


@given(
    by=st.sampled_from([BY_HAND, BY_ITSELF, BY_START]), life=st.floats(3_600, 4e8),
    share=st.floats(-0.5, 1),
)  # fmt: skip
def test_nobody_is_woken_while_the_light_is_green(by: str, life: float, share: float) -> None:
    now = datetime.now(UTC)
    ends = now + timedelta(seconds=life * share)
    known = Certificate(of=PAGES, by=by, begins=ends - timedelta(seconds=life), ends=ends)
    if certificate_fires((ends - now).total_seconds() + 0.001, life):
        assert certificates.state(known, now) != certificates.OK


def test_the_first_event_that_is_given_up_is_an_increase() -> None:
    """Prometheus sees none where a series begins with it: it is told as 0 by whoever hears."""
    bus.Consumer(None, None, "insights", "a-source-of-this-test", ())  # type: ignore[arg-type]
    told = generate_latest().decode()
    assert (
        'meguri_events_heard_total{outcome="dead",service="insights",'
        'source="a-source-of-this-test"} 0.0'
    ) in told


def test_each_alert_says_what_to_do() -> None:
    for rule in alerts():
        assert rule["annotations"]["action"]
        assert " / " in rule["annotations"]["summary"]
        assert rule["labels"]["severity"] in {"page", "week"}


def test_every_part_that_tells_figures_is_asked_where_it_is() -> None:
    made = read(prometheus.config(PORTS, METRICS_PORTS, "alerts.yml"))
    assert made["rule_files"] == ["alerts.yml"]
    (job,) = made["scrape_configs"]
    asked = {each["labels"]["process"]: each["targets"] for each in job["static_configs"]}
    assert asked == {"edge": ["127.0.0.1:8080"], "payments": ["127.0.0.1:9204"],
                     "insights": ["127.0.0.1:9206"]}  # fmt: skip


def test_the_folder_holds_all_of_it_and_keeps_what_was_collected(tmp_path: Path) -> None:
    folder = tmp_path / "watch me"
    (folder / "kept").mkdir(parents=True)
    (folder / "kept" / "block").write_text("figures of a month")
    made = dashboard.write(folder, PORTS, METRICS_PORTS)
    assert dashboard.write(folder, PORTS, METRICS_PORTS) == made
    assert all((folder / name).is_file() for name in made)
    assert (folder / "kept" / "block").exists()
    drawn = json.loads((folder / "grafana/dashboards/meguri.json").read_text())
    given = folder / "grafana" / "provisioning"
    source = read((given / "datasources" / "meguri.yml").read_text())
    provider = read((given / "dashboards" / "meguri.yml").read_text())
    assert drawn["panels"][1]["datasource"]["uid"] == source["datasources"][0]["uid"]
    assert provider["providers"][0]["options"]["path"] == str(folder / "grafana" / "dashboards")
    assert f"retention.time={dashboard.KEPT}" in (folder / "README.md").read_text()


def test_where_nothing_runs_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dashboard", str(tmp_path / "x"), "--data", str(tmp_path / "data")]) == 1
    assert "./meguri up" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
