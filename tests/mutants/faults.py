"""Mistakes that only show when parts die, lines break or disks fill: F1-F15 have to notice them."""

from tests.mutants.mutant import Mutant, pytest


def scenario(name: str) -> tuple[str, ...]:
    """Returns the command that plays a scenario at its own size."""
    return ("-m", "cli", "chaos", "--scenario", name)


MUTANTS = {
    "an event is acknowledged before it has acted": Mutant(
        "kit/pull.py",
        "        came = perf_counter()\n",
        "        came = perf_counter()\n        await acknowledge(messages)\n",
        scenario("kill-every-part"),
    ),
    "what NATS did not answer counts as published": Mutant(
        "kit/publishing.py",
        "            return Published()  # stored or not",
        '            return Published([row["id"] for row in rows])  # stored or not',
        scenario("nats-cluster"),
    ),
    "a sale does not wait for the standby": Mutant(
        "kit/db.py",
        'scope = f"{begin}; select set_config',
        'scope = f"{begin}; set local synchronous_commit = local; select set_config',
        scenario("postgres-standby"),
    ),
    "a replay leaves the first events out": Mutant(
        "kit/replay.py",
        "for start in range(first, last + 1, WINDOW):",
        "for start in range(first + 200, last + 1, WINDOW):",
        scenario("streams-deleted"),
    ),
    "a full disk is called a mistake of the server": Mutant(
        "kit/db.py",
        "if code is None or code.startswith(_OUTAGES):",
        'if code is None or (code.startswith(_OUTAGES) and code != "53100"):',
        scenario("media-disk-full"),
    ),
    "the edge waits a minute for a service": Mutant(
        "services/edge/visitor/api.py",
        "RECORD_DEADLINE_S = 3.0\n",
        "RECORD_DEADLINE_S = 60.0\n",
        scenario("partitions"),
    ),
    "the edge keeps what it hears": Mutant(
        "services/edge/hearing.py",
        "        self._tell(area, event)\n        if event in self._echoed:",
        '        self.__dict__.setdefault("heard", []).append(bytearray(8_000))\n'
        "        self._tell(area, event)\n        if event in self._echoed:",
        scenario("slow-listener"),
    ),
    "the day ends at midnight in Greenwich": Mutant(
        "services/payments/domain/business_day.py",
        "return now.astimezone(ZoneInfo(time_zone)).date()",
        "return now.date()",
        scenario("leap-midnight"),
    ),
    "the edge stops without an answer for who waits": Mutant(
        "services/edge/main.py",
        "workers_kill_timeout=DRAIN_S,",
        "workers_kill_timeout=1,",
        scenario("edge-drain"),
    ),
    "a page that was read stays in memory": Mutant(
        "services/edge/hot.py",
        "        self._hit.inc()\n        return page.packed",
        '        self.__dict__.setdefault("read", []).append(bytearray(50_000))\n'
        "        self._hit.inc()\n        return page.packed",
        ("-m", "cli", "chaos", "--soak", "3"),
    ),
    "a backup leaves the books of the simulator out": Mutant(
        "infra/local/backup.py",
        'SIMULATORS = "*_simulator.sqlite3"',
        'SIMULATORS = "*_simulator.none"',
        scenario("backup-restored"),
    ),
    "what fails again is buried under its first id": Mutant(
        "kit/bus.py",
        'name = given.get("Nats-Msg-Id") or given.get("ce-id", message.reply)',
        'name = given.get("ce-id", message.reply)',
        pytest("tests/service/kit/test_replay.py"),
    ),
    "a child outlives who started it": Mutant(
        "kit/tied.py",
        "ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))",
        "ctypes.CDLL(None)",
        pytest("tests/service/kit/test_child.py"),
    ),
    "a cut line lets everything through": Mutant(
        "chaos/proxy.py",
        "await self._news.wait_for(lambda: not way().held)",
        "pass",
        pytest("tests/service/chaos/test_proxy.py"),
    ),
    "a detour is for everybody": Mutant(
        "infra/local/machine.py",
        'detour = self.detours.get(f"{asker}>{name}")',
        'detour = next((p for pair, p in self.detours.items() if pair.endswith(f">{name}")), 0)',
        pytest("tests/unit/infra/test_detours.py"),
    ),
}
