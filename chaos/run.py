"""Runs scenarios, each on a platform of its own or on the one before, and judges them."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc

from chaos import slack as slacks
from chaos.afterwards import still_sells
from chaos.asked import taken_share
from chaos.bench import Bench
from chaos.scenarios import SCENARIOS, Scenario
from chaos.stage import Size, Stage, percentile_s, rate_per_s, recovery_s, slack_now
from chaos.stages import NotHere, Stages

QUICK = Size(clients=8, payments=0, seed=1)
FULL = Size(clients=16, payments=20_000, seed=1, full=True)
FULL_SEEDS = 5
PROBLEMS_TOLD = 20

Tell = Callable[[str], None]
Result = dict[str, Any]


def run(
    names: Sequence[str],
    *,
    seed: int,
    full: bool,
    tell: Tell,
    payments: int = 0,
    clients: int = 0,
    minutes: float = 0.0,
    seeds: int = 0,
) -> dict[str, Any]:
    """Plays scenarios and returns what `chaos` answers. payments: of each; clients: at once;
    minutes: of a soak; seeds: how many of each; 0 for the usual."""
    began = time.monotonic()
    seeds_of = [seed + number for number in range(seeds or (FULL_SEEDS if full else 1))]
    results: list[Result] = []
    with slacks.Neighbours(), Stages(tell) as stages:
        for name in names:
            for chosen in seeds_of:
                size = replace(FULL if full else QUICK, seed=chosen)
                size = replace(size, clients=clients or size.clients)
                size = replace(size, minutes=minutes or size.minutes)
                size = replace(size, payments=payments or size.payments or SCENARIOS[name].payments)
                at_work = _play_on_bench if SCENARIOS[name].bench else _play
                results.append(at_work(name, size, stages, tell))
    return {
        "passed": all(each["passed"] for each in results),
        "seed": seed,
        "full": full,
        "took_s": round(time.monotonic() - began, 1),
        "acknowledged": sum(each["acknowledged"] for each in results),
        "faults_made": sum(each["faults"] for each in results),
        "scenarios": results,
    }


def _play(name: str, size: Size, stages: Stages, tell: Tell) -> Result:
    scenario, result, began = SCENARIOS[name], _begun(name, size, tell), time.monotonic()
    try:
        fresh = size.full or scenario.fresh
        stage = stages.for_scenario(
            disk_mb=scenario.disk_mb, fresh=fresh, providers=scenario.providers,
            detoured=scenario.detoured,
        )  # fmt: skip
    except NotHere as reason:
        tell(f"  left out: {reason}")
        return result | {"passed": True, "left_out": str(reason)}
    except (AssertionError, OSError, subprocess.SubprocessError) as error:
        tell(f"  FAILED: the platform does not start: {error}"[:600])
        return result | {"problems": [f"the platform does not start: {error}"[:600]]}
    stage.scenario, stage.figures, stage.tell, stage.also = name, {}, tell, 0
    stage.lost, stage.doubled = [], []
    slacks.begin(stage.platform.heads)
    problems: list[str] = []
    try:
        scenario.play(stage, size)
    except NotHere as reason:
        tell(f"  left out: {reason}")
        return result | {"passed": True, "left_out": str(reason)}
    except Exception as error:  # noqa: BLE001 - whatever ends a scenario, the others go on
        problems.append(f"{type(error).__name__}: {error}"[:600])
    finally:
        if stage.between is not None:
            stage.between.heal()
    if scenario.proven and not problems:
        problems += _proof(stage)
    result |= _judge(stage, scenario, problems)
    _tell_end(result, began, tell)
    if not result["passed"]:
        result["kept"] = stages.keep_broken()
        tell(f"  kept in {result['kept']}")
    return result


def _proof(stage: Stage) -> list[str]:
    try:
        return still_sells(stage)
    except (AssertionError, grpc.RpcError, OSError, RuntimeError) as error:
        return [f"after the last fault nobody can sell: {error!r}"[:300]]


def _play_on_bench(name: str, size: Size, stages: Stages, tell: Tell) -> Result:
    """Plays a scenario that starts parts of its own instead of a platform."""
    scenario, result, began = SCENARIOS[name], _begun(name, size, tell), time.monotonic()
    stages.put_away()  # two cores are few for a platform that only waits
    bench = Bench(Path(tempfile.mkdtemp(prefix="meguri-chaos-")), tell)
    slacks.begin()
    problems: list[str] = []
    try:
        if scenario.bench is not None:
            scenario.bench(bench, size)
    except NotHere as reason:
        tell(f"  left out: {reason}")
        shutil.rmtree(bench.folder, ignore_errors=True)
        return result | {"passed": True, "left_out": str(reason)}
    except Exception as error:  # noqa: BLE001 - whatever ends a scenario, the others go on
        problems.append(f"{type(error).__name__}: {error}"[:600])
    problems += [*bench.lost, *bench.doubled]
    if not bench.acknowledged or not bench.faults:
        problems.append("nothing was acknowledged, or nothing went wrong: nothing was tested")
    result |= {
        "passed": not problems, "acknowledged": bench.acknowledged, "faults": bench.faults,
        "lost": len(bench.lost), "doubled": len(bench.doubled),
        "recovery_s": bench.figures.get("recovery_s", 0.0), "slack": slack_now(),
        "figures": bench.figures, "problems": problems[:PROBLEMS_TOLD],
    }  # fmt: skip
    _tell_end(result, began, tell)
    if result["passed"]:
        shutil.rmtree(bench.folder, ignore_errors=True)
    else:
        result["kept"] = str(bench.folder)
        tell(f"  kept in {bench.folder}")
    return result


def _begun(name: str, size: Size, tell: Tell) -> Result:
    tell(f"{name}: {SCENARIOS[name].says} (seed {size.seed})")
    soaked = {"minutes": size.minutes} if SCENARIOS[name].apart else {}
    return {"name": name, "seed": size.seed, **soaked, "passed": False,
            "acknowledged": 0, "faults": 0, "lost": 0, "doubled": 0, "recovery_s": 0.0}  # fmt: skip


def _tell_end(result: Result, began: float, tell: Tell) -> None:
    result["took_s"] = round(time.monotonic() - began, 1)
    told = ", ".join(f"{key} {value}" for key, value in result["figures"].items())
    tell(
        f"  {'passed' if result['passed'] else 'FAILED'}: {result['acknowledged']} acknowledged,"
        f" {result['lost']} lost, {result['doubled']} doubled, recovery"
        f" {result['recovery_s']} s, {result['took_s']} s; {told}"
    )
    for problem in result["problems"]:
        tell(f"  - {problem}")


def _judge(stage: Stage, scenario: Scenario, problems: list[str]) -> Result:
    """Checks the history, then limits: whoever lost money need not be quick."""
    verdict = stage.judge()
    verdict.lost += stage.lost
    verdict.doubled += stage.doubled
    acks = stage.lines("acks")
    faults, slack = stage.lines("faults"), slack_now()
    recovered_s = recovery_s(faults, acks)
    problems = [*problems, *verdict.lost, *verdict.doubled, *verdict.problems]
    if recovered_s > scenario.limit_s * slack:
        problems.append(f"sales went on only {recovered_s:.1f} s after a fault")
    share = taken_share(acks)
    if share < scenario.taken_least:
        problems.append(f"only {share:.0%} of the sales by card and the like were taken")
    p99_s = round(percentile_s(acks, 0.99), 2)
    if scenario.p99_limit_s and p99_s > scenario.p99_limit_s * slack:
        problems.append(f"one sale in a hundred took {p99_s} s and more")
    try:
        problems += stage.card_data()
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        problems.append(f"card data cannot be looked for: {error!r}"[:300])
    mistakes = sum(each["mistakes"] for each in acks)
    if mistakes:
        problems.append(f"{mistakes} answers call themselves a mistake of the server (500)")
    if not acks:
        problems.append("nothing was acknowledged: nothing was tested")
    return {
        "passed": not problems,
        "acknowledged": sum(1 for each in acks if not each["refused"]) + stage.also,
        "faults": len(faults),
        "lost": len(verdict.lost),
        "doubled": len(verdict.doubled),
        "recovery_s": round(recovered_s, 2),
        "slack": slack,
        "recovery_limit_s": round(scenario.limit_s * slack, 1),
        "taken_share": round(share, 3),
        "p99_s": p99_s,
        "unknown_max_s": round(max((each["unknown_s"] for each in acks), default=0.0), 1),
        "payments_per_s": round(rate_per_s(acks), 1),
        "figures": stage.figures,
        "problems": problems[:PROBLEMS_TOLD],
    }
