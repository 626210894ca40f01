"""A simulated area: same seed, same bytes; what sensors hear agrees with the truth."""

import json
from pathlib import Path

import pytest

from cli.__main__ import main
from services.visitor_sense.sensor.captures import RADIOTAP, read_frames
from services.visitor_sense.sensor.frames import FrameReader
from services.visitor_sense.sensor.generator.generate import (
    OPENING_S,
    WEAKEST_DBM,
    Area,
    simulate,
    write_area,
)
from services.visitor_sense.sensor.generator.people import (
    FIXED_PER_ZONE,
    OPEN_MS,
    PLACES,
    Kind,
)
from services.visitor_sense.sensor.generator.phones import read_sessions
from tests.unit.visitor_sense.made import HT, MADE_UP, PHONE, RATES, pcap, probe, radiotap, ssid

VISITORS = 20
SENSORS = sum(place.sensors for place in PLACES)


@pytest.fixture(scope="module")
def area() -> Area:
    return simulate(5, VISITORS)


def test_visitors_walk_through_zones_one_after_another(area: Area) -> None:
    visitors = [person for person in area.people if person.kind is Kind.VISITOR]
    assert len(visitors) == VISITORS
    assert sum(person.kind is Kind.FIXED for person in area.people) == FIXED_PER_ZONE * len(PLACES)
    for person in area.people:
        ends = [0, *(stay.end_ms for stay in person.stays)]
        begins = [stay.begin_ms for stay in person.stays]
        assert all(end <= begin for end, begin in zip(ends, begins, strict=False))
        assert all(stay.begin_ms <= stay.end_ms <= OPEN_MS for stay in person.stays)
    assert len({stay.zone_id for person in visitors for stay in person.stays}) == len(PLACES)


def test_a_sensor_hears_only_who_is_in_its_zone_and_carries_a_device(area: Area) -> None:
    assert len(area.sensors) == SENSORS
    for sensor_id, heard in area.sensors.items():
        zone_id = sensor_id.rpartition("-")[0]
        assert heard
        assert [one.sent.time_ms for one in heard] == sorted(one.sent.time_ms for one in heard)
        for one in heard:
            assert one.device in area.carriers
            assert WEAKEST_DBM <= one.signal_dbm < 0
            assert any(
                stay.zone_id == zone_id and stay.begin_ms <= one.sent.time_ms < stay.end_ms
                for stay in area.people[one.device].stays
            )


def test_hopping_loses_frames_but_hardly_a_stay(area: Area) -> None:
    heard = {(sensor.rpartition("-")[0], one.device) for sensor, mine in area.sensors.items()
             for one in mine}  # fmt: skip
    stays = {
        (stay.zone_id, number)
        for number, person in enumerate(area.people) if number in area.carriers
        for stay in person.stays if stay.end_ms - stay.begin_ms > 180_000
    }  # fmt: skip
    assert len(stays - heard) <= len(stays) // 10


def test_what_is_written_is_read_by_the_sensor_and_equal_seeds_give_equal_bytes(
    area: Area, tmp_path: Path
) -> None:
    told = write_area(area, tmp_path / "a")
    write_area(simulate(5, VISITORS), tmp_path / "b")
    write_area(simulate(6, VISITORS), tmp_path / "c")
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == sorted(
        [f"{sensor}.pcap" for sensor in area.sensors]
        + [f"{place.zone_id}.occupancy.csv" for place in PLACES] + ["truth.json"]
    )  # fmt: skip
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    gate = "main-gate-1.pcap"
    assert (tmp_path / "a" / gate).read_bytes() != (tmp_path / "c" / gate).read_bytes()
    heard = area.sensors["main-gate-1"]
    frames = list(read_frames(tmp_path / "a" / gate))
    assert len(frames) == len(heard) == told["frames"]["main-gate-1"]  # type: ignore[index]
    reader = FrameReader(bytes(32))
    for (time_ms, link_type, frame), one in zip(frames, heard, strict=True):
        found = reader.read_probe(link_type, frame)
        assert found is not None
        assert (time_ms, link_type) == (OPENING_S * 1_000 + one.sent.time_ms, RADIOTAP)
        assert found.frame_sequence == one.sent.sequence
        assert found.randomized is bool(one.sent.address[0] & 2)
        assert abs(found.rssi_dbm - one.signal_dbm) <= 2.5 or one.signal_dbm > -3


def test_people_counted_agree_with_the_truth(area: Area, tmp_path: Path) -> None:
    write_area(area, tmp_path)
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert len(truth["people"]) == len(area.people)
    for place in PLACES:
        rows = (tmp_path / f"{place.zone_id}.occupancy.csv").read_text().splitlines()[1:]
        counted = sum(int(row.split(",")[2]) for row in rows) * 300_000
        stayed = sum(
            end - begin
            for person in truth["people"] if person["kind"] != "fixed"
            for zone_id, begin, end in person["stays"] if zone_id == place.zone_id
        )  # fmt: skip
        assert counted == pytest.approx(stayed, rel=0.15)


class TestReplayedCaptures:
    @pytest.fixture
    def captures(self, tmp_path: Path) -> Path:
        """Two phones: one keeps its address and asks for a network by name."""
        folder = tmp_path / "captures"
        (folder / "A").mkdir(parents=True)
        known = ssid(b"Home of Aki") + RATES + HT
        pcap(folder / "A" / "fixed.pcap", [
            (1_000 + 20 * n, probe(PHONE, known, sequence=50 + n)) for n in range(30)
        ])  # fmt: skip
        checksum = radiotap(flags=0x10)
        pcap(folder / "made-up.pcap", [
            (9_000 + 30 * n, probe(bytes([MADE_UP[0], n, *MADE_UP[2:]]), ssid() + HT,
                                   sequence=900 + n, header=checksum, fcs=b"\xde\xad\xbe\xef"))
            for n in range(20)
        ])  # fmt: skip
        return folder

    def test_sessions_keep_elements_and_distances_but_no_name_and_no_checksum(
        self, captures: Path
    ) -> None:
        fixed, made_up = read_sessions(captures)
        assert [one.time_ms for one in fixed[:3]] == [0, 20_000, 40_000]
        assert {one.elements for one in fixed} == {RATES + HT}
        assert {one.elements for one in made_up} == {HT}
        assert [one.sequence for one in made_up] == list(range(900, 920))

    def test_no_address_and_no_name_of_the_captures_comes_out(
        self, captures: Path, tmp_path: Path
    ) -> None:
        area = simulate(3, VISITORS, captures)
        write_area(area, tmp_path / "out")
        written = b"".join(path.read_bytes() for path in (tmp_path / "out").glob("*.pcap"))
        assert b"Home of Aki" not in written
        assert PHONE not in written
        assert MADE_UP[2:] not in written
        assert HT in written
        by_device: dict[int, set[bytes]] = {}
        for heard in area.sensors.values():
            for one in heard:
                by_device.setdefault(one.device, set()).add(one.sent.address)
        assert any(len(mine) == 1 and not min(mine)[0] & 2 for mine in by_device.values())
        assert any(len(mine) > 5 for mine in by_device.values())
        assert len(set().union(*by_device.values())) == sum(map(len, by_device.values()))


def test_at_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["sense", "generate", "--seed", "5", "--visitors", "3", "--out", str(tmp_path / "day")]
    assert main([*asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["visitors"], len(found["frames"])) == (3, SENSORS)
    assert (tmp_path / "day" / "truth.json").exists()
    asked[5] = "0"
    assert main([*asked, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["reason"] == "VISITORS_OUT_OF_RANGE"
