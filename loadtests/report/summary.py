"""The summary in Markdown: what was run, on what, and what became of the gate."""

from typing import Any


def text(document: dict[str, Any], about: dict[str, Any], html_name: str) -> str:
    """Returns the summary. about: date, commit, machine, command, cache; see writing.py."""
    machine = about["machine"]
    word = "passed" if document["passed"] else "**NOT passed**"
    others = f"other programs kept {document['other_cores']} cores busy during the run"
    told = (
        f"{document['failures']} failed; p50 {document['p50_ms']} ms, p95 {document['p95_ms']} ms"
    )
    system = f"{machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}"
    load = _joined(machine["load_at_start"])
    facts = [
        f"Date: {about['date']} · commit `{about['commit'] or 'unknown'}`",
        f"Command: `{about['command']}`",
        f"Machine: {system}, Python {machine['python']}; load at start {load}",
        f"Beside it: {others} (the load's own programs included)",
        f"Caches: {about['cache']} · areas: {about['areas']} · {document['duration_s']:.0f} s",
        f"{document['requests']:,} requests, {document['requests_per_s']}/s, {told}",
        f"p99 {document['p99_ms']} ms; {document['cpu_ms_per_request']} ms of CPU a request",
        f"Charts: [{html_name}]({html_name})",
        *about["notes"],
    ]
    rows = [f"# Load: {document['scenario']}{about['title_more']} — {word}", "", about["says"], ""]
    rows += [f"* {each}" for each in facts]
    rows += ["", "| Gate | | Asked and found |", "|---|---|---|"]
    rows += [f"| {each['name']} | {'holds' if each['passed'] else '**missed**'} | {each['text']} |"
             for each in document["verdicts"]]  # fmt: skip
    rows += _steps(document) + _nation(document)
    if document["errors"]:
        rows += ["", "What failed:", "", *(f"* {each}" for each in document["errors"])]
    return "\n".join(rows) + "\n"


def _joined(values: list[float]) -> str:
    return " · ".join(f"{each:g}" for each in values)


def _steps(document: dict[str, Any]) -> list[str]:
    if not document.get("steps"):
        return []
    head = "| Times the load | requests/s | arrived in time | failed | p95 ms | CPU ms a request |"
    rows = ["", f"{head} cores |", "|---|---|---|---|---|---|---|"]
    return rows + [
        f"| {each['factor']:g} | {each['requests_per_s']} | {each['reached']:.1%} | "
        f"{each['failures']} | {each['p95_ms']} | {each['cpu_ms_per_request']} | "
        f"{each['platform_cores']} |"
        for each in document["steps"]
    ]


def _nation(document: dict[str, Any]) -> list[str]:
    nation = document.get("nation")
    if not nation:
        return []
    rows = ["", nation["told"], "",
            "| Kind | a second in 150 areas | CPU ms of one (least – most) | cores |",
            "|---|---|---|---|"]  # fmt: skip
    return rows + [
        f"| {each['name']} | {each['per_s']:,.0f} | {each['middle_ms']:.2f} "
        f"({each['low_ms']:.2f} – {each['high_ms']:.2f}) | {each['cores']:.2f} |"
        for each in nation["kinds"]
    ]
