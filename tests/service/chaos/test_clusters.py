"""Three NATS servers and a PostgreSQL standby: what was acknowledged outlives the loss of one."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from chaos import servers
from chaos.bench import Bench
from chaos.scenarios import cluster
from chaos.stage import Size
from infra.local import postgres
from infra.local.ports import PortChooser

SMALL = Size(clients=1, payments=0, seed=1)
PASSWORD = "for-tests-only"
EVENTS = 600


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(cluster, "EVENTS", EVENTS)
    monkeypatch.setattr(cluster, "KILLS", 1)
    return Bench(tmp_path)


def test_the_leaders_death_loses_and_doubles_nothing(bench: Bench) -> None:
    cluster.leader_killed(bench, SMALL)
    assert (bench.acknowledged, bench.faults) == (EVENTS, 1)
    assert (bench.lost, bench.doubled) == ([], [])
    assert bench.figures["leaders_killed"] == 1


def test_a_standby_that_takes_over_has_all_that_was_acknowledged(tmp_path: Path) -> None:
    folder, port = tmp_path / "primary", PortChooser().choose(0)
    postgres.make(folder, PASSWORD)
    primary = servers.database(folder, port, PASSWORD)
    primary.start()
    standby, standby_port = servers.standby(tmp_path / "standby", port, PASSWORD)
    try:
        standby.start()
        servers.wait_for_sync(port, PASSWORD)
        with psycopg.connect(postgres.url(port, PASSWORD), autocommit=True) as owner:
            owner.execute("create table sales (number int)")
            for number in range(50):
                owner.execute("insert into sales values (%s)", (number,))
        primary.kill()
        servers.promote(standby_port, PASSWORD)
        with psycopg.connect(postgres.url(standby_port, PASSWORD), autocommit=True) as owner:
            row = owner.execute("select count(*) from sales").fetchone()
            owner.execute("insert into sales values (50)")  # it waits for nobody
        assert row == (50,)
    finally:
        standby.stop()
        primary.stop()


def test_a_primary_without_its_standby_acknowledges_nothing(tmp_path: Path) -> None:
    folder, port = tmp_path / "primary", PortChooser().choose(0)
    postgres.make(folder, PASSWORD)
    primary = servers.database(folder, port, PASSWORD)
    primary.start()
    standby, _ = servers.standby(tmp_path / "standby", port, PASSWORD)
    try:
        standby.start()
        servers.wait_for_sync(port, PASSWORD)
        standby.kill()
        with ThreadPoolExecutor(1) as beside:
            asked = beside.submit(_make_table, port)
            with pytest.raises(TimeoutError):
                asked.result(timeout=2.0)  # it waits for somebody who is no more
            primary.kill()
            with pytest.raises(psycopg.OperationalError):
                asked.result(timeout=10.0)
    finally:
        standby.stop()
        primary.stop()


def _make_table(port: int) -> None:
    with psycopg.connect(postgres.url(port, PASSWORD), autocommit=True) as owner:
        owner.execute("create table sales (number int)")
