"""From captures and counts in files to people per device, at the command line."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.__main__ import main
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense import cli
from tests.unit.visitor_sense.made import pcap, probe, radiotap

DAY_S = 86_400
BEGIN_S = 1_700_000_000


def phone(number: int) -> bytes:
    return bytes([0, 0x11, 0x22, 0x33, 0x44, number])


def frames(day: int, phones: int, *, signal_dbm: int = -50) -> Iterator[tuple[float, bytes]]:
    """A day: nobody, then so many phones for an hour and a half, each heard every two minutes."""
    for second in range(0, 9_000, 120):
        time_s = BEGIN_S + day * DAY_S + second
        yield time_s, probe(phone(200), header=radiotap(signal_dbm=-90))  # next door, always there
        if second >= 3_600:
            for number in range(phones):
                yield (
                    time_s + number,
                    probe(phone(number), header=radiotap(signal_dbm=signal_dbm)),
                )


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A place with twice as many people as phones, on three days."""
    for day, phones in enumerate((4, 7, 5)):
        begin = BEGIN_S + day * DAY_S
        pcap(tmp_path / f"2026-11-0{day + 1}.pcap.gz", frames(day, phones))
        (tmp_path / f"2026-11-0{day + 1}.occupancy.csv").write_text(
            "start_epoch,end_epoch,occupancy\n"
            f"{begin},{begin + 3600},0\n{begin + 3600},{begin + 9000},{2 * phones}\n"
        )
    return tmp_path


def run(place: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["sense", "calibrate", str(place), *words])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_people_per_device_and_their_accuracy(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(place, capsys, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["days"] == 3
    assert found["people_per_device"] == pytest.approx(2.0, abs=0.1)
    assert found["accuracy"]["days"] == 1  # the third, by the two before it
    assert found["accuracy"]["wape"] < 0.1 < found["always_the_mean"]["wape"]
    code, out, _ = run(place, capsys)
    assert code == 0
    assert "people per device near by" in out


def test_far_devices_are_no_people(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pcap(place / "2026-11-01.pcap.gz", frames(0, 4, signal_dbm=-80))
    code, out, _ = run(place, capsys, "--json")
    assert code == 0
    assert json.loads(out)["people_per_device"] == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("2026-11-09.occupancy.csv", "start_epoch,end_epoch,occupancy\n1,2,3\n", "no capture"),
        ("2026-11-01.occupancy.csv", "start_epoch,end_epoch,occupancy\n1,2,many\n", "row 2"),
        ("2026-11-01.occupancy.csv", "start_epoch,end_epoch,occupancy\n1,2,-3\n", "row 2"),
        ("2026-11-01.occupancy.csv", "from,to,people\n1,2,3\n", "row 2"),
        ("2026-11-01.occupancy.csv", "start_epoch,end_epoch,occupancy\n1,9,1\n5,9,1\n", "row 3"),
        ("2026-11-01.pcap.gz", "no capture at all", "neither a pcap nor"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(
    place: Path, capsys: pytest.CaptureFixture[str], name: str, content: str, reason: str
) -> None:
    (place / name).write_text(content)
    code, out, err = run(place, capsys)
    assert code != 0
    assert reason in out + err
    assert "Traceback" not in err


def test_an_empty_folder_has_too_few_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(tmp_path, capsys, "--json")
    assert code != 0
    assert "TOO_FEW_COUNTS" in out + err


@pytest.mark.parametrize("words", [[], ["FOLDER", "--zone", "gate"]])
def test_either_a_folder_or_a_zone(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sense", "calibrate", *words, "--json"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["reason"] == "FOLDER_OR_ZONE"


class Service:
    """Answers CalibrateZone and keeps what it was asked."""

    asked: wire.CalibrateZoneRequest
    judged = True

    def CalibrateZone(
        self, request: wire.CalibrateZoneRequest, timeout: float
    ) -> wire.CalibrateZoneResponse:
        self.asked = request
        return wire.CalibrateZoneResponse(
            calibration=wire.ZoneCalibration(
                zone_id=request.zone_id, version=3, days=6, hours=40, judged=self.judged,
                error_share=0.1794, mean_error=1.21, coverage=0.892,
            )
        )  # fmt: skip


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    found = Service()
    monkeypatch.setattr(cli, "_peers", lambda area: area)
    monkeypatch.setattr(cli, "_stub", lambda _peers: found)
    return found


def test_a_running_zone_is_calibrated_with_hours_counted_by_hand(
    tmp_path: Path, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = tmp_path / "counts.csv"
    counts.write_text("hour_start,persons\n2026-05-03T10:00+09:00,41\n2026-05-03T02:00:00Z,0\n")
    asked = ["sense", "calibrate", "--zone", "gate", "--counts", str(counts)]
    assert main([*asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["zone"], found["version"], found["error_share"]) == ("gate", 3, 0.179)
    assert [(one.hour_start_time.ToJsonString(), one.persons) for one in service.asked.counts] == [
        ("2026-05-03T01:00:00Z", 41),
        ("2026-05-03T02:00:00Z", 0),
    ]
    assert main(asked) == 0
    assert "off by 18%" in capsys.readouterr().out
    service.judged = False
    assert main(asked) == 0
    assert "off by" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "row",
    [
        "2026-05-03T10:00,4",
        "yesterday,4",
        "2026-05-03T10:00+09:00,-1",
        "x",
        "",
        "2026-05-03T11:00+09:00,1_0",
        "2026-05-03T11:00+09:00,１２",
        "2026-05-03T11:00+09:00,1,000",
        "2026-05-03T11:00+09:00,1" + "0" * 30,
        "2026-05-03T11:00+09:00,",
        "2026-05-03T01:00Z,5",
    ],
)
def test_a_count_by_hand_needs_its_hour_with_an_offset(
    tmp_path: Path, service: Service, capsys: pytest.CaptureFixture[str], row: str
) -> None:
    counts = tmp_path / "counts.csv"
    counts.write_text(f"hour_start,persons\n2026-05-03T10:00+09:00,4\n{row}\n2026,many\n")
    assert main(["sense", "calibrate", "--zone", "gate", "--counts", str(counts), "--json"]) == 1
    said = capsys.readouterr().out
    assert json.loads(said)["reason"] == "COUNTS_UNREADABLE"
    assert "row 3:" in said
    assert not hasattr(service, "asked")
