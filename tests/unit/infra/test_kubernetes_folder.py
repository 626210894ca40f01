"""The folder for Kubernetes: what is secret stays as it was made, and nobody else reads it."""

import json
import shutil
from pathlib import Path

import pytest

from cli import kubernetes
from cli.__main__ import main
from cli.kubernetes import CLUSTER, Place
from infra.local import home as homes
from infra.local import leaf
from infra.local.archive import Refused
from infra.local.home import Home
from infra.local.leaf import LeafNameInvalid


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_made_again_nothing_changes_and_what_people_filled_in_stays(tmp_path: Path) -> None:
    home = Home(tmp_path / "k8s")
    kubernetes.make(home, Place("mine"))
    (home.data / "options.env").write_text("MEGURI_PATIENCE=2\n")
    (home.data / "providers.env").write_text("MEGURI_SQUARE_TOKEN=given\n")
    before = contents(home.data)
    kubernetes.make(home, Place("mine"))
    assert contents(home.data) == before


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "k8s")
    kubernetes.make(home, Place("mine"))
    assert home.data.stat().st_mode & 0o077 == 0
    for name in ("kustomization.yaml", "providers.env", "env/env-payments.env", "conf/nats.conf"):
        assert (home.data / name).stat().st_mode & 0o077 == 0


def test_an_installation_that_moves_takes_its_keys_along(tmp_path: Path) -> None:
    """Its opt-outs are sealed by a password, its tickets and links signed by keys."""
    old, new = Home(tmp_path / "var"), Home(tmp_path / "k8s")
    kubernetes.make(old, Place("mine"))  # as `up` would: the same makers
    given = (
        "MEGURI_SQUARE_URL=simulator\nMEGURI_ADYEN_URL=https://adyen.example\n"
        "MEGURI_ADYEN_API_KEY=real\n"
    )
    (old.data / "providers.env").write_text(given)
    kubernetes.take_over(new, old.data)
    kubernetes.make(new, Place("mine", CLUSTER))
    assert homes.ensure_passwords(new) == homes.ensure_passwords(old)
    for name in ("ticket_master", "review_links", "second_factors", "audit_private.pem",
                 "token_private.pem", "tls/authority.pem"):  # fmt: skip
        assert (new.secrets / name).read_bytes() == (old.secrets / name).read_bytes()
    assert (new.data / "providers.env").read_text().splitlines() == [
        "MEGURI_ADYEN_URL=https://adyen.example", "MEGURI_ADYEN_API_KEY=real",
    ]  # fmt: skip
    # A second time nothing is taken: it has its own by now.
    (old.secrets / "ticket_master").write_bytes(b"x" * 32)
    kubernetes.take_over(new, old.data)
    assert (new.secrets / "ticket_master").read_bytes() != b"x" * 32


def refused(new: Home, data: Path) -> str:
    with pytest.raises(Refused) as error:
        kubernetes.take_over(new, data)
    return f"{error.value.reason}: {error.value}"


def test_a_folder_with_keys_of_its_own_takes_no_others(tmp_path: Path) -> None:
    old, new = Home(tmp_path / "var"), Home(tmp_path / "k8s")
    kubernetes.make(old, Place("mine"))
    kubernetes.make(new, Place("mine"))  # to have a look, before the move
    before = contents(new.data)
    assert refused(new, old.data).startswith("keys_present: ")
    assert contents(new.data) == before
    # What it says to do helps, and what was filled in stays.
    shutil.rmtree(new.secrets)
    kubernetes.take_over(new, old.data)
    kubernetes.make(new, Place("mine"))
    assert homes.ensure_passwords(new) == homes.ensure_passwords(old)


def test_a_folder_may_know_more_than_an_older_installation(tmp_path: Path) -> None:
    old, new = Home(tmp_path / "var"), Home(tmp_path / "k8s")
    kubernetes.make(old, Place("mine"))
    path = old.secrets / "passwords.json"
    known = json.loads(path.read_text())
    del known["nats"]["leaf"]
    path.write_text(json.dumps(known))
    kubernetes.take_over(new, old.data)
    kubernetes.make(new, Place("mine"))
    kubernetes.take_over(new, old.data)
    known["nats"]["edge"] = "another"
    path.write_text(json.dumps(known))
    assert refused(new, old.data).startswith("keys_present: ")


def test_a_list_of_names_to_fill_in_is_no_provider(tmp_path: Path) -> None:
    old, new = Home(tmp_path / "var"), Home(tmp_path / "k8s")
    kubernetes.make(old, Place("mine"))
    kubernetes.take_over(new, old.data)
    kubernetes.make(new, Place("mine"))
    given = "MEGURI_ADYEN_API_KEY=real\n"
    for written, expected in ((given, given), ("MEGURI_ADYEN_API_KEY=later\n", given)):
        (old.data / "providers.env").write_text(written)
        kubernetes.take_over(new, old.data)
        assert (new.data / "providers.env").read_text() == expected
    (old.data / "providers.env").write_text("nonsense\n")
    assert refused(new, old.data).startswith("providers_damaged: ")


def test_a_move_that_was_stopped_on_the_way_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = Home(tmp_path / "var"), Home(tmp_path / "k8s")
    kubernetes.make(old, Place("mine"))
    with monkeypatch.context() as stopping:
        stopping.setattr(shutil, "copy2", lambda *_, **__: (_ for _ in ()).throw(OSError("full")))
        with pytest.raises(OSError, match="full"):
            kubernetes.take_over(new, old.data)
    kubernetes.take_over(new, old.data)
    kubernetes.make(new, Place("mine"))
    assert homes.ensure_passwords(new) == homes.ensure_passwords(old)
    assert (new.secrets / "ticket_master").read_bytes() == (
        old.secrets / "ticket_master"
    ).read_bytes()


def test_a_folder_without_an_installation_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    new = str(tmp_path / "k8s")
    assert main(["containers", "--kubernetes", new, "--from", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"meguri: There is no data of Meguri in {tmp_path}\n"


def test_a_cluster_knows_its_peers_and_one_server_none(tmp_path: Path) -> None:
    for place, routes in ((Place("mine"), 0), (Place("mine", CLUSTER), 3)):
        home = Home(tmp_path / place.overlay)
        kubernetes.make(home, place)
        assert (home.data / "conf" / "nats.conf").read_text().count("nats-route://") == routes


@pytest.mark.parametrize("text", ["Cave", "c", "a b", "cave,$x", "höhle"])
def test_a_place_has_a_plain_name(text: str) -> None:
    with pytest.raises(LeafNameInvalid):
        leaf.leaf_names(text)


def test_places_are_named_one_by_one() -> None:
    assert leaf.leaf_names("") == ()
    assert leaf.leaf_names(" cave, akiyoshidai2 ,") == ("cave", "akiyoshidai2")
