"""Processes killed with -9 while clients sell."""

import os
import random
import signal
import time
from collections.abc import Sequence

from chaos.crowd import Crowd
from chaos.observers import Sensor
from chaos.sales import make_sales
from chaos.stage import Broken, Size, Stage, slack_now
from chaos.visitors import Visitors

QUICK, FULL = 4, 5
SALES_A_KILL = 60
MANY, KILL_EVERY_S = 2_000, 3.0
BACK_WITHIN_S = 30.0  # nobody waits longer
HEALTHY_S, HEALTHY_S_OF = 3.0, {"postgres": 5.0}  # platform.md F1, on a quiet machine
STORM_S, STORM_FULL_S = 20.0, 60.0
CALM_WITHIN_S = 10.0  # platform.md F12, on a quiet machine
STORM_PARTS = ("payments", "postgres", "nats", "edge", "directory", "valkey", "insights",
               "acquirer_simulator")  # fmt: skip
EVERY = (
    "payments", "postgres", "visitor_sense", "nats", "multilingual", "edge", "directory", "valkey",
    "itinerary", "insights", "acquirer_simulator",
)  # fmt: skip
EVERY_QUICK, EVERY_FULL = 2, 20
OTHERS = ("acquirer_simulator", "directory", "edge", "insights", "valkey")

Back = tuple[str, float]  # name of a part, and after how many seconds it was healthy again


def service(stage: Stage, size: Size) -> None:
    """Kills payments three seconds after it was back, for as long as there are sales. Few of them
    would be over before the first kill: there the kills are spread over the sales."""
    if size.payments >= MANY:
        _kill_every(stage, size, "payments", KILL_EVERY_S)
    else:
        _kill_under_load(stage, size, ["payments"] * _few(size))


def postgres(stage: Stage, size: Size) -> None:
    """Kills PostgreSQL, postmaster and backends alike, as a power cut would."""
    _kill_under_load(stage, size, ["postgres"] * (FULL if size.full else _few(size)))


def nats(stage: Stage, size: Size) -> None:
    """Kills NATS; events wait in the outbox."""
    _kill_under_load(stage, size, ["nats"] * (FULL if size.full else _few(size)))


def each(stage: Stage, size: Size) -> None:
    """Kills each other part in turn: sales go on as soon as it is back."""
    _kill_under_load(stage, size, OTHERS * (FULL if size.full else 1))


def every(stage: Stage, size: Size) -> None:
    """Kills each component in turn, round after round, while registers sell, phones report scans,
    visitors plan and a sensor observes: what any of them was told is there, and there once.

    Errors: Broken.
    """
    # Late: only the scenarios of figures need what those phones need.
    from chaos.scenarios.figures import expect_same  # noqa: PLC0415 - it imports this

    rounds = EVERY_FULL if size.full else EVERY_QUICK
    with Visitors(stage, size.seed), Sensor(stage, size.seed) as sensor:
        _kill_under_load(stage, size, EVERY * rounds)
    sensor.judge()
    expect_same(stage)


def storm(stage: Stage, size: Size) -> None:
    """Kills anything at any time, and then measures how long it takes until all is well.

    Errors: Broken when it takes too long.
    """
    chance = random.Random(size.seed)
    sales = make_sales(size.payments, size.seed)
    with Crowd(stage, size, sales) as crowd:
        crowd.start()
        blows = _blows(stage, chance, crowd, STORM_FULL_S if size.full else STORM_S)
        crowd.allow(1)
        stage.wait_ready()
        calm_s = time.monotonic() - blows[-1]
        stage.figures |= {"killed": len(blows), "calm_s": round(calm_s, 2)}
        crowd.finish()
    if calm_s > CALM_WITHIN_S * slack_now():
        raise Broken(f"all parts were healthy only {calm_s:.1f} s after the storm")


