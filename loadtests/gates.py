"""Whether a run passed: each limit of the day's gate held against what was measured. Pure.

Nothing is rounded in favor of passing: a limit is held against the measured value itself.
"""

from dataclasses import dataclass

from loadtests.day import Gate
from loadtests.samples import Run, percentile


@dataclass(frozen=True)
class Verdict:
    """One limit. text: what was asked and what was found."""

    name: str
    passed: bool
    text: str


def judge(gate: Gate, run: Run) -> list[Verdict]:
    """Returns a verdict for each limit of a gate; a check that the story never made is missed."""
    times = sorted(each.ms for each in run.samples)
    found = [_answered(gate, run), _reached(gate, run)]
    for name, limit_ms, share in (("p95", gate.p95_ms, 0.95), ("p99", gate.p99_ms, 0.99)):
        if limit_ms:
            got_ms = percentile(times, share)
            text = f"{name} {got_ms:.1f} ms, limit {limit_ms} ms"
            found.append(Verdict(name, bool(times) and got_ms <= limit_ms, text))
    said = {name: (passed, text) for name, passed, text in run.checks}
    for name in gate.checks:
        passed, text = said.get(name, (False, "was not looked at"))
        found.append(Verdict(name, passed, text))
    extra = [Verdict(name, passed, text) for name, (passed, text) in said.items()
             if name not in gate.checks]  # fmt: skip
    return found + extra


def passes(verdicts: list[Verdict]) -> bool:
    """Tells whether all of a gate was passed; an empty one is none."""
    return bool(verdicts) and all(each.passed for each in verdicts)


def _answered(gate: Gate, run: Run) -> Verdict:
    count, failures = len(run.samples), run.failures()
    share = (count - failures) / count if count else 0.0
    again = sum(1 for each in run.samples if each.tries > 1 and not each.error)
    text = f"{failures} of {count} requests failed"
    if gate.succeed < 1:
        text += f" ({share:.4%} succeeded, {again} of them at a second or third try;"
        text += f" limit {gate.succeed:.1%})"
    return Verdict("answered", count > 0 and share >= gate.succeed, text)


def _reached(gate: Gate, run: Run) -> Verdict:
    asked, reached = sum(run.asked), sum(run.reached)
    share = reached / asked if asked else 0.0
    text = f"{reached} of {asked} arrivals set out in time ({share:.2%}, limit {gate.reached:.0%})"
    passed = asked > 0 and share >= gate.reached
    if len(run.samples) < reached:  # each asks at least once, and what went wrong is a sample too
        passed, text = False, f"{text}; only {len(run.samples)} requests are accounted for"
    return Verdict("arrivals", passed, text)
