"""Whether a run passed: each limit of the day's gate held against what was measured. Pure.

Nothing is rounded in favor of passing: a limit is held against the measured value itself.
"""

from dataclasses import dataclass

from loadtests.day import Gate
from loadtests.samples import Run, kinds, percentile

PAID = "ok"  # what the page of a payment that went well says of it
PAID_LEAST = 0.95  # of all sales: "declined" is answered as quickly, and books agree as well
EACH_LEAST = 20  # requests of a kind: of fewer p95 is the slowest one alone


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
    if gate.each_p95_ms:
        found += _each_kind(gate, run)
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


def _each_kind(gate: Gate, run: Run) -> list[Verdict]:
    p95_ms = {
        name: percentile(sorted(each.ms for each in some), 0.95)
        for name, some in kinds(run.samples).items()
        if len(some) >= EACH_LEAST
    }
    if not p95_ms:
        return []
    slowest = max(p95_ms, key=lambda name: p95_ms[name])
    text = f"slowest kind of request: {slowest}, p95 {p95_ms[slowest]:.1f} ms,"
    text += f" limit {gate.each_p95_ms} ms"
    return [Verdict("each_p95", p95_ms[slowest] <= gate.each_p95_ms, text)]


def _answered(gate: Gate, run: Run) -> Verdict:
    count, failures = len(run.samples), run.failures()
    share = (count - failures) / count if count else 0.0
    again = sum(1 for each in run.samples if each.tries > 1 and not each.error)
    text = f"{failures} of {count} requests failed"
    if gate.succeed < 1:
        text += f" ({share:.4%} succeeded, {again} of them at a second or third try;"
        text += f" limit {gate.succeed:.1%})"
    elif again:
        text += f", {again} were sent twice: their connection had just been ended for idleness"
    return Verdict("answered", count > 0 and share >= gate.succeed, text)


def _reached(gate: Gate, run: Run) -> Verdict:
    asked, reached = sum(run.asked), sum(run.reached)
    share = reached / asked if asked else 0.0
    text = f"{reached} of {asked} arrivals set out in time ({share:.2%}, limit {gate.reached:.0%})"
    passed = asked > 0 and share >= gate.reached
    if len(run.samples) < reached:  # each asks at least once, and what went wrong is a sample too
        passed, text = False, f"{text}; only {len(run.samples)} requests are accounted for"
    return Verdict("arrivals", passed, text)
