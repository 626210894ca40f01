"""The cost of a process is read from the system, all of it and no more."""

import os
import time

from bench import cpu


def _work(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def test_what_a_block_costs_is_the_cpu_of_its_process() -> None:
    with cpu.spending(os.getpid(), 0.0) as spent:
        _work(0.3)
        time.sleep(0.2)
    assert 0.25 < spent.seconds < 0.6


def test_what_it_spends_anyway_is_not_counted() -> None:
    with cpu.spending(os.getpid(), 0.2) as spent:
        began = time.monotonic()
        _work(0.3)
    assert spent.seconds < 0.6 - 0.2 * (time.monotonic() - began)


def test_a_process_that_is_gone_has_no_figure() -> None:
    assert cpu.spent_s(2**22 + 1) != cpu.spent_s(2**22 + 1)  # nan differs from itself


def test_an_idle_process_takes_next_to_nothing() -> None:
    assert cpu.idle_share(os.getpid(), 0.3) < 0.2