def _blows(stage: Stage, chance: random.Random, crowd: Crowd, lasts_s: float) -> list[float]:
    """Kills parts at any time for so long. Returns the moment of each blow that hit something.
    Errors: Broken when none did."""
    began, blows = time.monotonic(), list[float]()
    while (gone_s := time.monotonic() - began) < lasts_s and not crowd.failures:
        crowd.allow(0.1 + 0.8 * gone_s / lasts_s)  # there are sales to the last blow, and after
        name = chance.choice(STORM_PARTS)
        if strike(stage, name):
            stage.fault(name, stormy=True)
            blows.append(time.monotonic())
        pause_s = chance.uniform(0.5, 2.5)
        if gone_s + pause_s > lasts_s:
            break  # what follows the last blow is no pause between two
        time.sleep(pause_s)
    if not blows:
        raise Broken("nothing was there to be killed: nothing was tested")
    return blows


def _few(size: Size) -> int:
    return max(1, min(QUICK, size.payments // SALES_A_KILL))


def _kill_under_load(stage: Stage, size: Size, names: Sequence[str]) -> None:
    """Kills parts one after the other, spread over the sales, each once the last one is back."""
    sales = make_sales(size.payments, size.seed)
    with Crowd(stage, size, sales) as crowd:
        crowd.start()
        back: list[Back] = []
        for number, name in enumerate(names, 1):
            crowd.allow((number + 1) / (len(names) + 1))
            if not crowd.wait_for_share(number / (len(names) + 1)):
                break
            back.append((name, kill_and_wait(stage, name)))
        crowd.allow(1)
        crowd.finish()
    if len(back) < len(names):
        raise Broken(f"the sales were over after {len(back)} of {len(names)} kills")
    _judge_back(stage, back)
    stage.wait_ready()


def _kill_every(stage: Stage, size: Size, name: str, every_s: float) -> None:
    """Kills a part so long after it was back, until hardly any sales are left. The supervisor
    holds back what dies too often: a kill at fixed times would leave no time to sell."""
    back: list[Back] = []
    with Crowd(stage, size, make_sales(size.payments, size.seed)) as crowd:
        crowd.start()
        while crowd.working and crowd.done < 0.95 * crowd.total:
            time.sleep(every_s)
            back.append((name, kill_and_wait(stage, name)))
        crowd.finish()
    if not back:
        raise Broken("the sales were over before the first kill")
    _judge_back(stage, back)
    stage.wait_ready()


def kill_and_wait(stage: Stage, name: str) -> float:
    """Kills a part that is well. Returns seconds until it is well again. Errors: Broken when there
    was nothing to kill."""
    stage.platform.wait_healthy(name, after=0, timeout_s=BACK_WITHIN_S)
    before = stage.platform.process(name)
    stage.fault(name)
    if not strike(stage, name):
        raise Broken(f"{name} was not there to be killed: nothing was tested")
    return stage.platform.wait_healthy(name, after=before, timeout_s=BACK_WITHIN_S)


def too_slow(back: Sequence[Back], slack: float) -> list[str]:
    """Returns which parts were back later than promised, with the seconds of each."""
    return [
        f"{name} was healthy again only after {back_s:.1f} s" for name, back_s in back
        if back_s > HEALTHY_S_OF.get(name, HEALTHY_S) * slack
    ]  # fmt: skip


def _judge_back(stage: Stage, back: Sequence[Back]) -> None:
    slowest, longest_s = max(back, key=lambda each: each[1] / HEALTHY_S_OF.get(each[0], HEALTHY_S))
    stage.figures |= {
        "kills": len(back), "healthy_again_s": round(longest_s, 2), "healthy_last": slowest,
    }  # fmt: skip
    if late := too_slow(back, slack_now()):
        raise Broken("; ".join(late))


def strike(stage: Stage, name: str) -> int:
    """Kills a part with all processes of its group. Returns how many parts were hit: 0 or 1."""
    process = stage.platform.process(name)
    if not process:
        return 0  # it is down already
    try:
        os.killpg(process, signal.SIGKILL)
    except ProcessLookupError:
        return 0
    return 1
