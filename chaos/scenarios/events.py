"""Bad days of the bus: nonsense between the events, and events three times in any order."""

import asyncio
import json
import random
import time
from collections.abc import Sequence
from typing import Any

from chaos.crowd import Crowd
from chaos.databases import database_owner
from chaos.exports import connect, stream_dump
from chaos.history import SUMS
from chaos.peers import owner_peers
from chaos.sales import make_sales
from chaos.stage import Broken, Size, Stage
from kit.ids import new_id
from meguri.insights.v1 import insights_service_pb2 as pb
from meguri.insights.v1.insights_service_pb2_grpc import InsightsServiceStub

Message = tuple[str, dict[str, str], bytes]

POISONS = 10
GIVEN_UP = 10  # sales whose events are given up for a reason that can be mended
SHADOW = "shuffled"  # an area that exists in no other service
TIMES = 3
HEARD_WITHIN_S = 60.0
SUBJECT = "meguri.mine.payments.v1.payment_captured"
DEAD = "meguri_dead.insights.payments"


def poison(stage: Stage, size: Size) -> None:
    """Puts ten events that nobody can read between the real ones. Errors: Broken."""
    dead_before = len(stream_dump(stage.platform, "DEAD_LETTERS", DEAD))
    poisons = _poisons(random.Random(size.seed))
    stage.ignored |= {headers["ce-id"] for _, headers, _ in poisons}
    with Crowd(stage, size, make_sales(size.payments, size.seed)) as crowd:
        crowd.start()
        for number, each in enumerate(poisons, 1):
            crowd.wait_for_share(number / (POISONS + 1))
            asyncio.run(publish(stage, [each]))
        stage.fault("poison")
        crowd.finish()
    ends = time.monotonic() + HEARD_WITHIN_S
    while True:
        dead = stream_dump(stage.platform, "DEAD_LETTERS", DEAD)[dead_before:]
        found = {headers["ce-id"]: headers.get("Meguri-Reason", "") for _, headers, _ in dead}
        wanted = {headers["ce-id"] for _, headers, _ in poisons}
        if wanted <= set(found) or time.monotonic() > ends:
            break
        time.sleep(0.5)
    stage.figures |= {"poisons": POISONS, "dead_lettered": len(wanted & set(found))}
    if set(found) != wanted:
        raise Broken(f"{len(found)} dead letters for {POISONS} poisons")
    if not all(found.values()):
        raise Broken("a dead letter does not say why")
    _mended(stage, size)


