"""The machine is lost: what a backup of the running platform holds comes up elsewhere, all of it.

Sales go on while it is made, so that nothing is in step by luck: the restored books and figures
are held against each other, and against what was acknowledged before.
"""

import asyncio
import contextlib
import hashlib
import json
import shutil
import stat
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from cli.connection import running_machine
from demo.web import Browser
from infra.local import archive, backup, kept_backups, nightly
from infra.local.home import Home
from kit import backups
from tests.platform import Platform, running
from tests.sounds import silent_mp3
from tests.system.payments.clients import Register

pytestmark = [pytest.mark.long, pytest.mark.platform]

PAY = "/api/v1/payments"
LIMIT_S = 60.0  # backup, wipe and restore together
WAIT_S = 20.0
BALANCES = "select practice, account, sum(amount_yen) from postings group by 1, 2 order by 1, 2"


def _register(platform: Platform, state: dict[str, Any]) -> Register:
    return Register(platform.url, state["id"], Path(state["key_file"]))


def _sell(register: Register) -> str:
    sale = {"tender": "card", "amount_yen": 1300}
    status, paid = register.send("POST", PAY, sale, str(uuid.uuid4()))
    assert status == 201, paid
    return str(paid["payment_id"])


@contextmanager
def _selling(register: Register) -> Iterator[list[str]]:
    """Sells for as long as the block."""
    ended, sold = threading.Event(), list[str]()

    def sell() -> None:
        while not ended.is_set():
            sold.append(_sell(register))

    thread = threading.Thread(target=sell)
    thread.start()
    try:
        yield sold
    finally:
        ended.set()
        thread.join()


def _rows(platform: Platform, service: str, statement: str) -> list[Any]:
    machine = running_machine(Home(platform.data))
    assert machine is not None
    with psycopg.connect(machine.database_url(service)) as connection:
        connection.execute("select set_config('meguri.area', '*', true)")
        return connection.execute(statement.encode()).fetchall()


def _scan(platform: Platform) -> None:
    scans = [
        {"scan_id": str(uuid.uuid4()), "stop_code": "SRVAY", "requested_locale": "fr",
         "served_locale": "fr", "scan_time": datetime.now(UTC).isoformat(), "offline": True}
        for _ in range(3)
    ]  # fmt: skip
    with Browser(platform.url, urlsplit(platform.url).netloc) as browser:
        answer = browser.post_json("/api/v1/scans", {"scans": scans})
    assert (answer.status, answer.json()["recorded"]) == (200, 3)


def test_a_lost_machine_comes_back_from_its_backup(platform: Platform, tmp_path: Path) -> None:
    here = _register(platform, platform.state["terminal"])
    before = [_sell(here) for _ in range(5)]
    _scan(platform)
    (tmp_path / "voice.mp3").write_bytes(silent_mp3(2.0, mark=77))
    recorded = json.loads(
        # In a language that no other test listens to: it stays on the shared platform.
        platform.run("guide", "record", str(tmp_path / "voice.mp3"), "--stop", "SRVAY", "--locale",
                     "ko", "--rights-holder", "Meguri tests", "--speaker-agreed", "--json").stdout
    )  # fmt: skip
    file = tmp_path / "stick" / "meguri"
    file.parent.mkdir()
    with _selling(here) as meanwhile:
        began = time.monotonic()
        made = json.loads(platform.run("backup", str(file), "--json").stdout)
        took_s = time.monotonic() - began
    assert meanwhile
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["meguri"]
    assert made["sha256"] in file.read_bytes()[-2048:].decode(errors="replace")

    other = Platform(tmp_path / "other machine")
    began = time.monotonic()
    other.run("restore", str(file), "--json")
    took_s += time.monotonic() - began
    assert took_s < LIMIT_S
    with running(other.data) as restored:
        assert "first_logins" not in restored.state
        assert restored.state["terminal"]["key_file"].startswith(str(other.data))
        _is_whole(restored, before, recorded["sha256"])
        _figures_agree(restored)
        login = platform.state["first_logins"]["analyst"]
        with Browser(restored.url, urlsplit(restored.url).netloc) as browser:
            browser.sign_in(login["user"], login["password"])
            day = browser.get("/api/v1/insights/today").json()
        assert day["practice_payments"]["captured_count"] >= len(before)
        # The terminal's key still signs, and the books go on.
        _sell(_register(restored, restored.state["terminal"]))


