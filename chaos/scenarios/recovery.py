"""What is on the disk is lost: the streams of NATS, or everything. It comes back from the outboxes,
or from the backup, to the same figures."""

import json
import shutil
import time

import psycopg

from chaos.crowd import Crowd
from chaos.sales import make_sales
from chaos.scenarios.figures import expect_same
from chaos.stage import Broken, Size, Stage, slack_now
from chaos.visitors import Visitors
from infra.local import home as homes
from infra.local import postgres
from infra.local.alone import alone

WHOLE_WITHIN_S = 60.0  # platform.md F15: from the empty folder to pages that work


def streams_deleted(stage: Stage, size: Size) -> None:
    """Takes the folder of NATS away, and insights' database with it, and has the outboxes say
    everything again: insights counts the same from nothing. Errors: Broken."""
    platform, edge_port = stage.platform, stage.platform.port("edge")
    home = homes.Home(platform.data)
    sales = make_sales(size.payments, size.seed)
    with (
        Visitors(stage, size.seed),
        Crowd(stage, size, sales, doors=["http"]) as crowd,
    ):
        crowd.start()
        crowd.allow(0.7)
        crowd.wait_for_share(0.5)
        stage.fault("streams and insights deleted")
        platform.down()
        (home.data / "nats").rename(stage.folder / f"nats.lost.{size.seed}")
        password = homes.ensure_passwords(home).postgres
        with (
            alone(home.postgres, password) as port,
            psycopg.connect(postgres.url(port, password), autocommit=True) as owner,
        ):
            owner.execute("drop database insights")
        platform.up_again(edge_port)
        began = time.monotonic()
        said = json.loads(platform.run("replay", "--json").stdout)["replayed"]
        stage.figures |= {"replayed": sum(said.values()),
                          "replay_s": round(time.monotonic() - began, 1)}  # fmt: skip
        crowd.allow(1)
        crowd.finish()
    if not said["payments"] or not said["multilingual"]:
        raise Broken(f"the outboxes said only {said}")
    stage.wait_ready()
    expect_same(stage)


def restored(stage: Stage, size: Size) -> None:
    """Backs up, deletes the whole data folder, restores and sells on. Errors: Broken."""
    platform, edge_port = stage.platform, stage.platform.port("edge")
    half, file = size.payments // 2, stage.folder / f"backup-{size.seed}"
    with Visitors(stage, size.seed), _crowd(stage, size, half, 0) as crowd:
        crowd.start()
        crowd.finish()
    expect_same(stage)
    if not stage.judge().clean:
        raise Broken("the history before the backup is not clean")
    began = time.monotonic()
    platform.run("backup", str(file))
    stage.figures |= {"backup_s": round(time.monotonic() - began, 1),
                      "backup_mb": round(file.stat().st_size / 1e6, 1)}  # fmt: skip
    platform.down()
    stage.fault("everything deleted")
    shutil.rmtree(platform.data)
    began = time.monotonic()
    platform.run("restore", str(file))
    stage.figures["restore_s"] = round(time.monotonic() - began, 1)
    platform.up_again(edge_port)
    whole_s = time.monotonic() - began
    stage.figures["whole_again_s"] = round(whole_s, 1)
    platform.run("replay")
    with _crowd(stage, size, half, 1) as crowd:
        crowd.start()
        crowd.finish()
    if whole_s > WHOLE_WITHIN_S * slack_now():
        raise Broken(f"the platform was whole again only after {whole_s:.0f} s")
    stage.wait_ready()
    acknowledged = stage.also
    expect_same(stage)
    stage.also = acknowledged  # they were counted before the backup


def _crowd(stage: Stage, size: Size, count: int, turn: int) -> Crowd:
    return Crowd(stage, size, make_sales(count, size.seed + turn), doors=["http"])
