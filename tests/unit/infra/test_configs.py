"""Configurations of the servers, the proxy and the kept settings."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from infra.local import bus_layout, files, home, nats, postgres, proxy, valkey
from infra.local.bus_layout import STREAMS
from infra.local.home import AlreadyRunning, Home, Settings


def test_nats_syncs_always_and_keeps_its_file_private(tmp_path: Path) -> None:
    user = nats.User("edge", "secret", publish=(), subscribe=("meguri.>",))
    path = nats.write_config(tmp_path / "巡り data", [user])
    config = json.loads(path.read_text())
    assert config["jetstream"]["sync_interval"] == "always"
    assert config["jetstream"]["store_dir"] == str(tmp_path / "巡り data")
    login = config["authorization"]["users"][0]
    # An empty list of allowed subjects would mean all of them.
    assert login["permissions"]["publish"] == {"deny": [">"]}
    assert login["permissions"]["subscribe"] == {"allow": ["meguri.>"]}
    assert login["allowed_connection_types"] == ["STANDARD"]
    assert path.stat().st_mode & 0o077 == 0


def test_nats_stands_alone_unless_it_is_told_of_others(tmp_path: Path) -> None:
    alone = json.loads(nats.write_config(tmp_path / "alone", []).read_text())
    assert "cluster" not in alone
    assert alone["server_name"] == "meguri"
    peers = nats.Peers(["a", "b:6223"], "secret", "meguri-1", "127.0.0.1:6222")
    path = nats.write_config(tmp_path / "member", [], peers=peers)
    config = json.loads(path.read_text())
    assert config["server_name"] == "meguri-1"
    assert config["cluster"]["listen"] == "127.0.0.1:6222"
    assert config["cluster"]["routes"] == [
        "nats-route://peer:secret@a:6222", "nats-route://peer:secret@b:6223",
    ]  # fmt: skip
    assert config["jetstream"]["sync_interval"] == "always"


def test_streams_do_not_overlap() -> None:
    """NATS refuses streams that could take the same subject."""
    subjects = [subject for stream in STREAMS for subject in stream.subjects]
    assert len(subjects) == len(set(subjects))
    for subject in subjects:
        for other in subjects:
            assert subject is other or not _overlap(subject.split("."), other.split("."))


def _overlap(one: list[str], other: list[str]) -> bool:
    for mine, theirs in zip(one, other, strict=False):
        if ">" in (mine, theirs):
            return True
        if mine != theirs and "*" not in (mine, theirs):
            return False
    return len(one) == len(other)


def test_observations_are_gone_after_a_day() -> None:
    stream = next(stream for stream in STREAMS if stream.name == "OBSERVATIONS")
    assert stream.max_age_s == bus_layout.DAY_S


def test_valkey_keeps_nothing_on_disk(tmp_path: Path) -> None:
    path = valkey.write_config(tmp_path, "secret")
    lines = path.read_text().splitlines()
    assert 'save ""' in lines
    assert "requirepass secret" in lines
    assert "bind 127.0.0.1" in lines
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("domain", "url", "port"),
    [
        ("", "", 443),
        ("guide.example.jp", "https://guide.example.jp", 443),
        ("guide.example.jp:443", "https://guide.example.jp", 443),
        ("guide.example.jp:8443", "https://guide.example.jp:8443", 8443),
    ],
)
def test_the_address_of_a_domain(domain: str, url: str, port: int) -> None:
    settings = Settings(domain=domain)
    assert settings.public_url == url
    assert proxy.port(settings) == port


def test_a_tunnel_of_others_gives_the_address_and_a_domain_goes_before_it() -> None:
    tunnel = "https://guide.example.jp"
    assert Settings(tunnel_url=tunnel).public_url == tunnel
    assert Settings(tunnel_url=tunnel, domain="own.example.jp").public_url == (
        "https://own.example.jp"
    )


def test_the_proxy_uses_a_certificate_by_hand_and_else_gets_its_own(tmp_path: Path) -> None:
    own = Settings(domain="guide.example.jp", certificate="/巡り/c.pem", key="/巡り/k.pem")
    text = proxy.write_config(tmp_path, own, 8080).read_text()
    assert 'tls "/巡り/c.pem" "/巡り/k.pem"' in text
    assert "disable_redirects" in text
    text = proxy.write_config(tmp_path, Settings(domain="guide.example.jp"), 8080).read_text()
    assert "tls " not in text
    assert "reverse_proxy 127.0.0.1:8080" in text


@pytest.mark.parametrize(("settings", "answers"), [
    (Settings(domain="guide.example.jp"), True),
    (Settings(domain="guide.example.jp:8443"), False),
    (Settings(domain="guide.example.jp", certificate="/c.pem", key="/k.pem"), False),
])  # fmt: skip
def test_the_proxy_leads_nobody_on_by_itself(
    tmp_path: Path, settings: Settings, *, answers: bool
) -> None:
    """What came in plain is the edge's: it knows pages from programs. Where the certificate is
    one's own, port 80 may be somebody else's."""
    text = proxy.write_config(tmp_path, settings, 8080).read_text()
    assert "auto_https disable_redirects" in text
    assert ("http://guide.example.jp {" in text) == answers
    assert text.count("reverse_proxy 127.0.0.1:8080") == text.count("respond @inside 404")
    assert text.count("reverse_proxy 127.0.0.1:8080") == 1 + answers


def test_the_proxy_asks_the_authority_that_was_chosen(tmp_path: Path) -> None:
    chosen = Settings(
        domain="guide.example.jp",
        acme_directory="https://ca.example.jp/dir",
        acme_root="/巡り/r.pem",
    )
    text = proxy.write_config(tmp_path, chosen, 8080).read_text()
    assert "acme_ca https://ca.example.jp/dir" in text.replace('"', "")
    assert 'acme_ca_root "/巡り/r.pem"' in text
    own = replace(chosen, certificate="/c.pem", key="/k.pem")
    assert "acme" not in proxy.write_config(tmp_path, own, 8080).read_text()


def test_the_proxy_writes_nothing_into_the_home_of_a_person(tmp_path: Path) -> None:
    text = proxy.write_config(tmp_path, Settings(domain="guide.example.jp"), 8080).read_text()
    assert "persist_config off" in text


def test_settings_stay(tmp_path: Path) -> None:
    made = Home(tmp_path / "data")
    made.make()
    assert Settings.load(made) == Settings()
    chosen = Settings(area="hagi", domain="guide.example.jp")
    chosen.save(made)
    assert Settings.load(made) == chosen


def test_two_supervisors_cannot_have_one_data_folder(tmp_path: Path) -> None:
    made = Home(tmp_path / "data")
    made.make()
    assert home.supervisor_of(made) == 0
    with home.lock(made):
        assert home.supervisor_of(made) > 0
        with pytest.raises(AlreadyRunning):
            home.lock(made)
    assert home.supervisor_of(made) == 0


def test_state_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    made = Home(tmp_path / "data")
    made.make()
    assert home.read_state(made) == {}
    state = {"phase": "ready", "url": "", "ports": {}, "metrics_ports": {}, "components": []}
    files.write_json(made.state_file, state)
    assert home.read_state(made) == state
    made.state_file.write_text('{"phase": ')
    assert home.read_state(made) == {}
    assert [path.name for path in made.run.iterdir()] == ["state.json"]


def test_postgres_is_durable_and_recovers_without_syncing_file_by_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    on_linux = postgres.command(tmp_path, 5432)
    assert {"fsync=on", "synchronous_commit=on", "full_page_writes=on"} <= set(on_linux)
    assert "recovery_init_sync_method=syncfs" in on_linux
    monkeypatch.setattr("sys.platform", "darwin")
    assert "recovery_init_sync_method=fsync" in postgres.command(tmp_path, 5432)


def test_a_lock_file_of_a_dead_postgres_is_removed(tmp_path: Path) -> None:
    lock = tmp_path / "postmaster.pid"
    lock.write_text("4194000\n/somewhere\n")  # above every process id of a usual Linux
    postgres.remove_stale_lock(tmp_path)
    assert not lock.exists()
    postgres.remove_stale_lock(tmp_path)


def test_a_process_id_taken_over_by_another_program_does_not_count(tmp_path: Path) -> None:
    lock = tmp_path / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n")  # this test is no PostgreSQL
    postgres.remove_stale_lock(tmp_path)
    assert not lock.exists()


def test_what_must_survive_a_power_cut_is_on_disk_before_it_takes_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    replace = Path.replace

    def sync(_handle: int) -> None:
        steps.append("sync")

    def rename(old: Path, new: Path) -> Path:
        steps.append("replace")
        return replace(old, new)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", rename)
    files.write_private(tmp_path / "passwords.json", b"{}")
    assert steps == ["sync", "replace", "sync"]  # the file, its name, the folder
    steps.clear()
    files.write_json(tmp_path / "state.json", {}, durable=False)
    assert steps == ["replace"]


def test_a_failed_write_leaves_the_old_content_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "passwords.json"
    files.write_private(path, b"old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.write_private(path, b"new")
    assert path.read_bytes() == b"old"
    assert [found.name for found in tmp_path.iterdir()] == ["passwords.json"]


def test_damaged_secrets_are_told_not_replaced(tmp_path: Path) -> None:
    made = Home(tmp_path / "data")
    made.make()
    (made.secrets / "passwords.json").write_text("")
    with pytest.raises(home.SecretsDamaged, match="is damaged"):
        home.ensure_passwords(made)


def test_the_world_sees_no_figures_of_the_machine(tmp_path: Path) -> None:
    text = proxy.write_config(tmp_path, Settings(domain="guide.example.jp"), 8080).read_text()
    assert "@inside path /metrics /readyz" in text
    assert "respond @inside 404" in text
