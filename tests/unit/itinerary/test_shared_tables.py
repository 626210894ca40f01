"""One table of a day by bus for all: made once, held while it is read, and read like one's own."""

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from services.itinerary.domain.bus import WHOLE, span_of
from services.itinerary.domain.job import BusQuestion, Job
from services.itinerary.domain.orienteering.chance import MODULUS, MULTIPLIER, below, seeded
from services.itinerary.domain.orienteering.engine import Limit, search
from services.itinerary.domain.orienteering.problem import (
    Day,
    Stop,
    Timetable,
    TourProblem,
    instance_of,
)
from services.itinerary.domain.problem import UNREACHABLE, Problem
from services.itinerary.domain.transit.access import Access
from services.itinerary.gateways.frames import TableAsk
from services.itinerary.gateways.tables import (
    KEPT,
    MOST_PLACES,
    NO_ACCESS,
    PlannerBusy,
    Tables,
)

ACCESS = Access(((), ()), ((0, 5), (5, 0)))


def job(key: str, begin: int = 540) -> Job:
    problem = Problem((), ((0, 5), (5, 0)), begin, 1020)
    return Job(problem, bus=BusQuestion(key, ACCESS, (0, 1), b"what runs"))


def table_of(found: Job | None) -> str:
    assert found is not None
    assert found.bus is not None
    return found.bus.table


def files(folder: Path) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.is_file()]


def touch(path: str) -> None:
    Path(path).write_bytes(b"")


def tidy(folder: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path)


