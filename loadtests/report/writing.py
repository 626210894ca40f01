"""Writes a report: DAY.html with its charts and DAY.md with its summary."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from loadtests.cpu import OTHERS, STOLEN
from loadtests.report import drawing, summary
from loadtests.report.drawing import Limit, Series

LAYERS = 6  # parts with a layer of their own; all others lie in one
HERE = Path(__file__).parent


def write(
    folder: Path, document: dict[str, Any], series: dict[str, Any], about: dict[str, Any]
) -> list[Path]:
    """Writes both files and returns where. about: says, date, commit, machine, command, cache,
    areas; marks: named moments."""
    folder.mkdir(parents=True, exist_ok=True)
    name = document["scenario"] + about.get("suffix", "")
    html, markdown = folder / f"{name}.html", folder / f"{name}.md"
    html.write_text(page(document, series, about), encoding="utf-8")
    markdown.write_text(summary.text(document, about, html.name), encoding="utf-8")
    return [html, markdown]


def now() -> str:
    """Returns the date of a report, in UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def page(document: dict[str, Any], series: dict[str, Any], about: dict[str, Any]) -> str:
    """Returns the report as HTML that needs no other file and no script."""
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    style = Markup((HERE / "report.css").read_text(encoding="utf-8"))  # noqa: S704 - our own file
    slowest = sorted(document["by_request"].items(), key=lambda pair: -pair[1]["p95_ms"])
    return environment.get_template("report.html").render(
        result=document, about=about, style=style, slowest=slowest,
        charts=charts(document, series, about.get("marks", []), about["machine"]["cores"]),
    )  # fmt: skip


def charts(
    document: dict[str, Any], series: dict[str, Any], marks: list[tuple[float, str]], cores: int
) -> list[dict[str, Any]]:
    """Returns the drawings: title, text, svg, legend (kind of swatch, name). cores: of the
    machine."""
    length = float(document["duration_s"])
    found = [
        _latency(document, series, length, marks), _arrivals(series, length, marks),
        _failures(series, length, marks), _cpu(series, marks, cores),
    ]  # fmt: skip
    return found + _steps(document) + _nation(document)


def _chart(
    title: str, text: str, svg: str, legend: list[tuple[str, str]], *, under: bool = False
) -> dict[str, Any]:
    """under: the first line lies below the others, broad and light."""
    drawn = Markup(svg)  # noqa: S704 - drawing.py escapes
    return {"title": title, "text": text, "svg": drawn, "legend": legend, "under": under}


def _middle(series: dict[str, Any], name: str, rows: str = "windows") -> list[tuple[float, float]]:
    half = series["width_s"] / 2
    return [(each["at"] + half, float(each[name])) for each in series[rows]]


def _latency(
    document: dict[str, Any], series: dict[str, Any], length: float, marks: list[tuple[float, str]]
) -> dict[str, Any]:
    names = ("p50_ms", "p95_ms", "p99_ms")
    rows = [Series(f"p{name[1:3]}", [p for p in _middle(series, name) if p[1] > 0])
            for name in names]  # fmt: skip
    limits = [Limit(document[f"limit_{name}_ms"], f"limit {name} {document[f'limit_{name}_ms']} ms")
              for name in ("p95", "p99") if document[f"limit_{name}_ms"]]  # fmt: skip
    values = [y for row in rows for _, y in row.points] + [each.value for each in limits]
    axis = drawing.milliseconds(min(values, default=1.0), max(values, default=10.0))
    svg = drawing.lines("Time to answer", rows, axis, length=length, limits=limits, marks=marks)
    wide = series["width_s"]
    text = f"Percentiles of each {'second' if wide == 1 else f'{wide} seconds'}; each step of the "
    return _chart("Time to answer", text + "axis is about three times the one below.", svg,
                  [(f"line-{i}", each.name) for i, each in enumerate(rows)])  # fmt: skip


def _arrivals(
    series: dict[str, Any], length: float, marks: list[tuple[float, str]]
) -> dict[str, Any]:
    rows = [Series("asked", _middle(series, "asked", "arrivals")),
            Series("set out in time", _middle(series, "reached", "arrivals"))]  # fmt: skip
    axis = drawing.linear(max((y for row in rows for _, y in row.points), default=1.0))
    svg = drawing.lines("Arrivals a second", rows, axis, length=length, marks=marks)
    text = "Arrivals a second. Where the second line falls below the first, the machine was too"
    legend = [("line-0", rows[0].name), ("line-1", rows[1].name)]
    text += " busy to send as many as the day asks for."
    return _chart("Arrivals", text, svg, legend, under=True)


