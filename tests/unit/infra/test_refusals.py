"""What people type wrong gets one line that says what to do, from the command they meant."""

import argparse
import json
from pathlib import Path
from typing import Any

import grpc
import pytest

from cli import area, area_wizard, connection, running, words
from cli import test as test_command
from cli.__main__ import main
from infra.local.home import Home, NoDataFolder


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    words.speak_of("")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["up", "--port", "abc"], "a port is a number from 0 to 65535 (see meguri up --help)"),
        (["up", "--port", "65536"], "a port is a number from 0 to 65535 (see meguri up --help)"),
        (["up", "--port", "²"], "a port is a number from 0 to 65535 (see meguri up --help)"),
        (["up", "--bogus"], "meguri up: unknown: --bogus (see meguri up --help)"),
        (["chaos", "nosuch"], "meguri chaos: unknown: nosuch (see meguri chaos --help)"),
        (["area", "drop", "a", "--x"], "unknown: --x (see meguri area drop --help)"),
    ],
)
def test_wrong_usage_points_to_the_command_itself(
    capsys: pytest.CaptureFixture[str], typed: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(typed)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("typed", [["guide", "codes"], ["itinerary", "pois"]])
def test_a_file_that_is_not_there_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, typed: list[str]
) -> None:
    missing = str(tmp_path / "no such.csv")
    assert main([*typed, missing, "--data", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"meguri: {missing} is not a file\n"
    assert main([*typed, str(tmp_path), "--data", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"meguri: {tmp_path} is not a file\n"


@pytest.mark.parametrize("more", [[], ["--detach"]])
def test_a_data_folder_that_cannot_be_made_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, more: list[str]
) -> None:
    (tmp_path / "file").touch()
    inside = tmp_path / "file" / "data"
    with pytest.raises(NoDataFolder, match="choose another with --data"):
        Home(inside).make()
    assert connection.explain(NoDataFolder("x")) == "x"
    assert main(["up", *more, "--data", str(inside)]) == 1
    assert f"no data folder can be made at {inside}" in capsys.readouterr().err


def test_logs_of_nothing_end_like_status(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["logs", "--data", str(tmp_path / "none")]) == 1
    assert "Meguri does not run on" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
    home = Home(tmp_path / "stopped")
    home.make()
    (home.log / "edge.jsonl").write_text(
        json.dumps({"time": "2026-11-28T09:00:00Z", "event": "serving"}) + "\n"
    )
    assert main(["logs", "--data", str(home.data)]) == 1  # shows what there was, waits for nothing
    told = capsys.readouterr()
    assert "serving" in told.out
    assert "Meguri does not run on" in told.err
    assert main(["logs", "--no-follow", "--data", str(home.data)]) == 0
    assert running._logged(home) == ["edge"]


class Refused(grpc.RpcError):
    """A call that a service refused; field: a bad field, which its sentence says as well."""

    def __init__(self, text: str, reason: str, field: tuple[str, str] | None = None) -> None:
        super().__init__(text)
        self._text, self._reason, self._field = text, reason, field

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.INVALID_ARGUMENT

    def details(self) -> str:
        return self._text

    def trailing_metadata(self) -> Any:
        from google.rpc import error_details_pb2, status_pb2  # noqa: PLC0415

        status = status_pb2.Status()
        status.details.add().Pack(error_details_pb2.ErrorInfo(reason=self._reason))
        if self._field:
            bad = error_details_pb2.BadRequest()
            bad.field_violations.add(field=self._field[0], description=self._field[1])
            status.details.add().Pack(bad)
        return (("grpc-status-details-bin", status.SerializeToString()),)


def test_a_bad_field_is_said_once() -> None:
    zone = ("area.time_zone", "give an IANA zone such as Asia/Tokyo")
    error = Refused(": ".join(zone), "INVALID_FIELDS", zone)
    assert connection.explain(error) == f"{': '.join(zone)} [INVALID_FIELDS]"
    other = Refused("Look at it.", "INVALID_FIELDS", zone)
    assert connection.explain(other) == f"Look at it. [INVALID_FIELDS] {': '.join(zone)}"


def test_tests_that_are_not_there_are_refused_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_command, "_pytest", lambda *_, **__: pytest.fail("it ran"))
    for rest in (["nosuch"], ["tests/unit", "nosuch.py"]):
        assert test_command.run(argparse.Namespace(rest=rest, json=False)) == 2
        said = capsys.readouterr().err
        assert said.startswith(f"meguri test: there is no file or folder {rest[-1]}")
    # What an option is given is not a path: pytest knows it.
    assert test_command._unknown(["-k", "ledger", "--durations=5", "tests/unit"]) == ""


class Peers:
    """Stands for the channels: an area whose books and directory answer as told."""

    def __init__(self, *, payments: int = 0, entries: int = 0, journals: int = 0) -> None:
        self.counts = {"ListPayments": payments, "ListRegisterImports": journals}
        self.entries, self.asked = entries, list[tuple[str, Any]]()

    def channel(self, service: str) -> Any:
        return Channel(self)


class Channel:
    """Answers by the name of the method."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    def unary_unary(self, path: str, **how: Any) -> Any:
        from meguri.payments.v1 import payments_service_pb2 as pb  # noqa: PLC0415
        from meguri.payments.v1 import register_service_pb2 as register_pb  # noqa: PLC0415

        name, peers = path.rpartition("/")[2], self._peers

        def call(request: Any, **_: Any) -> Any:
            peers.asked.append((name, request))
            match name:
                case "ListPayments":
                    paid = [pb.Payment()] * peers.counts[name]
                    return pb.ListPaymentsResponse(payments=paid)
                case "ProveLedger":
                    return pb.ProveLedgerResponse(entry_count=peers.entries)
                case "ListRegisterImports":
                    taken = [register_pb.RegisterImport()] * peers.counts[name]
                    return register_pb.ListRegisterImportsResponse(imports=taken)
            raise Refused("hagi stays.", "AREA_NOT_DEMO")

        return call


@pytest.mark.parametrize(
    "books", [{"payments": 1}, {"entries": 1}, {"journals": 1}], ids=lambda each: next(iter(each))
)
def test_an_area_with_books_stays(books: dict[str, int]) -> None:
    with pytest.raises(area_wizard.AreaRefused, match="books are kept by law"):
        area._check_drop(Peers(**books), "hagi", "hagi")  # type: ignore[arg-type] # stands for one


def test_an_area_without_books_goes_only_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    peers: Any = Peers()
    monkeypatch.setenv("MEGURI_DEFAULT_AREA", "mine")
    with pytest.raises(area_wizard.AreaRefused, match="starts with"):
        area._check_drop(peers, "mine", "mine")
    with pytest.raises(area_wizard.AreaRefused, match="which is hagi"):
        area._check_drop(peers, "hagi", "hag")
    area._check_drop(peers, "hagi", "")  # the directory decides: demo areas go
    assert peers.asked == []
    area._check_drop(peers, "hagi", "hagi")
    with pytest.raises(area_wizard.AreaRefused, match=r"area drop hagi --really hagi"):
        area._drop(peers, "hagi", "")
    assert peers.asked[-1][1].confirm_area == ""


def test_files_and_keys_of_a_dropped_area_make_room_for_one_of_that_name(tmp_path: Path) -> None:
    home = Home(tmp_path)
    folder = tmp_path / "areas" / "hagi"
    for _ in range(2):
        folder.mkdir(parents=True)
        (folder / "places.csv").write_text("filled in")
        assert area._put_aside(folder) == {"files": str(folder) + ".dropped"}
        assert not folder.exists()
        assert (tmp_path / "areas" / "hagi.dropped" / "places.csv").read_text() == "filled in"
    assert area._put_aside(folder) == {}
    folder.mkdir()
    (folder / "area.json").write_text('{"demo": true}')
    assert area._put_aside(folder) == {}
    assert not folder.exists()
    keys = home.secrets / "terminals"
    keys.mkdir(parents=True)
    for name in ("hagi.1.pem", "hagi2.1.pem"):
        (keys / name).touch()
    home.forget_keys("hagi")
    assert [path.name for path in keys.iterdir()] == ["hagi2.1.pem"]


def test_a_sensor_that_is_not_there_is_told_how_to_get_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    play = ["sense", "replay", "x.pcap", "--sensor", "nosuch", "--data", str(tmp_path)]
    assert main(play) == 1
    said = capsys.readouterr().err
    assert "./meguri sense sensors" in said
    assert f"./meguri sense enroll --data {tmp_path} nosuch --zone" in said
