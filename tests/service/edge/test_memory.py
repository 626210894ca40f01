"""Pages that were drawn leave the memory of the edge.

Proved with the real server: its own driver of coroutines kept the answer of every thread for good.
"""

import pytest

from chaos.platform import descendants
from chaos.processes import held_by
from tests.service.edge.conftest import Edge

pytestmark = pytest.mark.long

PAGE, WARM, TIMES = "/privacy", 300, 1_200
SHARE = 0.5  # of what was sent: kept pages make all of it, and nothing is exact


def held(edge: Edge) -> float:
    """Returns the bytes of their own that the edge's processes hold together."""
    processes = [edge.process.pid, *descendants(edge.process.pid)]
    return held_by(processes).anonymous_mb * 2**20


def test_a_page_that_was_drawn_is_kept_by_nobody(lasting_edge: Edge) -> None:
    for _ in range(WARM):
        assert lasting_edge.get(PAGE)[0] == 200
    before, sent = held(lasting_edge), 0
    for _ in range(TIMES):
        sent += len(lasting_edge.get(PAGE)[1])
    assert sent > 6_000_000, "too little to be seen"
    grown = held(lasting_edge) - before
    assert grown < SHARE * sent