def folders(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


class Maker:
    """A worker that makes tables as fast as a test wants it to."""

    def __init__(self) -> None:
        self.asked: list[TableAsk] = []
        self.may = asyncio.Event()
        self.may.set()
        self.fails = False

    async def __call__(self, asked: TableAsk) -> None:
        self.asked.append(asked)
        await self.may.wait()
        touch(f"{asked.path}.facts")
        if self.fails:
            raise OSError("the disk is full")


async def test_fifty_who_ask_for_a_day_share_its_table(tmp_path: Path) -> None:
    maker = Maker()
    tables = Tables(maker, tmp_path)

    async def ask() -> Job | None:
        async with tables.holding([job("monday"), None], 5.0) as (found, nothing):
            assert nothing is None
            return found

    found = await asyncio.gather(*(ask() for _ in range(50)))
    assert len(maker.asked) == 1
    assert len({each.bus.table for each in found if each and each.bus}) == 1
    # What a worker finds in the files does not go through its pipe.
    assert all(e and e.bus and (e.bus.access, e.bus.day) == (NO_ACCESS, b"") for e in found)
    async with tables.holding([job("monday", begin=300)], 5.0):
        assert [(a.first, a.last) for a in maker.asked] == [(360, 1380), WHOLE]
    await tables.close()
    assert files(tmp_path) == []


async def test_who_cannot_wait_is_told_and_the_next_one_finds_it_made(tmp_path: Path) -> None:
    maker = Maker()
    maker.may.clear()
    tables = Tables(maker, tmp_path)
    with pytest.raises(PlannerBusy):
        async with tables.holding([job("monday")], 0.01):
            pytest.fail("there is no table yet")
    maker.may.set()
    async with tables.holding([job("monday")], 5.0) as (found,):
        assert found is not None
        assert found.bus is not None
        assert f"{found.bus.table}.facts" in files(tmp_path)
    assert len(maker.asked) == 1
    await tables.close()


async def test_a_table_stays_while_it_is_read_and_few_are_kept(tmp_path: Path) -> None:
    maker = Maker()
    tables = Tables(maker, tmp_path)
    async with tables.holding([job("held")], 5.0) as (held,):
        for number in range(2 * KEPT):
            async with tables.holding([job(f"day {number}")], 5.0):
                pass
        assert held is not None
        assert held.bus is not None
        assert f"{held.bus.table}.facts" in files(tmp_path)
        assert len(files(tmp_path)) <= KEPT
    await tables.close()


async def test_where_no_table_can_be_written_each_worker_makes_its_own(tmp_path: Path) -> None:
    maker = Maker()
    maker.fails = True
    tables = Tables(maker, tmp_path)
    for _ in range(2):
        async with tables.holding([job("monday")], 5.0) as (found,):
            assert found == job("monday")
            assert found is not None
            assert found.bus is not None
            assert not found.bus.table
    assert len(maker.asked) == 2, "the next one tries again"
    assert files(tmp_path) == [], "halves of tables would keep the disk full"
    await tables.close()


async def test_where_no_folder_can_be_made_each_worker_makes_its_own(tmp_path: Path) -> None:
    nowhere = tmp_path / "bus_days"
    nowhere.write_text("not a folder")
    tables = Tables(Maker(), nowhere)
    async with tables.holding([job("monday")], 5.0) as (found,):
        assert found == job("monday")
    nowhere.unlink()
    async with tables.holding([job("monday")], 5.0) as (found,):
        assert found is not None
        assert found.bus is not None
        assert found.bus.table
    await tables.close()


async def test_a_folder_that_was_tidied_away_is_made_again(tmp_path: Path) -> None:
    tables = Tables(Maker(), tmp_path / "cache" / "bus_days")
    for day in ("monday", "tuesday"):
        async with tables.holding([job(day)], 5.0):
            assert len(files(tmp_path)) == 1
        tidy(tmp_path)
    await tables.close()


async def test_a_table_that_cannot_be_read_is_made_anew(tmp_path: Path) -> None:
    maker = Maker()
    tables = Tables(maker, tmp_path)
    days = [job("monday"), job("tuesday"), None]
    async with tables.holding(days, 5.0) as (spoilt, other, _):
        assert tables.forget([spoilt, None])
    assert not tables.forget(days)
    async with tables.holding(days, 5.0) as (fresh, same, _):
        assert table_of(same) == table_of(other)
        assert table_of(fresh) != table_of(spoilt)
    assert [asked.key for asked in maker.asked] == ["monday", "tuesday", "monday"]
    assert len(files(tmp_path)) == 2
    await tables.close()


async def test_what_nobody_else_will_read_is_not_written(tmp_path: Path) -> None:
    maker, many = Maker(), MOST_PLACES + 1
    tables = Tables(maker, tmp_path)
    own = Access(((),) * many, ((0,) * many,) * many)
    asked = job("monday")
    assert asked.bus is not None
    large = replace(asked, bus=replace(asked.bus, access=own))
    async with tables.holding([large], 5.0) as (found,):
        assert found is large
    assert maker.asked == []
    await tables.close()


async def test_folders_of_those_who_ended_are_removed(tmp_path: Path) -> None:
    (tmp_path / "999999999").mkdir()
    (tmp_path / "1").mkdir()  # somebody who runs
    tables = Tables(Maker(), tmp_path)
    async with tables.holding([job("monday")], 5.0):
        assert folders(tmp_path) >= {"1"}
        assert "999999999" not in folders(tmp_path)
    await tables.close()


def _town(random: Random, count: int) -> tuple[TourProblem, TourProblem]:
    """The same day twice: with a table of its own, and with one that others share."""
    first, slots, spare, more = 400, 500, random.choice([0, 12]), 3
    places = count + 2 + more
    arrivals = np.full((places, places, slots), UNREACHABLE, np.int32)
    for one in range(places):
        for other in range(places):
            for _ in range(4 if one != other else 0):
                slot, took = random.randrange(slots), random.randrange(5, 40)
                row = arrivals[one, other, : slot + 1]
                np.minimum(row, first + slot + took, out=row)
    rows = random.sample(range(places), count + 2)
    begin, used = 450, 480
    own = arrivals[np.ix_(rows, rows)][:, :, begin - first : used]
    home = np.full_like(own[:, -1], UNREACHABLE)
    home[:, : own.shape[2] - spare] = own[:, -1, spare:]
    own[:, -1] = home
    way = np.full((count + 2, count + 2), 90, np.int32)
    np.fill_diagonal(way, 0)
    least = np.full_like(way, 5)
    np.fill_diagonal(least, 0)
    windows = (((450, 700),), ((500, 560), (640, 800)))
    stops = tuple(
        Stop(random.randrange(100, 400), random.randrange(10, 50), (random.choice(windows),))
        for _ in range(count)
    )
    day = (Day(count, count + 1, begin, 820),)
    return (
        TourProblem(stops, day, way, Timetable(own[None], begin, least=least), least, None, 1),
        TourProblem(
            stops, day, way,
            Timetable(arrivals[None], first, least=least, rows=rows, slots=used, spare=spare,
                      in_order=True),
            least, None, 1,
        ),
    )  # fmt: skip


def test_a_shared_table_gives_the_day_that_its_own_copy_gives() -> None:
    visits = 0
    for seed in range(12):
        own, shared = _town(Random(seed), 9)
        one = search(instance_of(own), Limit(60), seed=seed)
        other = search(instance_of(shared), Limit(60), seed=seed)
        assert (one.tours, one.begins, one.value) == (other.tours, other.begins, other.value)
        visits += len(one.tours[0])
    assert visits > 12


@pytest.mark.parametrize(
    "fault",
    [{"rows": [0, 1]}, {"rows": [-1] * 11}, {"rows": [99] * 11}, {"slots": -1}, {"spare": -1},
     {"least": None}],
)  # fmt: skip
def test_a_shared_table_is_never_read_beyond_its_end(fault: dict[str, object]) -> None:
    _, shared = _town(Random(1), 9)
    assert shared.timetable is not None
    kept = {name: getattr(shared.timetable, name) for name in ("begins", "least", "rows", "slots")}
    table = Timetable(shared.timetable.arrivals, **{**kept, **fault}, in_order=True)
    problem = TourProblem(shared.stops, shared.days, shared.way, table, shared.cost, None, 1)
    with pytest.raises(ValueError, match=r"timetable|slots|shares"):
        instance_of(problem)


def test_numbers_are_those_of_the_division_they_are_made_without() -> None:
    chance = seeded(7)
    state = int(chance[0])
    for _ in range(5_000):
        state = state * MULTIPLIER % MODULUS
        assert below(chance, 1_000) == state * 1_000 // MODULUS
        assert chance[0] == state
    for edge in (1, 2, MODULUS - 1, MODULUS // MULTIPLIER, MODULUS // MULTIPLIER + 1):
        chance[0] = edge
        below(chance, 2)
        assert chance[0] == edge * MULTIPLIER % MODULUS


def test_days_share_a_span_unless_they_begin_early_or_end_late() -> None:
    usual = [span_of(Problem((), ((0, 0), (0, 0)), *day)) for day in ((540, 1020), (360, 1380))]
    assert usual == [(360, 1380)] * 2
    assert span_of(Problem((), ((0, 0), (0, 0)), 359, 1020)) == WHOLE
    assert span_of(Problem((), ((0, 0), (0, 0)), 540, 1500)) == WHOLE
