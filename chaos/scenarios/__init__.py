"""The scenarios, by the names that stay. Another one is one line here and one function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chaos.bench import Bench
from chaos.scenarios import (
    audit,
    backlog,
    calendar,
    cards,
    clocks,
    closes,
    cluster,
    devices,
    disk,
    events,
    figures,
    keys,
    kills,
    leaf_cut,
    offline,
    partitions,
    provider,
    recovery,
    soaks,
    standby,
    stops,
    valkey,
    webhooks,
)
from chaos.stage import Size, Stage

HALF = 0.5  # where the acquirer itself is away now and then

Play = Callable[[Stage, Size], None]
OnBench = Callable[[Bench, Size], None]


def nothing(_stage: Stage, _size: Size) -> None:
    """What a scenario does on a platform that plays on a bench of its own instead."""


@dataclass(frozen=True)
class Scenario:
    """One way to break things. limit_s: longest recovery allowed on a quiet machine.

    disk_mb: size of a file system of its own to play on, 0 for none. payments: quick size.
    p99_limit_s: for 99 of 100 sales, 0 for none. fresh: it leaves a platform that is no use to
    others. providers: text of the platform's providers.env. detoured: it wants the fault proxy
    between all parts. bench: played instead of `play`, without a platform. apart: only when
    it is asked for by its name. taken_least: share of the sales by card and the like that are not
    declined; their amounts ask for none, so that only a missing acquirer may decline. proven: it
    has to sell once more when all is over.
    """

    play: Play
    says: str
    limit_s: float = 10.0
    disk_mb: int = 0
    payments: int = 600
    p99_limit_s: float = 0.0
    fresh: bool = False
    providers: str = ""
    detoured: bool = False
    bench: OnBench | None = None
    apart: bool = False
    taken_least: float = 0.9
    proven: bool = True

    @property
    def alone(self) -> bool:
        """Tells whether it cannot share a platform with others."""
        return bool(self.fresh or self.disk_mb or self.providers or self.detoured or self.bench)


SCENARIOS: Mapping[str, Scenario] = {
    "payments-kill-service": Scenario(
        kills.service, "payments is killed with -9 again and again", limit_s=5.0,
        p99_limit_s=5.0),
    "payments-kill-postgres": Scenario(
        kills.postgres, "PostgreSQL and all its backends are killed with -9", limit_s=5.0),
    "payments-kill-nats": Scenario(kills.nats, "NATS is killed with -9", limit_s=3.0),
    "payments-kill-each": Scenario(
        kills.each, "each other part is killed with -9 in turn", limit_s=5.0,
        taken_least=HALF),
    "kill-every-part": Scenario(
        kills.every, "each part is killed with -9 in turn; scans, plans and observations too",
        payments=1_100, limit_s=10.0, fresh=True, taken_least=0.8),
    "partitions": Scenario(
        partitions.each_pair, "the network between any two parts is cut, one way or both, or thin",
        payments=1_000, limit_s=45.0, detoured=True, fresh=True, taken_least=HALF),
    "nats-cluster": Scenario(
        nothing, "three NATS servers, three copies: the leader is killed while 20,000 events pass",
        bench=cluster.leader_killed),
    "leaf-cut": Scenario(
        nothing, "the line to the message server at the cave is cut for 16 s, --full an hour",
        bench=leaf_cut.leaf_cut),
    "postgres-standby": Scenario(
        standby.promoted, "the primary of PostgreSQL is lost, its synchronous standby takes over",
        limit_s=15.0, detoured=True, fresh=True),
    "payments-provider-faults": Scenario(
        provider.faults, "the acquirer charges and says nothing, late, twice or nonsense",
        taken_least=HALF),
    "payments-same-key": Scenario(
        keys.same_key, "one key many times: other bodies, at once, in one commit"),
    "payments-offline-drain": Scenario(
        offline.drain, "a terminal uploads stored sales and loses power four times", payments=300),
    "payments-clock-skew": Scenario(
        clocks.skew, "terminals are a day wrong, two more servers an hour"),
    "payments-restart-storm": Scenario(
        kills.storm, "anything is killed at any time, then left alone",
        taken_least=HALF),
    "payments-drain": Scenario(stops.drain, "SIGTERM to payments in the middle of sales"),
    "edge-drain": Scenario(stops.drain_edge, "SIGTERM to the edge in the middle of sales"),
    "leap-midnight": Scenario(
        calendar.leap_midnight, "29 February ends in Tokyo while a payments server sells",
        fresh=True, proven=False),  # the platform's own server is years behind what was sold
    "payments-webhooks": Scenario(
        webhooks.habits, "webhooks first, twice, out of order, late and forged", payments=200,
        providers=webhooks.PROVIDERS),
    "payments-daily-close": Scenario(
        closes.race, "closes race sales, late captures, sales that waited and kills", fresh=True),
    "payments-audit-chain": Scenario(
        audit.chain, "the sealer is killed, then rows are forged", payments=300, limit_s=5.0),
    "payments-device-revoked": Scenario(
        devices.revoked, "terminals lose their key while they sell", payments=400),
    "payments-card-data": Scenario(
        cards.everywhere, "card data is sent in every field while parts are killed", payments=300),
    "events-poison": Scenario(events.poison, "nonsense on the bus between real events"),
    "events-shuffled-thrice": Scenario(
        events.shuffled_thrice, "every event three times, in any order"),
    "insights-week": Scenario(
        figures.week, "a week of scans, plans and sales; insights, NATS and PostgreSQL are killed",
        fresh=True),
    "slow-listener": Scenario(
        backlog.slow_listener, "10,000 events wait for a listener whose database is slow",
        detoured=True, fresh=True),
    "streams-deleted": Scenario(
        recovery.streams_deleted, "the data of NATS and of insights is deleted, and said again",
        limit_s=60.0, fresh=True),
    "backup-restored": Scenario(
        recovery.restored, "backup, everything deleted, restore", payments=400, limit_s=120.0,
        fresh=True),
    "soak": Scenario(
        soaks.soak, "ordinary work for a long time (--soak MINUTES)", apart=True, fresh=True),
    "valkey-gone": Scenario(valkey.gone, "Valkey is emptied, killed and frozen"),
    "supervisor-killed": Scenario(
        stops.supervisor_killed, "the supervisor is killed with -9 and started again",
        limit_s=30.0),
    "payments-disk-full": Scenario(
        disk.full_and_read_only, "the disk is full; then the database is read-only", disk_mb=900),
    "media-disk-full": Scenario(
        disk.media, "photos are put in while the disk is full", disk_mb=900, payments=200),
}  # fmt: skip
