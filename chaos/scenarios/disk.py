"""A disk without space, and a database that only reads: sales are refused, never half taken."""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from chaos.crowd import Crowd
from chaos.databases import database_owner
from chaos.logs import Line
from chaos.sales import make_sales
from chaos.stage import Broken, Size, Stage, slack_now
from chaos.uploads import HANG_S, Uploads

FAULT_S = 6.0
MEDIA_FAULT_S = 10.0
RECOVERS_WITHIN_S = 10.0  # platform.md F5, on a quiet machine
CHUNK_BYTES = 1024**2
SILENCE_S = 60.0
SEGMENTS_MOST = 60  # of 16 MB: more than the file system holds


def full_and_read_only(stage: Stage, size: Size) -> None:
    """Fills the disk under load and frees it again; then makes the database read-only and writable
    again. Whatever is acknowledged in between must be stored: the check sees to that.

    Errors: Broken when sales do not go on by themselves, or go on where they cannot.
    """
    with Crowd(stage, size, make_sales(size.payments, size.seed)) as crowd:
        crowd.start()
        crowd.wait_for_share(0.2)
        with _full_disk(stage):
            full = time.monotonic()
            time.sleep(FAULT_S)
        freed = time.monotonic()
        disk_s = _until_next(stage, crowd)
        crowd.wait_for_share(0.6)
        with _read_only(stage):
            time.sleep(FAULT_S / 2)  # what was under way is over
            before = crowd.done
            time.sleep(FAULT_S / 2)
            taken = crowd.done - before
        database_s = _until_next(stage, crowd)
        crowd.finish()
    stage.figures |= {
        "after_full_disk_s": round(disk_s, 2),
        "after_read_only_s": round(database_s, 2),
        "taken_while_read_only": taken,
    }
    stage.figures["clear_noes"] = clear_noes(stage.lines("acks"), full, freed)
    if taken:
        raise Broken(f"{taken} sales were acknowledged by a database that cannot write")
    if max(disk_s, database_s) > RECOVERS_WITHIN_S * slack_now():
        raise Broken(f"sales went on only after {max(disk_s, database_s):.1f} s")
    stage.wait_ready()


def media(stage: Stage, size: Size) -> None:
    """Puts photos in while the disk is full: refused clearly, or whole; and taken again by itself
    once there is room. Errors: Broken."""
    with (
        Crowd(stage, size, make_sales(size.payments, size.seed)) as crowd,
        Uploads(stage) as uploads,
    ):
        crowd.start()
        uploads.put_in()
        with _full_disk(stage):
            refused = uploads.refused_within(MEDIA_FAULT_S)
        freed = time.monotonic()
        stage.fault("taken away")
        uploads.put_in()
        again_s = time.monotonic() - freed
        crowd.finish()
        whole = uploads.whole()
    stage.also += whole
    stage.figures |= {
        "photos": whole, "photo_refusals": refused, "after_full_disk_s": round(again_s, 2),
    }  # fmt: skip
    if again_s > RECOVERS_WITHIN_S * slack_now():
        raise Broken(f"photos were taken again only after {again_s:.1f} s")
    stage.wait_ready()


def clear_noes(acks: Sequence[Line], begins: float, ends: float) -> int:
    """Returns how many questions that were sent between two moments had a clear no. Errors: Broken
    where that was none, and where one hung."""
    hung = [
        lasted_s for ack in acks for sent, lasted_s in ack.get("silences", [])
        if begins <= sent <= ends and lasted_s >= HANG_S
    ]  # fmt: skip
    if hung:
        raise Broken(f"{len(hung)} questions hung for up to {max(hung):.0f} s on a full disk")
    noes = [sent for ack in acks for sent in ack.get("noes", []) if begins <= sent <= ends]
    if not noes:
        raise Broken("nobody was told no by a full disk: nothing was tested")
    return len(noes)


def _until_next(stage: Stage, crowd: Crowd) -> float:
    """Returns seconds until a sale is done after the fault was taken away. Errors: Broken."""
    before, began = crowd.done, time.monotonic()
    stage.fault("taken away")
    while crowd.done == before:
        if not crowd.working or time.monotonic() - began > SILENCE_S:
            raise Broken(f"no sale within {time.monotonic() - began:.0f} s after the fault")
        time.sleep(0.01)
    return time.monotonic() - began


@contextmanager
def _full_disk(stage: Stage) -> Iterator[None]:
    """Leaves no room on the platform's file system, and takes what others give back."""
    path, over = stage.platform.data / "ballast", threading.Event()
    keeper = threading.Thread(target=_keep_full, args=(path, over), daemon=True)
    keeper.start()
    try:
        began = time.monotonic()
        while _free_bytes(stage) > CHUNK_BYTES and time.monotonic() < began + SILENCE_S:
            time.sleep(0.02)
        _use_up_journal(stage)
        yield
        stage.figures["ballast_mb"] = path.stat().st_size // 1024**2
        if _free_bytes(stage) > CHUNK_BYTES:
            raise Broken("the disk did not stay full: nothing was tested")
    finally:
        over.set()
        keeper.join()
        path.unlink()


def _keep_full(path: Path, over: threading.Event) -> None:
    with path.open("wb", buffering=0) as ballast:
        while not over.is_set():
            for size in (CHUNK_BYTES, 4096):
                with suppress(OSError):
                    while not over.is_set():
                        ballast.write(bytes(size))
            over.wait(0.05)


def _free_bytes(stage: Stage) -> int:
    system = os.statvfs(stage.platform.data)
    return system.f_bavail * system.f_frsize


def _use_up_journal(stage: Stage) -> None:
    """PostgreSQL keeps some journal files in reserve and would sell on for a while: uses them up.

    Errors: Broken when there is no end to them.
    """
    with (
        suppress(psycopg.OperationalError),
        database_owner(stage.platform) as admin,
    ):  # it ends itself, or says no
        for _ in range(SEGMENTS_MOST):
            admin.execute("select pg_logical_emit_message(false, 'fault test', 'fills a file')")
            admin.execute("select pg_switch_wal()")
        raise Broken("the disk is full and PostgreSQL still finds room for its journal")


@contextmanager
def _read_only(stage: Stage) -> Iterator[None]:
    """Makes the database of payments refuse every write, as a standby or a damaged disk does."""
    _set_read_only(stage, "on")
    try:
        yield
    finally:
        _set_read_only(stage, "off")


def _set_read_only(stage: Stage, value: str) -> None:
    with database_owner(stage.platform) as admin:
        text = b"alter database payments set default_transaction_read_only = "
        admin.execute(text + value.encode())
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'payments'"
        )