def _is_whole(restored: Platform, before: list[str], sha256: str) -> None:
    there = _register(restored, restored.state["terminal"])
    for payment_id in before:
        status, paid = there.send("GET", f"{PAY}/{payment_id}")
        assert (status, paid["state"]) == (200, "captured")
    assert hashlib.sha256(restored.get(f"/media/{sha256}")).hexdigest() == sha256
    balances = _rows(restored, "payments", BALANCES)
    assert balances
    for book in (True, False):
        assert sum(amount for practice, _, amount in balances if practice == book) == 0


def _figures_agree(restored: Platform) -> None:
    """What payments and the guide say they have said, insights has counted: each event once,
    though one was copied before the other."""
    for service, kinds in (
        ("payments", "('payment_captured', 'payment_voided', 'payment_refunded')"),
        ("multilingual", "('scan_recorded')"),
    ):
        said = f"select count(*) from outbox where type in {kinds}"  # noqa: S608 - ours
        counted = f"select count(*) from facts where kind in {kinds}"  # noqa: S608 - ours
        deadline = time.monotonic() + WAIT_S
        while _rows(restored, "insights", counted) != _rows(restored, service, said):
            assert time.monotonic() < deadline, f"insights does not catch up with {service}"
            time.sleep(0.2)
        assert _rows(restored, service, said)[0][0] >= 3


def test_every_file_of_a_data_folder_is_kept_or_left_out_on_purpose(platform: Platform) -> None:
    known = {name.partition("/")[0] for name in (*backup.KEPT, *backup.LEFT_OUT)}
    there = {path.name for path in platform.data.iterdir() if "_simulator.sqlite3" not in path.name}
    assert there - known == set()


def test_no_list_of_pseudonyms_and_nothing_that_waits_is_in_a_backup(
    platform: Platform, tmp_path: Path
) -> None:
    file = tmp_path / "meguri"
    spool = platform.data / "visitor_sense" / "sensors" / "mine.test.spool" / "1.batch"
    spool.parent.mkdir(parents=True)
    spool.write_bytes(b"observations")
    try:
        platform.run("backup", str(file))
    finally:
        spool.unlink()
        spool.parent.rmdir()
    with archive.opened(file) as made:
        names = [str(name) for name, _ in made.entries()]
    assert not [name for name in names if "spool" in name]
    assert not [name for name in names if name.startswith(("data/nats", "data/log", "data/valkey"))]
    assert "databases/visitor_sense.zone_hours.copy" in names
    assert "data/secrets/ticket_master" in names


def test_restoring_over_a_running_platform_is_refused(platform: Platform, tmp_path: Path) -> None:
    refused = platform.run("restore", str(tmp_path), "--really", "--json", check=False)
    assert (refused.returncode, json.loads(refused.stdout)["reason"]) == (1, "platform_running")
    inside = platform.run("backup", str(platform.data / "mine"), "--json", check=False)
    assert (inside.returncode, json.loads(inside.stdout)["reason"]) == (1, "file_inside_data")
    assert not list(platform.data.glob("*mine*"))


def test_a_night_comes_by_itself_and_the_office_sees_it(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The supervisor's own part, hurried: its process makes the backup, status and page tell it."""
    machine = running_machine(Home(platform.data))
    assert machine is not None
    noted = platform.data / backups.FILE
    before = noted.read_bytes()
    monkeypatch.setattr(nightly, "QUIET_S", 0.0)

    def made() -> bool:
        noted_now = backups.load(platform.data)
        return noted_now is not None and noted_now.made_time is not None

    async def one_night() -> None:
        night = asyncio.create_task(nightly.Nightly(machine).run())
        async with asyncio.timeout(3 * WAIT_S):
            while not made():  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(0.1)
        night.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await night

    folder = kept_backups.folder_of(Home(platform.data))
    try:
        with ThreadPoolExecutor(1) as thread:  # a browser's own loop may run in this one
            thread.submit(asyncio.run, one_night()).result()
        record = json.loads(platform.run("status", "--json").stdout)["backup"]
        assert record["state"] == "ok"
        with archive.opened(Path(record["file"])) as reader:
            assert "payments" in reader.manifest["revisions"]
        login = platform.state["first_logins"]["admin"]
        with Browser(platform.url, urlsplit(platform.url).netloc) as browser:
            browser.sign_in(login["user"], login["password"])
            page = browser.get("/admin").text
        assert "light--ok" in page[page.index('id="copies"') :]
        assert "--backup-to" in page
    finally:
        noted.write_bytes(before)
        shutil.rmtree(folder, ignore_errors=True)
