"""Worker processes: plain Python at once, the compiled search when it is ready."""

import asyncio
import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from services.itinerary.domain import day_search
from services.itinerary.domain.bus import Node, bus_day
from services.itinerary.domain.job import BusQuestion, Deal, Job
from services.itinerary.domain.problem import Candidate, Problem, schedule
from services.itinerary.domain.transit.timetable import Call, Run
from services.itinerary.gateways import solver as solver_module
from services.itinerary.gateways.solver import (
    EDITIONS_KEPT,
    START_S,
    Solver,
    _prepare,
)
from services.itinerary.gateways.tables import PlannerBusy
from tests.unit.itinerary.bus_samples import line_of, network, stop_at

pytestmark = pytest.mark.timeout(900)  # a busy machine may have to compile first


def town(count: int = 30) -> Problem:
    """A day in a made-up town of many sights."""
    random = Random(3)
    points = [(random.randrange(50), random.randrange(50)) for _ in range(count + 2)]
    candidates = tuple(
        Candidate(random.randrange(5, 100), random.randrange(15, 90), ((540, 1000),))
        for _ in range(count)
    )
    travel = tuple(tuple(abs(a[0] - b[0]) + abs(a[1] - b[1]) for b in points) for a in points)
    return Problem(candidates, travel, 540, 1020)