def _failures(
    series: dict[str, Any], length: float, marks: list[tuple[float, str]]
) -> dict[str, Any]:
    row = [(each["at"] + series["width_s"] / 2, float(each["failures"]))
           for each in series["windows"]]  # fmt: skip
    total = round(sum(y for _, y in row))
    if not total:
        return _chart("Failures: none", "Every request was answered as it should be.", "", [])
    axis = drawing.linear(max((y for _, y in row), default=0.0))
    svg = drawing.lines(f"{total} failures", [Series("failures", row)], axis, length=length,
                        marks=marks)  # fmt: skip
    text = "Requests that were not answered as they should, by when they were sent."
    return _chart(f"Failures: {total}", text, svg, [("line-0", "failures")])


def _cpu(series: dict[str, Any], marks: list[tuple[float, str]], cores: int) -> dict[str, Any]:
    rows = {name: row for name, row in series["cpu"].items() if name not in (OTHERS, STOLEN)}
    ordered = sorted(rows, key=lambda name: -sum(y for _, y in rows[name]))
    own, rest = ordered[:LAYERS], ordered[LAYERS:]
    layers = [Series(name, rows[name]) for name in own]
    if rest:
        folded = [(columns[0][0], sum(y for _, y in columns))
                  for columns in zip(*(rows[name] for name in rest), strict=True)]  # fmt: skip
        layers.append(Series("all other parts", folded))
    others = series["cpu"].get(OTHERS, [])
    layers.append(Series("other programs", others))
    columns_of_all = zip(*(each.points for each in layers), strict=True)
    top = max((sum(y for _, y in columns) for columns in columns_of_all), default=1.0)
    length = max((x for x, _ in others), default=1.0)
    svg = drawing.layers("Cores in use", layers, drawing.linear(min(top, cores)), length=length,
                         marks=marks)  # fmt: skip
    legend = [(f"fill-{i}", each.name) for i, each in enumerate(layers)]
    legend[-1] = (
        f"fill-{len(layers) - 1}",
        "other programs (visitors and sensors of the load too)",
    )
    return _chart("Cores in use", "CPU of every process, in cores, one part upon the other.", svg,
                  legend)  # fmt: skip


def _steps(document: dict[str, Any]) -> list[dict[str, Any]]:
    steps = document.get("steps", [])
    if not steps:
        return []
    numbered = list(enumerate(steps))
    names = [(float(i), f"{each['factor']:g}×") for i, each in numbered]
    cost = [(float(i), each["cpu_ms_per_request"]) for i, each in numbered]
    slow = [
        Series(name, [(float(i), max(1.0, float(each[f"{name}_ms"]))) for i, each in numbered])
        for name in ("p50", "p95", "p99")
    ]
    values = [y for row in slow for _, y in row.points]
    return [
        _chart("Cost of one request as load grows", "CPU milliseconds of the whole platform for "
               "one request, at so many times the day's load; what it computes with nobody there "
               "is included, so that less load costs more each.",
               drawing.dots("CPU milliseconds a request", [Series("CPU ms", cost)],
                            drawing.linear(max(y for _, y in cost)), names),
               [("line-0", "CPU ms a request")]),
        _chart("Time to answer as load grows", "At so many times the day's load.",
               drawing.dots("Time to answer by load", slow,
                            drawing.milliseconds(min(values), max(values)), names),
               [(f"line-{i}", each.name) for i, each in enumerate(slow)]),
    ]  # fmt: skip


def _nation(document: dict[str, Any]) -> list[dict[str, Any]]:
    nation = document.get("nation")
    if not nation:
        return []
    rows = [(each["name"], each["cores"], each["low_cores"], each["high_cores"])
            for each in nation["kinds"]]  # fmt: skip
    text = "Cores that each kind keeps busy in 150 areas; the whisker goes from least to most."
    return [_chart("Cores for 150 areas", text, drawing.bars("Cores by kind", rows, "cores"), [])]
