"""Worker processes: plain Python at once, the compiled search when it is ready."""

import os
from pathlib import Path
from random import Random

import pytest

from services.itinerary.domain.job import Job
from services.itinerary.domain.problem import Candidate, Problem, schedule
from services.itinerary.gateways import solver as solver_module
from services.itinerary.gateways.solver import (
    EDITIONS_KEPT,
    START_S,
    PlannerBusy,
    Solver,
    _prepare,
)

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