async def test_a_busy_machine_has_minutes_to_load_the_compiled_search(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Who gave up after ten seconds searched in plain Python until the next start."""
    begin, waited = solver_module._Worker.start, []

    async def slow(worker: solver_module._Worker, limit_s: float = START_S) -> object:
        if worker._machine_code is None:
            return await begin(worker, limit_s)
        waited.append(limit_s)
        if limit_s < 120:
            raise TimeoutError
        return None

    monkeypatch.setattr(solver_module._Worker, "start", slow)
    solver = Solver(2, tmp_path)
    try:
        await solver.warm_up()
        assert len(waited) == 3  # one that compiles, two that load its work
        assert all(solver._free.get_nowait()._machine_code for _ in range(2))
    finally:
        await solver.close()
    again = Solver(2, tmp_path)
    try:
        await again.warm_up()
        assert len(waited) == 3 + 2, "what is complete is not compiled again"
    finally:
        await again.close()


async def test_the_first_answers_are_plain_and_later_ones_compiled() -> None:
    solver = Solver(1, Path(os.environ["NUMBA_CACHE_DIR"]))
    try:
        job = Job(town(), seed=5)
        early = await solver.run(job, 5.0)
        assert early.solution.stopped_early
        assert schedule(job.problem, early.solution.order) is not None
        small = await solver.run(Job(town(6)), 5.0)
        assert small.solution.proven_best
        assert not small.solution.stopped_early

        await solver.warm_up()
        found = await solver.run(job, 5.0)
        assert not found.solution.stopped_early
        assert found.solution.value >= early.solution.value
        assert await solver.run(job, 5.0) is found
        fresh = Solver(1, Path(os.environ["NUMBA_CACHE_DIR"]))
        try:
            await fresh.warm_up()
            assert await fresh.run(job, 5.0) == found
        finally:
            await fresh.close()
    finally:
        await solver.close()


async def test_without_a_place_for_machine_code_the_search_stays_plain(tmp_path: Path) -> None:
    nowhere = tmp_path / "file"
    nowhere.write_text("not a folder")
    solver = Solver(1, nowhere)
    try:
        await solver.warm_up()
        answer = await solver.run(Job(town(), seed=5), 5.0)
        assert answer.solution.stopped_early
    finally:
        await solver.close()


def test_machine_code_of_old_versions_is_forgotten(tmp_path: Path) -> None:
    for number in range(EDITIONS_KEPT + 2):
        (tmp_path / f"old{number}").mkdir()
    _prepare(tmp_path / "new")
    kept = {path.name for path in tmp_path.iterdir()}
    assert "new" in kept
    assert len(kept) == EDITIONS_KEPT


async def test_a_worker_that_is_gone_is_replaced() -> None:
    solver = Solver(1)
    try:
        await solver.run(Job(town(6)), 5.0)
        worker = solver._free.get_nowait()
        process = await worker.start()
        process.kill()
        solver._free.put_nowait(worker)
        try:
            answer = await solver.run(Job(town(7)), 5.0)
        except PlannerBusy:
            answer = await solver.run(Job(town(7)), 5.0)
        assert answer.solution.proven_best
    finally:
        await solver.close()


def bus_job(seed: int = 3) -> Job:
    """A day by bus on a made-up network: a line along places, every half hour and back."""
    places = 6
    nodes = [Node(f"p{n}", None) for n in range(places)]
    stops = [stop_at(f"p{n}") for n in range(places)]
    out = line_of(*([540 + 30 * k + 9 * n for n in range(places)] for k in range(16)))
    back = [
        Run(f"back-{k}", "red", "daily", "駅", tuple(
            Call(stop, minute, minute)
            for stop, minute in zip(
                reversed(range(places)), range(545 + 30 * k, 2_000, 9), strict=False)
        )) for k in range(16)
    ]  # fmt: skip
    at_places = {stop.stop_id: f"p{n}" for n, stop in enumerate(stops)}
    bus = bus_day(network(stops, (*out, *back), at_places=at_places), {}, date(2026, 11, 20))
    random = Random(seed)
    candidates = tuple(
        Candidate(random.randrange(20, 90), 20, ((540, 1000),)) for _ in range(places - 1)
    )
    access = bus.access(nodes)
    asked = (*range(1, places), 0, 0)
    walks = tuple(tuple(access.walks[one][other] for other in asked) for one in asked)
    question = BusQuestion(bus.key, access, asked, bus.packed)
    return Job(Problem(candidates, walks, 540, 1000), seed=seed, bus=question)


async def test_a_day_by_bus_is_the_same_by_a_table_that_workers_share(tmp_path: Path) -> None:
    job = bus_job()
    alone = day_search.run(job)
    assert len(alone.solution.order) > 2
    solver = Solver(2, bus_days=tmp_path)
    try:
        first, second = await asyncio.gather(
            solver.run(job, 20.0), solver.run(replace(job, seed=9), 20.0)
        )
        assert first == second == alone
        assert len(list(tmp_path.rglob("*.facts"))) == 1  # noqa: ASYNC240 - a test may wait
        dealt = await solver.deal(Deal((job, None), ((0, 1, 2, 3, 4), ())), 20.0)
        assert {*dealt.days[0]} == {*alone.solution.order}
    finally:
        await solver.close()


@pytest.mark.parametrize("spoilt", [b"", b"PK", None], ids=["cut short", "something else", "gone"])
async def test_tables_that_are_gone_or_spoilt_cost_nobody_a_day(
    spoilt: bytes | None, tmp_path: Path
) -> None:
    """Who read one that a full disk or a tidy colleague had spoilt failed until the next start."""
    job = bus_job()
    alone = day_search.run(job)
    solver = Solver(1, bus_days=tmp_path)
    try:
        assert await solver.run(job, 20.0) == alone
        for number, asked in enumerate((replace(job, seed=9), replace(job, seed=10))):
            worker = solver._free.get_nowait()  # a worker that has read them already needs none
            await worker.stop()
            solver._free.put_nowait(worker)
            for file in [*tmp_path.rglob("*.npy")]:  # noqa: ASYNC240 - a test may wait
                file.unlink() if spoilt is None else file.write_bytes(spoilt)
            if number:
                dealt = await solver.deal(Deal((job, None), ((0, 1, 2, 3, 4), ())), 20.0)
                assert {*dealt.days[0]} == {*alone.solution.order}
            else:
                assert await solver.run(asked, 20.0) == alone
                assert not [*tmp_path.rglob("*.npy")]  # noqa: ASYNC240
                assert await solver.run(job, 20.0) == alone
                assert len([*tmp_path.rglob("*.facts")]) == 1  # noqa: ASYNC240
    finally:
        await solver.close()


async def test_a_slow_worker_ends_what_it_does_and_is_not_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a busy machine whoever was killed for being slow took its next caller's time to load."""
    solver = Solver(1)
    exchange, slow = solver_module._Worker._exchange, asyncio.Event()

    async def slowly(worker: solver_module._Worker, *asked: Any) -> object:
        reply = await exchange(worker, *asked)
        await slow.wait()
        return reply

    try:
        await solver.warm_up()
        worker = solver._free.get_nowait()
        process = await worker.start()
        solver._free.put_nowait(worker)
        monkeypatch.setattr(solver_module._Worker, "_exchange", slowly)
        monkeypatch.setattr(solver_module, "GRACE_S", 0.1)
        with pytest.raises(PlannerBusy):
            await solver.run(Job(town(6)), 0.2)
        given_up = asyncio.create_task(solver.run(Job(town(6), seed=2), 20.0))
        await asyncio.sleep(0.05)
        given_up.cancel()
        slow.set()
        answer = await solver.run(Job(town(7)), 20.0)
        assert answer.solution.proven_best
        assert await worker.start() is process
    finally:
        await solver.close()


async def test_a_plain_worker_at_work_is_replaced_as_well(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It went on for good where the first compiled one was taken for it, and ended."""

    async def at_once(worker: solver_module._Worker, limit_s: float = START_S) -> object:
        return None

    monkeypatch.setattr(solver_module._Worker, "start", at_once)
    solver = Solver(2, tmp_path)
    busy = solver._free.get_nowait()
    swapping = asyncio.create_task(solver._take_compiled(tmp_path / "code"))
    await asyncio.sleep(0.3)
    assert not swapping.done()
    solver._free.put_nowait(busy)
    await swapping
    assert solver._free.qsize() == 2
    assert all(solver._free.get_nowait().is_compiled for _ in range(2))
    await solver.close()
