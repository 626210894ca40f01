"""Pages that were drawn leave the memory of the edge.

Proved with the real server: its own driver of coroutines kept the answer of every thread for good.
"""

import os
from pathlib import Path

import pytest

from tests.service.edge.conftest import Edge

pytestmark = pytest.mark.long

PAGE, WARM, TIMES = "/privacy", 300, 1_200
SHARE = 0.5  # of what was sent: kept pages make all of it, and nothing is exact


def held(edge: Edge) -> int:
    """Returns the bytes of its own that the edge's processes hold together."""
    found = 0
    for process in (edge.process.pid, *children(edge.process.pid)):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                found += int(line.split()[1]) * 1024
    return found


def children(parent: int) -> list[int]:
    """Returns the processes begun by one."""
    text = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [int(each) for each in text.split()]


@pytest.mark.skipif(not Path(f"/proc/{os.getpid()}/status").exists(), reason="/proc is Linux's")
def test_a_page_that_was_drawn_is_kept_by_nobody(lasting_edge: Edge) -> None:
    for _ in range(WARM):
        assert lasting_edge.get(PAGE)[0] == 200
    before, sent = held(lasting_edge), 0
    for _ in range(TIMES):
        sent += len(lasting_edge.get(PAGE)[1])
    assert sent > 6_000_000, "too little to be seen"
    grown = held(lasting_edge) - before
    assert grown < SHARE * sent
