"""The capture file is one that the sensor program itself can read."""

from pathlib import Path

from demo.capture import write_capture
from demo.visitors import make_parties
from services.visitor_sense.sensor.captures import RADIOTAP, read_frames
from services.visitor_sense.sensor.frames import FrameReader

START_S = 1_777_777_200.0
SHOPS = ("akiyoshido-main",)


def test_the_sensor_reads_every_frame_in_order(tmp_path: Path) -> None:
    parties = make_parties(3, 40, 10, SHOPS)
    file = tmp_path / "hour.pcap"
    count = write_capture(file, parties, START_S)
    frames = list(read_frames(file))
    assert len(frames) == count > 100
    times = [at_ms for at_ms, _, _ in frames]
    assert times == sorted(times)
    assert times[0] >= START_S * 1000
    assert times[-1] <= (START_S + 3600) * 1000
    assert {link for _, link, _ in frames} == {RADIOTAP}


def test_each_phone_is_one_pseudonym_and_each_model_one_signature(tmp_path: Path) -> None:
    parties = make_parties(3, 40, 10, SHOPS)
    file = tmp_path / "hour.pcap"
    write_capture(file, parties, START_S)
    reader = FrameReader(b"k" * 32)
    probes = [reader.read_probe(link, frame) for _, link, frame in read_frames(file)]
    seen = [probe for probe in probes if probe is not None]
    assert len(seen) == len(probes)
    phones = [phone for party in parties for phone in party.phones]
    assert len({probe.pseudonym for probe in seen}) == len(phones)
    assert len({probe.signature for probe in seen}) == len({phone.model for phone in phones})
    assert all(probe.randomized and probe.rssi_dbm < 0 for probe in seen)
