"""The fault table F1-F15: which scenario breaks what, and when it has passed. The runbook's table
and `./meguri chaos --list` are held to this one."""

from collections.abc import Sequence
from dataclasses import dataclass

from chaos.slack import UNTIMED


@dataclass(frozen=True)
class Fault:
    """says: what is broken. passes: when that is endured. scenarios: those that `--faults` plays.
    also: others that break the same in other ways. apart: not part of `--faults`, and why.
    least_minutes: a shorter one says too little.
    """

    number: int
    says: str
    passes: str
    scenarios: tuple[str, ...]
    also: tuple[str, ...] = ()
    apart: str = ""
    least_minutes: float = 0.0

    @property
    def name(self) -> str:
        """Returns F1 to F15."""
        return f"F{self.number}"


FAULTS: Sequence[Fault] = (
    Fault(1, "kill -9 of each component in turn under load",
          "0 acknowledged payments, scans, plans and observations lost, 0 doubled; healthy again in"
          " 3 s, PostgreSQL in 5 s",
          ("kill-every-part",),
          ("payments-kill-service", "payments-kill-postgres", "payments-kill-nats",
           "payments-kill-each", "insights-week", "payments-card-data", "payments-audit-chain",
           "payments-daily-close", "payments-device-revoked")),
    Fault(2, "kill -9 of the supervisor", "no orphan after 2 s; the next up works on the same data",
          ("supervisor-killed",)),
    Fault(3, "the leader of three NATS servers killed three times in 20,000 events",
          "0 lost, 0 doubled effects", ("nats-cluster",), ("postgres-standby",)),
    Fault(4, "the data of NATS deleted",
          "said again from the outboxes: the same figures", ("streams-deleted",)),
    Fault(5, "the disk full: PostgreSQL, NATS, media; the database read-only",
          "nothing acknowledged lost, a clear no, goes on by itself in 10 s",
          ("payments-disk-full", "media-disk-full")),
    Fault(6, "the network between any two parts cut, one way or both; thin lines",
          "deadlines kept, pages that the edge has still served", ("partitions",), ("leaf-cut",)),
    Fault(7, "Valkey gone, emptied or frozen", "as right as before, p95 at most twice",
          ("valkey-gone",)),
    Fault(8, "a slow listener with 10,000 events before it",
          "sales as quick as before, no process grows by 50 MB, no event given up",
          ("slow-listener",)),
    Fault(9, "ten unreadable events among real ones",
          "ten dead letters with a reason, all others done, delivering again works",
          ("events-poison",)),
    Fault(10, "every event three times, in any order", "the same figures",
          ("events-shuffled-thrice",)),
    Fault(11, "clocks an hour wrong; midnight in Tokyo at the end of 29 February",
          "nothing expires wrongly, business dates are the server's, books in order",
          ("payments-clock-skew", "leap-midnight")),
    Fault(12, "anything killed at any time for 20 s, --full 60 s",
          "all healthy 10 s after the last blow", ("payments-restart-storm",)),
    Fault(13, "SIGTERM under load, --full 20 times",
          "0 failed requests among those under way, exit in 10 s",
          ("payments-drain", "edge-drain")),
    Fault(14, "ordinary work for a long time",
          "memory of each process grows by less than 1 MB a minute, open files stay",
          ("soak",), apart="takes its time: ./meguri chaos --soak 30", least_minutes=30.0),
    Fault(15, "backup, everything deleted, restore",
          "nothing acknowledged lost, whole again in 60 s, the same sums", ("backup-restored",)),
)  # fmt: skip


def numbers_of(scenario: str) -> list[str]:
    """Returns the faults that a scenario is of, the one it is played for first."""
    first = [each.name for each in FAULTS if scenario in each.scenarios]
    return first + [each.name for each in FAULTS if scenario in each.also]


def chosen(wanted: Sequence[str]) -> list[Fault]:
    """Returns the faults of these names, all for none. Errors: KeyError for one that is none."""
    known = {each.name: each for each in FAULTS}
    return [known[name] for name in wanted] if wanted else list(FAULTS)


def outcome(fault: Fault, results: Sequence[dict[str, object]]) -> tuple[str, str]:
    """Returns passed, FAILED, too short or skipped, and why it is not the first. results: of a run,
    any. Where one took long enough, those that did not are not asked."""
    own = [each for each in results if each["name"] in fault.scenarios]
    if not own:
        return "skipped", fault.apart or "not asked for"
    long = [each for each in own if minutes_of(each) >= fault.least_minutes]
    own = long or own
    failed = [each for each in own if not each["passed"]]
    if failed:
        problems = failed[0].get("problems")
        first = problems[0] if isinstance(problems, list) and problems else "it did not end well"
        return "FAILED", f"{failed[0]['name']}: {first}"
    if not long:
        most = max(minutes_of(each) for each in own)
        return "too short", f"{most:g} minutes of {fault.least_minutes:g}"
    left_out = [f"{each['name']}: {each['left_out']}" for each in own if "left_out" in each]
    missing = [name for name in fault.scenarios if name not in {each["name"] for each in own}]
    if len(left_out) == len(own):
        return "skipped", "; ".join(left_out)
    untimed = [f"{each['name']}: not judged for time" for each in own if not is_timed(each)]
    partly = [*left_out, *untimed, *(f"{name}: not asked for" for name in missing)]
    return "passed", "; ".join(partly)


def is_timed(result: dict[str, object]) -> bool:
    """Tells whether others left so much of the machine that a limit in seconds says something. Of
    a run that did not measure it yet the load before it tells. A soak has no such limit."""
    if minutes_of(result):
        return True
    slack = result.get("slack")
    if slack is None:
        run = result.get("run")
        loads, cores = (run["load_before"], run["cores"]) if isinstance(run, dict) else ([0.0], 1)
        slack = loads[0] / cores
    return "left_out" in result or float(str(slack)) <= UNTIMED


def minutes_of(result: dict[str, object]) -> float:
    """Returns how long a soak was to take, 0 for anything else."""
    figures = result.get("figures")
    known = result.get("minutes") or (figures.get("minutes") if isinstance(figures, dict) else 0)
    return float(str(known or 0))
