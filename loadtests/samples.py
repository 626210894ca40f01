"""What a run measured: one sample a request, and what is computed of them. Pure.

Percentiles are of the samples themselves (nearest rank), never of histograms; times in
milliseconds.
"""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ERRORS_TOLD = 12


@dataclass(frozen=True, slots=True)
class Sample:
    """One request with all its tries. at: seconds since the run began, when it was sent first.

    ms: until the last answer, pauses between tries included. tries: 1 where it worked at once.
    error: "" where it was answered as it should.
    """

    at: float
    ms: float
    name: str
    tries: int = 1
    error: str = ""


@dataclass(frozen=True)
class Run:
    """What the visitors of a run did. asked and reached: arrivals by second; reached: who set out
    in time. checks: what the day's story found, each (name, passed, text). marks: when it did what,
    each (seconds, text)."""

    seconds: int
    samples: Sequence[Sample]
    asked: Sequence[int]
    reached: Sequence[int]
    checks: Sequence[tuple[str, bool, str]] = ()
    marks: Sequence[tuple[float, str]] = ()

    def failures(self) -> int:
        """Returns how many requests were not answered as they should."""
        return sum(1 for each in self.samples if each.error)


def percentile(ordered: Sequence[float], share: float) -> float:
    """Returns the smallest value that a share of all does not exceed; 0 for none."""
    if not ordered:
        return 0.0
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


def figures(samples: Iterable[Sample]) -> dict[str, Any]:
    """Returns counts and percentiles of some samples."""
    found = list(samples)
    times = sorted(each.ms for each in found)
    return {
        "requests": len(found),
        "failures": sum(1 for each in found if each.error),
        "p50_ms": round(percentile(times, 0.5)),
        "p95_ms": round(percentile(times, 0.95)),
        "p99_ms": round(percentile(times, 0.99)),
        "max_ms": round(times[-1]) if times else 0,
    }


def kinds(samples: Iterable[Sample]) -> dict[str, list[Sample]]:
    """Returns the samples of each kind of request, by its name."""
    sorted_out: dict[str, list[Sample]] = defaultdict(list)
    for each in samples:
        sorted_out[each.name].append(each)
    return dict(sorted(sorted_out.items()))


def by_name(samples: Iterable[Sample]) -> dict[str, dict[str, Any]]:
    """Returns the figures of each kind of request."""
    return {name: figures(some) for name, some in kinds(samples).items()}


def errors(samples: Iterable[Sample]) -> list[str]:
    """Returns what went wrong, the most frequent first."""
    counted = Counter(f"{each.name}: {each.error}" for each in samples if each.error)
    return [f"{text} ({count}×)" for text, count in counted.most_common(ERRORS_TOLD)]


def windows(samples: Iterable[Sample], seconds: int, width_s: int) -> list[dict[str, Any]]:
    """Returns the figures of each stretch of a run, by when requests were sent."""
    sorted_out: list[list[Sample]] = [[] for _ in range(-(-seconds // width_s))]
    for each in samples:
        sorted_out[min(int(each.at // width_s), len(sorted_out) - 1)].append(each)
    return [{"at": number * width_s, **figures(some)} for number, some in enumerate(sorted_out)]


def write(path: Path, run: Run) -> None:
    """Writes a run to a file."""
    document = {
        "seconds": run.seconds, "asked": list(run.asked), "reached": list(run.reached),
        "checks": list(run.checks), "marks": list(run.marks),
        "samples": [[round(s.at, 3), round(s.ms, 2), s.name, s.tries, s.error]
                    for s in run.samples],
    }  # fmt: skip
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def read(path: Path) -> Run:
    """Reads a run from its file. Errors: OSError, ValueError."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return Run(
        document["seconds"], [Sample(*each) for each in document["samples"]], document["asked"],
        document["reached"], [(name, passed, text) for name, passed, text in document["checks"]],
        [(moment, text) for moment, text in document["marks"]],
    )  # fmt: skip
