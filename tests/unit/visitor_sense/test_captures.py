"""Capture files of both formats, both byte orders, packed or not; broken ones say why."""

import gzip
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.visitor_sense.sensor import captures
from services.visitor_sense.sensor.captures import CaptureError, Survey, read_frames, survey
from tests.examples import share
from tests.unit.visitor_sense import made

FRAMES = [(1_700_000_000.123456, made.probe()), (1_700_000_001.5, made.probe(made.MADE_UP))]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("name", ["a.pcap", "a.pcap.gz"])
def test_pcap_in_both_orders(tmp_path: Path, order: str, name: str) -> None:
    path = made.pcap(tmp_path / name, FRAMES, order=order)
    assert list(read_frames(path)) == [
        (1_700_000_000_123, 127, FRAMES[0][1]),
        (1_700_000_001_500, 127, FRAMES[1][1]),
    ]
    assert survey(path) == Survey(2, 1_700_000_000_123, 1_700_000_001_500)


def test_pcap_with_nanoseconds(tmp_path: Path) -> None:
    content = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 127)
    content += struct.pack("<IIII", 5, 250_000_000, 4, 4) + b"abcd"
    (tmp_path / "a.pcap").write_bytes(content)
    assert list(read_frames(tmp_path / "a.pcap")) == [(5250, 127, b"abcd")]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("resolution", [3, 6, 9, 0x80 | 20])
def test_pcapng_in_both_orders_and_resolutions(tmp_path: Path, order: str, resolution: int) -> None:
    path = made.pcapng(tmp_path / "a.pcapng.gz", FRAMES, order=order, resolution=resolution)
    times = [time_ms for time_ms, _, _ in read_frames(path)]
    wanted = (1_700_000_000_123, 1_700_000_001_500)
    assert all(abs(time_ms - one) <= 1 for time_ms, one in zip(times, wanted, strict=True))
    assert [frame for _, _, frame in read_frames(path)] == [frame for _, frame in FRAMES]


def test_pcapng_with_more_sections_and_unknown_blocks(tmp_path: Path) -> None:
    first = made.pcapng(tmp_path / "1", FRAMES).read_bytes()
    second = made.pcapng(tmp_path / "2", FRAMES, order=">").read_bytes()
    path = tmp_path / "both"
    path.write_bytes(first + made.block(5, b"statistics") + second)
    assert survey(path).frames == 4


def reason_of(path: Path) -> str:
    """Returns the stable reason for which a file is refused."""
    with pytest.raises(CaptureError) as refused:
        survey(path)
    assert str(refused.value)
    return refused.value.reason


def test_every_fault_has_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "a"
    whole = made.pcap(tmp_path / "whole", FRAMES).read_bytes()
    modern = made.pcapng(tmp_path / "modern", FRAMES).read_bytes()
    cases = {
        "CAPTURE_FORMAT_UNKNOWN": [b"", b"hello, this is no capture", gzip.compress(b"nor this")],
        "CAPTURE_TRUNCATED": [
            whole[:-1], whole[:20], whole[:30], modern[:-1], modern[:10], gzip.compress(whole)[:-9],
        ],
        "CAPTURE_CORRUPT": [
            whole[:24] + struct.pack("<IIII", 0, 0, 1 << 30, 0),
            modern[:28] + b"\x01\0\0\0\xff\xff\xff\xff",
            modern[:28] + made.block(6, b"short"),
            modern[:28] + made.block(6, bytes(24)),
            modern[:28] + made.block(1, b"12"),
            modern[:-4] + b"\0\0\0\0",
            modern[:8] + b"what" + modern[12:],
        ],
        "CAPTURE_LINKTYPE_UNSUPPORTED": [
            made.pcap(tmp_path / "ethernet", FRAMES, link_type=1).read_bytes(),
            made.pcapng(tmp_path / "ethernet", FRAMES, link_type=1).read_bytes(),
        ],
        "CAPTURE_WITHOUT_TIME": [modern[:28] + made.block(3, bytes(8))],
    }  # fmt: skip
    for reason, contents in cases.items():
        for content in contents:
            path.write_bytes(content)
            assert reason_of(path) == reason, (reason, content[:40])


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    assert reason_of(tmp_path / "nowhere.pcap") == "CAPTURE_UNREADABLE"
    assert reason_of(tmp_path) == "CAPTURE_UNREADABLE"


def test_a_gzip_bomb_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captures, "MAX_FILE_BYTES", 1000)
    assert reason_of(made.pcap(tmp_path / "a.gz", FRAMES * 20)) == "CAPTURE_TOO_LARGE"


@share(120)
@given(st.data())
def test_damaged_files_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    make = data.draw(st.sampled_from([made.pcap, made.pcapng]))
    content = bytearray(make(folder / "a", FRAMES).read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = folder / "b"
    path.write_bytes(bytes(content[: data.draw(st.integers(0, len(content)))]))
    refused = ""
    try:
        survey(path)
    except CaptureError as error:
        refused = error.reason
    assert refused == "" or refused.startswith("CAPTURE_")
