"""Backups with a right checksum and wrong inside, and disks that fill up while one is restored."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local import archive, dumps, postgres, restore
from infra.local.archive import CHECKSUM, MANIFEST, Refused
from infra.local.home import Home
from infra.local.table import SERVICES
from kit.migrate import newest_revision
from tests.service.infra.conftest import quiet, refusal

ROOT = Path(__file__).resolve().parents[3]
MANIFEST_NOW: dict[str, Any] = {
    "format": archive.FORMAT, "made_time": "2026-11-28T00:00:00+00:00", "data": "/srv/meguri",
    "revisions": {name: newest_revision(name) for name in SERVICES}, "file_bytes": 100,
    "database_bytes": 1000,
}  # fmt: skip
WRONG: tuple[Any, ...] = (None, [], -1, {"a": 1})
Member = tuple[tarfile.TarInfo, bytes]


def member(name: str, content: bytes = b"x", **more: Any) -> Member:
    """An entry as hostile as wanted."""
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    for field, value in more.items():
        setattr(entry, field, value)
    return entry, content


def sealed(body: bytes) -> bytes:
    """These bytes with the checksum that they need."""
    return body + archive._closing(hashlib.sha256(body).hexdigest())


def body(members: Iterable[Member], manifest: Any = MANIFEST_NOW) -> bytes:
    """What stands before the checksum."""
    written = b""
    text = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    for entry, content in [member(MANIFEST, text), *members]:
        written += entry.tobuf(tarfile.PAX_FORMAT)
        written += content + bytes(-len(content) % tarfile.BLOCKSIZE)
    return written


def told(tmp_path: Path, content: bytes) -> str:
    """Reads a backup and writes out its entries as a restore does; the reason of the refusal."""
    file, folder = tmp_path / "hostile", Path(tempfile.mkdtemp(dir=tmp_path))
    file.write_bytes(content)
    home = Home(folder / "inside" / "var")
    home.make()
    try:
        with archive.opened(file) as backup:
            restore.check(backup, file)
            restore.unpack(backup, home)
    except Refused as refused:
        return refused.reason
    finally:
        assert [each.name for each in folder.iterdir()] == ["inside"]
        assert [each.name for each in (folder / "inside").iterdir()] == ["var"]
        shutil.rmtree(folder)
    return "restored"


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in MANIFEST_NOW.items() if key != name}


@pytest.mark.parametrize(
    "manifest",
    [
        [], None, "text", 7, {}, b"{", b"\xff\xfe", b"[" * 100_000, b"",
        *(without(name) for name in MANIFEST_NOW if name != "format"),
        *(MANIFEST_NOW | {name: wrong} for name in MANIFEST_NOW for wrong in WRONG),
        MANIFEST_NOW | {"made_time": "yesterday"}, MANIFEST_NOW | {"made_time": "2026-11-28"},
        MANIFEST_NOW | {"database_bytes": True}, MANIFEST_NOW | {"file_bytes": 1e300},
        MANIFEST_NOW | {"more": "x" * 2**20},
    ],
)  # fmt: skip
def test_a_manifest_of_the_wrong_kind_is_a_damaged_backup(tmp_path: Path, manifest: Any) -> None:
    assert told(tmp_path, sealed(body([member("data/media/a")], manifest))) == "backup_damaged"


def test_a_backup_as_it_should_be_is_none_of_these(tmp_path: Path) -> None:
    fine = [member("data/media/a"), member("databases/payments.dump"), member("later/more")]
    assert told(tmp_path, sealed(body(fine))) == "restored"
    assert told(tmp_path, sealed(body(fine, MANIFEST_NOW | {"format": 2}))) == "backup_newer"


SPARSE = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "data/big",
          "GNU.sparse.realsize": str(2**50)}  # fmt: skip
MAP = b"1\n0\n1\n".ljust(512, b"\0") + b"x"


@pytest.mark.parametrize(
    "members",
    [
        [member("/etc/x")], [member("data/../../x")], [member("..")],
        [member("data/a", pax_headers={"path": "data/a\0b"})],
        [member("data/" + "n" * 256)], [member("data/" + "d/" * 1_500 + "x")],
        [member("data/" + "d/" * 99 + "x")], [member("data/a"), member("data/a")],
        [member("data/a"), member("data//a")], [member("data/a"), member("data/a/b")],
        [member("data/a/b"), member("data/a")], [member("data/a"), member(CHECKSUM)],
        [member(MANIFEST, b"{}")],
        *([member("data/a", b"", type=kind, linkname="/etc/passwd")] for kind in
          (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE,
           tarfile.DIRTYPE, tarfile.CONTTYPE)),
        [member("data/big", b"", type=tarfile.GNUTYPE_SPARSE)],
        [member("data/x", MAP, pax_headers=SPARSE)],
        [member("data/x", MAP, pax_headers=SPARSE | {"GNU.sparse.realsize": "100"})],
        [member("data/a", bytes(17 * 2**20))], [member("databases/a.dump", bytes(17 * 2**20))],
    ],
    ids=lambda members: " ".join(ascii(entry.name)[:20] for entry, _ in members),
)  # fmt: skip
def test_an_entry_that_no_backup_has_is_refused(tmp_path: Path, members: list[Member]) -> None:
    assert told(tmp_path, sealed(body(members))) == "backup_damaged"


def test_a_path_that_could_not_be_restored_is_not_backed_up(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    with (tmp_path / "backup").open("wb") as file:
        writer = archive.Writer(file, MANIFEST_NOW)
        writer.add("data/" + "d/" * 98 + "x", tmp_path / "x")
        with pytest.raises(Refused, match="lies in too many folders"):
            writer.add("data/" + "d/" * 99 + "x", tmp_path / "x")


@pytest.mark.parametrize("end", [bytes(1024), b"\xff" * 512])
def test_what_stands_behind_a_false_end_is_not_left_out_silently(
    tmp_path: Path, end: bytes
) -> None:
    hidden = body([member("data/a")]) + end + body([member("data/b")])
    assert told(tmp_path, sealed(hidden)) == "backup_damaged"


NAMES = st.sampled_from(
    [
        "data/a",
        "data/b",
        "databases/x.dump",
        MANIFEST,
        CHECKSUM,
        "/abs",
        "../up",
        ".",
        "data",
        "a" * 300,
    ]
) | st.text(max_size=20)
KINDS = st.sampled_from(
    [tarfile.REGTYPE] * 4
    + [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE, tarfile.GNUTYPE_SPARSE,
       tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME]
)  # fmt: skip
MEMBERS = st.builds(
    lambda name, content, kind: member(name, content, type=kind),
    NAMES, st.binary(max_size=600), KINDS,
)  # fmt: skip
FLIPS = st.lists(st.tuples(st.integers(0, 2**14), st.integers(1, 255)), max_size=4)


@settings(deadline=None)
@given(st.lists(MEMBERS, max_size=6), FLIPS, st.randoms(use_true_random=False))
def test_whatever_stands_in_it_gets_a_reason_and_writes_nowhere_else(
    tmp_path_factory: pytest.TempPathFactory, members: list[Member],
    flips: list[tuple[int, int]], order: Any,
) -> None:  # fmt: skip
    order.shuffle(members)
    try:
        written = bytearray(body(members))
    except UnicodeEncodeError:
        return  # tar itself cannot say this name
    for at, by in flips:
        written[at % len(written)] ^= by
    where = tmp_path_factory.mktemp("fuzz")
    assert told(where, sealed(bytes(written))) in {
        "restored", "backup_damaged", "backup_newer", "not_a_backup",
    }  # fmt: skip
    shutil.rmtree(where)


def test_a_backup_without_passwords_says_what_was_made_anew(
    made: Path, empty: Home, tmp_path: Path
) -> None:
    assert restore.restore(empty, made, quiet)["missing"] == []
    less = tmp_path / "less"
    with archive.opened(made) as backup, less.open("wb") as out:
        writer = archive.Writer(out, backup.manifest)
        for name, content in backup.entries():
            if name.name != "passwords.json":
                writer.add_bytes(str(name), content.read())
        writer.finish()
    done = restore.restore(empty, less, quiet, really=True)
    assert done["missing"] == ["secrets/passwords.json"]
    assert (empty.secrets / "passwords.json").exists()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (psycopg.errors.DiskFull("could not extend file"), "disk_full"),
        (OSError(28, os.strerror(28)), "disk_full"),
        (OSError(122, os.strerror(122)), "disk_full"),
        (Refused("disk_full", "The disk is full: pg_restore"), "disk_full"),
        (postgres.ClusterError("initdb failed: No space left on device"), "disk_full"),
        (psycopg.errors.UndefinedTable("no table"), "database_failed"),
        (psycopg.OperationalError("server closed the connection"), "database_failed"),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_what_fails_in_the_databases_is_a_reason(
    made: Path, empty: Home, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    def failing(*_: object) -> None:
        raise error

    monkeypatch.setattr(restore, "_fill", failing)
    assert refusal(empty, made) == reason
    assert not empty.data.exists()
    assert not [*empty.data.parent.glob(f".{empty.data.name}.restoring*")]


@pytest.mark.parametrize(
    "gone",
    [
        psycopg.OperationalError("server closed the connection"),
        Refused("database_failed", "pg_restore failed: server closed the connection"),
    ],
    ids=["a statement", "pg_restore"],
)
def test_a_server_that_vanished_for_want_of_room_is_a_full_disk(
    made: Path, empty: Home, monkeypatch: pytest.MonkeyPatch, gone: Exception
) -> None:
    monkeypatch.setattr(restore, "_FULL_BYTES", 2**60)
    monkeypatch.setattr(dumps, "load", lambda *_: (_ for _ in ()).throw(gone))
    assert refusal(empty, made) == "disk_full"


FILLING = """
import sys
from pathlib import Path
from infra.local import restore
from infra.local.archive import Refused
from infra.local.home import Home
restore.ROOM_BESIDE_BYTES = restore._ROOM_FACTOR = -10**9  # as if somebody else had filled it
try:
    restore.restore(Home(Path(sys.argv[1]) / "var"), Path(sys.argv[2]), lambda _: None)
except Refused as refused:
    print(refused.reason, [each.name for each in Path(sys.argv[1]).iterdir()])
"""


@pytest.mark.parametrize("megabytes", [1, 30, 75])
def test_a_disk_that_really_fills_up_is_told_and_cleared(
    made: Path, servers_folder: Path, megabytes: int
) -> None:
    """In unpacking, in making the server, in filling the databases: a disk of its own shows it."""
    disk = servers_folder / f"disk {megabytes}"
    disk.mkdir()
    mount = f'mount -t tmpfs -o size={megabytes}m,mode=711 none "$1" && exec "$0" -c "$3" "$1" "$2"'
    done = subprocess.run(
        ["unshare", "--mount", *(() if os.geteuid() == 0 else ("--map-root-user",)),
         "sh", "-c", mount, sys.executable, str(disk), str(made), FILLING],
        capture_output=True, text=True, check=False, timeout=120, cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}"},
    )  # fmt: skip
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip("this machine gives no disk of its own")
    assert done.stdout.strip() == "disk_full []", done.stderr[-2000:]
