"""Where the time of hearing goes: by the clock inside the service, by CPU in each process."""

import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client.parser import text_string_to_metric_families

from bench import cpu
from bench.platform import Bench

STEPS = ("fetch", "read", "inbox", "handle", "write", "acknowledge")
PROCESSES = ("insights", "postgres", "nats")


@contextmanager
def watching(bench: Bench, found: dict[str, float], name: str, count: int) -> Iterator[None]:
    """Adds to what was found how many microseconds an event took, step by step, and of CPU.

    The steps are those of `meguri_hearing_seconds_total`: four streams are heard side by side by
    one process, so a step counts while it waits for its turn, too. CPU says what is work.
    """
    before, began = _steps(bench), _spent(bench)
    yield
    after, ended = _steps(bench), _spent(bench)
    for step in STEPS:
        found[f"{name}_{step}_us"] = 1e6 * (after[step] - before[step]) / count
    for process in PROCESSES:
        found[f"{name}_cpu_{process}_us"] = 1e6 * (ended[process] - began[process]) / count
    found[f"{name}_cpu_us"] = sum(found[f"{name}_cpu_{process}_us"] for process in PROCESSES)


def _spent(bench: Bench) -> dict[str, float]:
    return {name: cpu.family_s(bench.process(name)) for name in PROCESSES}


def _steps(bench: Bench) -> dict[str, float]:
    port = bench.state["metrics_ports"]["insights"]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        return steps_of(answer.read().decode())


def steps_of(page: str) -> dict[str, float]:
    """Returns the seconds of each step, of all sources, as a page of metrics tells them."""
    found: defaultdict[str, float] = defaultdict(float)
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            if sample.name == "meguri_hearing_seconds_total":
                found[sample.labels["step"]] += sample.value
    return found
