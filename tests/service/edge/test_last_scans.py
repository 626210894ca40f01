"""Page views that wait for the guide are handed over before the edge ends."""

import signal
from pathlib import Path

from tests.service.edge.conftest import SERVICES, Guide, running_edge


def test_counted_page_views_are_sent_before_the_end(
    tmp_path: Path, silent_door: str, guide: tuple[Guide, str]
) -> None:
    made, address = guide
    addresses = {**dict.fromkeys(SERVICES, silent_door), "MULTILINGUAL": address}
    with running_edge(tmp_path, addresses) as edge:
        for _ in range(3):
            assert edge.get("/g/8WXC3")[0] == 200
        assert made.asked.wait(5)
        edge.process.send_signal(signal.SIGTERM)
        made.open.set()
        assert edge.process.wait(10) == 0
    assert made.recorded == ["8WXC3"] * 3