def _mended(stage: Stage, size: Size) -> None:
    """Has insights give up good events, because its table takes none of payments for a while, and
    delivers them again once that is mended: the check then finds them counted. Errors: Broken."""
    dead_before = len(stream_dump(stage.platform, "DEAD_LETTERS", DEAD))
    with database_owner(stage.platform, "insights") as owner:
        owner.execute(
            "alter table facts add constraint fault_test check (service <> 'payments') not valid"
        )
        try:
            with Crowd(stage, size, make_sales(GIVEN_UP, size.seed + 1)) as crowd:
                crowd.start()
                crowd.finish()
            stage.fault("a table that takes nothing")
            given_up = _wait_for_dead(stage, dead_before + GIVEN_UP // 2) - dead_before
        finally:
            owner.execute("alter table facts drop constraint fault_test")
    answer = stage.platform.run("replay", "--dead", "--service", "payments", "--json")
    letters = json.loads(answer.stdout)["dead_letters"]
    again = sum(letter["delivered"] for letter in letters)
    stage.figures |= {"given_up": given_up, "delivered_again": again}
    if again < given_up:
        raise Broken(f"only {again} of {given_up} dead letters could be delivered again")


def _wait_for_dead(stage: Stage, count: int) -> int:
    """Returns how many dead letters there are once there are so many, and no more come."""
    ends, before = time.monotonic() + HEARD_WITHIN_S, -1
    while True:
        found = len(stream_dump(stage.platform, "DEAD_LETTERS", DEAD))
        if found >= count and found == before:
            return found
        if time.monotonic() > ends:
            raise Broken(f"{found} dead letters instead of {count}: nothing was given up")
        before = found
        time.sleep(3.0)


def shuffled_thrice(stage: Stage, size: Size) -> None:
    """Tells insights everything once more under another area, each event three times and in any
    order: it must come to the same figures. Errors: Broken."""
    with Crowd(stage, size, make_sales(size.payments, size.seed)) as crowd:
        crowd.start()
        crowd.finish()
    verdict = stage.judge()  # all events are heard now
    if not verdict.clean:
        raise Broken("the history before shuffling is not clean")
    events = [
        each for each in stream_dump(stage.platform, "PAYMENTS", "meguri.mine.>")
        if each[1]["ce-id"] not in stage.ignored
    ]  # fmt: skip
    # The zone of the area decides which hour an event is counted in: first, as in life.
    zone = stream_dump(stage.platform, "DIRECTORY", "meguri.mine.directory.v1.area_configured")
    thrice = [said_again(each, SHADOW, turn) for turn in range(TIMES) for each in events]
    random.Random(size.seed).shuffle(thrice)
    asyncio.run(publish(stage, [said_again(each, SHADOW, 0) for each in zone]))
    stage.fault("shuffled")
    asyncio.run(publish(stage, thrice))
    stage.figures |= {"events": len(events), "published_again": len(thrice)}
    _expect_same(stage, len(events))


def _expect_same(stage: Stage, count: int) -> None:
    dates = sorted({_date(stage, "mine"), _date(stage, SHADOW)} - {""})
    ends = time.monotonic() + HEARD_WITHIN_S
    while True:
        ours = [_figures(stage, "mine", date) for date in dates]
        shadow = [_figures(stage, SHADOW, date) for date in dates]
        if ours == shadow:
            return
        if time.monotonic() > ends:
            raise Broken(f"{count} events, thrice and shuffled: {shadow} instead of {ours}"[:600])
        time.sleep(0.5)


def _date(stage: Stage, area: str) -> str:
    with owner_peers(stage.platform, area) as peers:
        stub = InsightsServiceStub(peers.channel("insights"))
        wanted = pb.ReadRangeRequest(from_date="2020-01-01", until_date="2020-01-01")
        return stub.ReadRange(wanted, timeout=20).first_date


def _figures(stage: Stage, area: str, date: str) -> list[Any]:
    """All that insights counts of payments on a day, by tender and by shop too."""
    with owner_peers(stage.platform, area) as peers:
        stub = InsightsServiceStub(peers.channel("insights"))
        day = stub.ReadDay(pb.ReadDayRequest(date=date), timeout=20).day
    found: list[Any] = []
    for part in (day.live_payments, day.practice_payments):
        found += [getattr(part, name) for name in (*SUMS, "declined_count", "unknown_count")]
        for cells in (part.by_tender.cells, part.by_shop.cells):
            found += sorted((each.value, each.count, each.amount_yen) for each in cells)
    return found


def said_again(message: Message, area: str, turn: int) -> Message:
    """The same event (its id stays), under another area; the server's own dedupe is sidestepped,
    since it forgets after two minutes and must not be what saves us."""
    subject, headers, body = message
    parts = subject.split(".")
    parts[1] = area
    kept = {name: value for name, value in headers.items() if not name.startswith("Nats-")}
    kept["Nats-Msg-Id"] = f"{headers['ce-id']}-{area}-{turn}"
    return ".".join(parts), kept, body


def _poisons(chance: random.Random) -> list[Message]:
    """Bodies that are no event, and envelopes that say nothing."""
    made: list[Message] = []
    for number in range(POISONS):
        headers = {
            "ce-id": new_id(), "ce-subject": new_id(), "ce-aggregateversion": "1",
            "ce-time": "2026-01-01T00:00:00+00:00", "ce-specversion": "1.0",
            "ce-type": "meguri.payments.v1.payment_captured", "ce-source": "/fault-test",
        }  # fmt: skip
        body = b"\xff" * chance.randint(1, 64)
        if number % 3 == 1:
            headers["ce-time"], body = "yesterday", b""
        if number % 3 == 2:
            headers["ce-aggregateversion"], body = "many", b""
        made.append((SUBJECT, headers, body))
    return made


async def publish(stage: Stage, messages: Sequence[Message]) -> None:
    """Publishes messages as they are, and waits until all are stored."""
    client = await connect(stage.platform)
    try:
        context = client.jetstream(timeout=10)
        waiting = []
        for subject, headers, body in messages:
            waiting.append(
                await context.publish_async(subject, body, headers=headers, wait_stall=30.0)
            )
            if len(waiting) == 500:
                await asyncio.gather(*waiting)
                waiting.clear()
        await asyncio.gather(*waiting)
    finally:
        await client.close()
