"""Group commit: what waits goes together, in order, and nobody fails for a neighbor."""

import asyncio
from collections.abc import Sequence

import pytest

from kit.db import StoreBusy, StoreUnavailable
from services.payments.app.group import MOST, Group


class Writer:
    """A store that notes its groups. Units below 0 cannot be stored, 13 is refused."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.down = False
        self.fault: Exception | None = None
        self.writing = asyncio.Event()

    async def write(self, area: str, units: Sequence[int]) -> Sequence[int | Exception]:
        """Writes a group slowly enough for others to queue up."""
        self.writing.set()
        await asyncio.sleep(0.001)
        if self.down:
            raise StoreUnavailable("down")
        if self.fault:
            self.groups.append(list(units))
            raise self.fault
        if any(unit < 0 for unit in units):
            raise ValueError("a unit that breaks the statement")
        self.groups.append(list(units))
        if 99 in units:
            return []
        return [ValueError("refused") if unit == 13 else unit * 2 for unit in units]


@pytest.fixture
def writer() -> Writer:
    return Writer()


@pytest.fixture
def group(writer: Writer) -> Group[int, int]:
    return Group(writer.write)


async def test_what_comes_while_a_group_is_written_goes_with_the_next(
    writer: Writer, group: Group[int, int]
) -> None:
    results = await asyncio.gather(*(group.submit("mine", unit) for unit in range(20, 30)))
    assert results == [unit * 2 for unit in range(20, 30)]
    assert writer.groups == [list(range(20, 30))]
    assert await group.submit("mine", 5) == 10
    assert writer.groups[-1] == [5]


async def test_a_group_is_bounded_and_keeps_the_order(
    writer: Writer, group: Group[int, int]
) -> None:
    await asyncio.gather(*(group.submit("mine", 100 + unit) for unit in range(3 * MOST)))
    assert max(len(each) for each in writer.groups) == MOST
    assert [unit for each in writer.groups for unit in each] == list(range(100, 100 + 3 * MOST))


async def test_groups_of_a_busy_area_begin_apart_and_what_comes_meanwhile_goes_together(
    writer: Writer,
) -> None:
    slow: Group[int, int] = Group(writer.write, pause_s=0.4)
    clock = asyncio.get_running_loop().time
    began = clock()
    await slow.submit("mine", 1)
    assert clock() - began < 0.4  # after a quiet while at once
    await asyncio.gather(*(slow.submit("mine", unit) for unit in (2, 3, 4)))
    assert clock() - began >= 0.4
    assert writer.groups == [[1], [2, 3, 4]]
    await asyncio.sleep(0.5)
    began = clock()
    await slow.submit("mine", 5)
    assert clock() - began < 0.4


async def test_a_whole_group_waits_for_no_pause(writer: Writer) -> None:
    slow: Group[int, int] = Group(writer.write, pause_s=20.0)
    async with asyncio.timeout(5):
        await asyncio.gather(*(slow.submit("mine", 100 + unit) for unit in range(3 * MOST)))
    assert [len(each) for each in writer.groups] == [MOST] * 3
    slow._writers["mine"].cancel()


async def test_a_refused_or_broken_unit_fails_alone(writer: Writer, group: Group[int, int]) -> None:
    results = await asyncio.gather(
        *(group.submit("mine", unit) for unit in (1, 13, -1, 2)), return_exceptions=True
    )
    assert [results[0], results[3]] == [2, 4]
    assert [str(each) for each in results[1:3]] == ["refused", "a unit that breaks the statement"]


async def test_while_the_store_is_down_everybody_is_told_and_it_recovers(
    writer: Writer, group: Group[int, int]
) -> None:
    writer.down = True
    results = await asyncio.gather(
        *(group.submit("mine", unit) for unit in (1, 2)), return_exceptions=True
    )
    assert all(isinstance(each, StoreUnavailable) for each in results)
    writer.down = False
    assert await group.submit("mine", 3) == 6


async def test_areas_do_not_share_a_transaction(writer: Writer, group: Group[int, int]) -> None:
    await asyncio.gather(group.submit("mine", 1), group.submit("other", 2))
    assert sorted(writer.groups) == [[1], [2]]


async def test_a_caller_that_gives_up_does_not_take_its_unit_along(
    writer: Writer, group: Group[int, int]
) -> None:
    task = asyncio.create_task(group.submit("mine", 7))
    await asyncio.sleep(0)
    task.cancel()
    assert await group.submit("mine", 8) == 16
    assert [unit for each in writer.groups for unit in each] == [7, 8]


async def test_a_busy_store_is_not_asked_for_each_unit_of_a_group(
    writer: Writer, group: Group[int, int]
) -> None:
    writer.fault = StoreBusy("busy")
    results = await asyncio.gather(
        *(group.submit("mine", unit) for unit in (1, 2, 3)), return_exceptions=True
    )
    assert [type(each) for each in results] == [StoreBusy] * 3
    assert writer.groups == [[1, 2, 3]]


async def test_a_writer_that_is_ended_leaves_nobody_waiting_and_the_next_sale_goes_on(
    writer: Writer, group: Group[int, int]
) -> None:
    written = asyncio.create_task(group.submit("mine", 1))
    await writer.writing.wait()
    queued = asyncio.create_task(group.submit("mine", 2))
    await asyncio.sleep(0)
    group._writers["mine"].cancel()
    async with asyncio.timeout(1):
        results = await asyncio.gather(written, queued, return_exceptions=True)
        assert [type(each) for each in results] == [StoreUnavailable] * 2
        assert await group.submit("mine", 3) == 6


async def test_a_writer_that_broke_leaves_nobody_waiting_and_writes_nothing_twice(
    writer: Writer, group: Group[int, int]
) -> None:
    broken = [asyncio.create_task(group.submit("mine", unit)) for unit in (99, 2)]
    await writer.writing.wait()
    failing = group._writers["mine"]
    async with asyncio.timeout(1):
        results = await asyncio.gather(*broken, return_exceptions=True)
        assert await group.submit("mine", 3) == 6
    assert [type(each) for each in results] == [StoreUnavailable] * 2
    assert isinstance(failing.exception(), ValueError)
    assert writer.groups == [[99, 2], [3]]


async def test_what_comes_together_goes_together_and_each_has_its_own_answer(
    writer: Writer, group: Group[int, int]
) -> None:
    first, refused, last = await group.submit_all("mine", [1, 13, 2])
    assert (first, last) == (2, 4)
    assert isinstance(refused, ValueError)
    assert writer.groups == [[1, 13, 2]]


async def test_nothing_is_answered_at_once_and_writes_nothing(
    writer: Writer, group: Group[int, int]
) -> None:
    assert await group.submit_all("mine", []) == []
    assert writer.groups == []
    assert group._writers == {}


async def test_more_than_a_group_holds_is_answered_once_all_of_it_is_written(
    writer: Writer, group: Group[int, int]
) -> None:
    units = range(100, 100 + 2 * MOST + 1)
    one = asyncio.create_task(group.submit("mine", 20))
    assert await group.submit_all("mine", units) == [unit * 2 for unit in units]
    assert await one == 40
    assert [len(each) for each in writer.groups] == [MOST, MOST, 2]
    assert [unit for each in writer.groups for unit in each] == [*units, 20]


async def test_one_that_breaks_the_statement_fails_alone_among_those_it_came_with(
    writer: Writer, group: Group[int, int]
) -> None:
    results = await group.submit_all("mine", [1, -1, 2])
    assert [results[0], type(results[1]), results[2]] == [2, ValueError, 4]
    assert writer.groups == [[1], [2]]


async def test_a_writer_that_is_ended_answers_for_what_it_wrote_and_what_it_did_not(
    writer: Writer,
) -> None:
    group: Group[int, int] = Group(writer.write, pause_s=60)
    first = asyncio.create_task(group.submit("mine", 50))
    many = asyncio.create_task(group.submit_all("mine", range(100, 100 + MOST + 2)))
    assert await first == 100  # and with it all but three of the others
    group._writers["mine"].cancel()
    async with asyncio.timeout(1):
        results = await many
    assert results[0] == 200
    assert [type(each) for each in results] == [int] * (MOST - 1) + [StoreUnavailable] * 3


async def test_a_caller_of_many_that_gives_up_takes_none_of_them_along(
    writer: Writer, group: Group[int, int]
) -> None:
    task = asyncio.create_task(group.submit_all("mine", [7, 8]))
    await asyncio.sleep(0)
    task.cancel()
    assert await group.submit("mine", 9) == 18
    assert [unit for each in writer.groups for unit in each] == [7, 8, 9]
