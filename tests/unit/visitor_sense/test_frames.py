"""The frame parser: what is kept, what never is, and that no bytes can hurt it."""

import contextlib
import dataclasses
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.visitor_sense.domain import pseudonym
from services.visitor_sense.sensor.captures import IEEE802_11, RADIOTAP
from services.visitor_sense.sensor.frames import (
    LAYOUT_BOUND,
    MEMO_BOUND,
    BrokenFrame,
    FrameReader,
    Memo,
    Probe,
    field_offsets,
    lasting_elements,
    quantized,
)
from tests.unit.visitor_sense import made

KEY = bytes(range(32))


def read(frame: bytes, link_type: int = RADIOTAP) -> Probe:
    """Reads a frame that must be a probe request."""
    found = FrameReader(KEY).read_probe(link_type, frame)
    assert found is not None
    return found


def signature_of(elements: bytes, *, fcs: bytes = b"", flags: int = 0) -> int:
    return read(made.probe(elements=elements, fcs=fcs, header=made.radiotap(flags=flags))).signature


def test_a_probe_request_becomes_a_pseudonym() -> None:
    found = read(made.probe(sequence=4095, header=made.radiotap(signal_dbm=-57)))
    assert found.pseudonym == pseudonym.pseudonym(KEY, made.PHONE)
    assert (found.rssi_dbm, found.frame_sequence, found.randomized) == (-55, 4095, False)
    assert read(made.probe(made.MADE_UP)).randomized


def test_nothing_of_the_address_is_in_what_is_kept() -> None:
    found = repr(dataclasses.asdict(read(made.probe())))
    address = int.from_bytes(made.PHONE, "big")
    for form in (made.PHONE.hex(), str(address), str(int.from_bytes(made.PHONE, "little"))):
        assert form not in found


def test_another_key_gives_another_name() -> None:
    other = FrameReader(bytes(32)).read_probe(RADIOTAP, made.probe())
    assert other is not None
    assert other.pseudonym != read(made.probe()).pseudonym
    assert other.signature != read(made.probe()).signature


@pytest.mark.parametrize("first", [0x00, 0x80, 0x48, 0x50, 0x08, 0x41])
def test_other_frames_are_passed_over(first: int) -> None:
    frame = made.probe(frame_control=bytes([first, 0]))
    assert FrameReader(KEY).read_probe(RADIOTAP, frame) is None


def test_the_network_name_and_the_channel_do_not_enter_the_signature() -> None:
    plain = signature_of(made.ssid() + made.RATES + made.HT)
    assert signature_of(made.ssid(b"home of Hanako") + made.RATES + made.HT) == plain
    assert signature_of(made.ssid() + made.RATES + b"\x03\x01\x0b" + made.HT) == plain
    assert signature_of(made.RATES + made.ssid(b"late") + made.HT) == plain
    assert signature_of(made.ssid() + made.RATES) != plain


@pytest.mark.parametrize(
    ("varying", "other"),
    [
        (b"\xff\x03\x02\x01\x02", b"\xff\x03\x02\x09\x09"),  # FILS request parameters
        (b"\xdd\x08\x00\x50\xf2\x04\x11\x22\x33\x44", b"\xdd\x06\x00\x50\xf2\x04\x99\x99"),  # WPS
        (b"\xdd\x07\x00\x50\xf2\x08\x00\x01\x00", b"\xdd\x07\x00\x50\xf2\x08\x00\x02\x00"),
    ],
)
def test_elements_that_vary_or_name_a_device_do_not_tell_frames_apart(
    varying: bytes, other: bytes
) -> None:
    assert signature_of(made.ssid() + varying) == signature_of(made.ssid() + other)


def test_lasting_elements_tell_kinds_of_phones_apart() -> None:
    he, other_he = b"\xff\x03\x23\x01\x02", b"\xff\x03\x23\x01\x03"
    vendor, other_vendor = b"\xdd\x05\x00\x10\x18\x02\x01", b"\xdd\x05\x00\x10\x18\x02\x02"
    kinds = [made.RATES + rest for rest in (b"", made.HT, he, other_he, vendor, other_vendor)]
    assert len({signature_of(made.ssid() + kind) for kind in kinds}) == len(kinds)


def test_a_checksum_is_cut_off_only_when_the_header_says_so() -> None:
    plain = signature_of(made.ssid() + made.RATES)
    assert signature_of(made.ssid() + made.RATES, fcs=b"\x2d\x02\xab\xcd", flags=0x10) == plain
    assert signature_of(made.ssid() + made.RATES + b"\x2d\x02\xab\xcd") != plain


def test_a_frame_with_a_wrong_checksum_is_broken() -> None:
    frame = made.probe(header=made.radiotap(flags=0x50), fcs=b"\0\0\0\0")
    with pytest.raises(BrokenFrame):
        FrameReader(KEY).read_probe(RADIOTAP, frame)


def test_more_present_words_are_stepped_over() -> None:
    for words in ([0], [0, 0], [1 << 5]):
        found = read(made.probe(header=made.radiotap(signal_dbm=-42, extra_words=words)))
        assert found.rssi_dbm == -40


def test_fields_are_found_where_the_standard_puts_them() -> None:
    # time (8 bytes, aligned), flags, rate, channel, signal: the words of three shared captures
    assert field_offsets(struct.pack("<I", 0x2E)) == (8, 10, 14)
    assert field_offsets(struct.pack("<I", 0x482E)) == (8, 10, 14)
    assert field_offsets(struct.pack("<I", 0x482F)) == (16, 18, 22)
    assert field_offsets(struct.pack("<I", 0)) == (0, 0, 0)
    assert field_offsets(struct.pack("<II", 1 << 31, 0x2E)) == (12, 14, 18)
    assert field_offsets(struct.pack("<I", 1 << 25 | 1 << 26)) == (0, 0, 0)


def test_bare_802_11_frames_have_no_signal() -> None:
    assert read(made.probe(header=b""), IEEE802_11).rssi_dbm == 0


@pytest.mark.parametrize(("dbm", "expected"), [(-57, -55), (-58, -60), (-100, -100), (0, 0)])
def test_signals_are_rounded_to_five(dbm: int, expected: int) -> None:
    assert quantized(dbm) == expected


def test_a_cut_off_element_ends_the_block() -> None:
    assert lasting_elements(made.RATES + b"\x2d\x1a\x00") == made.RATES
    assert lasting_elements(b"\x01") == b""


@pytest.mark.parametrize("size", [0, 1, 4, 7, 8, 14, 16, 30, 38])
def test_a_cut_off_frame_is_broken(size: int) -> None:
    with pytest.raises(BrokenFrame):
        FrameReader(KEY).read_probe(RADIOTAP, made.probe()[:size])


def test_a_header_that_claims_too_much_is_broken() -> None:
    frame = bytearray(made.probe())
    frame[2:4] = struct.pack("<H", 60_000)
    with pytest.raises(BrokenFrame):
        FrameReader(KEY).read_probe(RADIOTAP, bytes(frame))
    endless = b"\0\0\xff\x0f" + b"\xff" * 4091
    with pytest.raises(BrokenFrame):
        FrameReader(KEY).read_probe(RADIOTAP, endless)


@given(st.binary(max_size=300), st.sampled_from([RADIOTAP, IEEE802_11]))
@example(b"\0\0\x08\0\0\0\0\x80", RADIOTAP)
def test_no_bytes_can_hurt_it(data: bytes, link_type: int) -> None:
    told: tuple[object, ...] = ()
    found = None
    try:
        found = FrameReader(KEY).read_probe(link_type, data)
    except BrokenFrame as broken:
        told = broken.args
    assert told == ()  # nothing of the frame
    assert found is None or 0 < found.signature < 1 << 64


@given(st.data())
def test_damaged_real_looking_frames_cannot_hurt_it(data: st.DataObject) -> None:
    frame = bytearray(made.probe(elements=made.ssid(b"x") + made.RATES + made.HT))
    for _ in range(data.draw(st.integers(1, 6))):
        frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    size = data.draw(st.integers(0, len(frame)))
    reader = FrameReader(KEY)
    with contextlib.suppress(BrokenFrame):
        reader.read_probe(RADIOTAP, bytes(frame[:size]))


def test_memory_is_bounded_whatever_comes() -> None:
    reader = FrameReader(KEY)
    for number in range(MEMO_BOUND + 100):
        told = struct.pack("<I", number)
        elements = made.ssid() + b"\xdd\x07\x00\x10\x18" + told
        header = made.radiotap(signal_dbm=-1 - number % 90)[:2] + made.radiotap()[2:]
        reader.read_probe(RADIOTAP, made.probe(b"\xda\x00" + told, elements, header=header))
    assert len(reader._elements) <= MEMO_BOUND
    assert len(reader._addresses) <= MEMO_BOUND


def test_headers_of_every_kind_are_bounded_too() -> None:
    reader = FrameReader(KEY)
    for number in range(LAYOUT_BOUND + 10):
        one = struct.pack("<BBHI", 0, number % 256, 8 + number // 256, number % 256)
        reader.read(RADIOTAP, made.probe(header=one + bytes(number // 256)))
        many = struct.pack("<BBHII", 0, 0, 12, 1 << 31, number << 8)
        with contextlib.suppress(BrokenFrame):
            reader.read(RADIOTAP, made.probe(header=many))
    assert len(reader._layouts) == len(reader._fields) == LAYOUT_BOUND


def test_the_memo_holds_no_bytes_of_a_frame() -> None:
    reader = FrameReader(KEY)
    reader.read_probe(RADIOTAP, made.probe())
    for memo in (reader._elements, reader._addresses):
        assert len(memo) == 1
        assert all(type(name) is int for name in memo.young)
        assert made.PHONE not in {
            name.to_bytes(8, "little", signed=True)[:6] for name in memo.young
        }


def test_what_is_remembered_is_what_would_be_found_anew() -> None:
    frames = [
        made.probe(made.phone(number % 7), made.ssid(b"x" * (number % 3)) + made.RATES,
                   header=made.radiotap(flags=0x10 * (number % 2), extra_words=[0] * (number % 4)),
                   fcs=b"\x2d\x02\xab\xcd" * (number % 2))
        for number in range(60)
    ]  # fmt: skip
    one = FrameReader(KEY)
    assert [one.read(RADIOTAP, frame) for frame in frames] == [
        FrameReader(KEY).read(RADIOTAP, frame) for frame in frames
    ]


def test_a_memo_forgets_what_nobody_asked_for_and_keeps_the_rest() -> None:
    memo = Memo(4)
    memo.keep(1, 10)
    for name in range(2, 5):
        memo.keep(name, 0)
        if name % 2 == 0:
            memo.keep(1, 10)  # asked for again
    found = memo.young.get(1) or memo.old.get(1)
    assert found == 10
    assert 2 not in memo.young
    assert len(memo) <= 4


def test_without_a_key_of_its_own_pythons_hash_remembers_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    reader = FrameReader(KEY)
    assert reader.read(RADIOTAP, made.probe()) == FrameReader(KEY).read(RADIOTAP, made.probe())
    assert len(reader._addresses) == len(reader._elements) == 0


def test_a_header_known_from_a_longer_frame_does_not_reach_beyond_a_shorter_one() -> None:
    reader = FrameReader(KEY)
    header = made.radiotap()
    assert reader.read(RADIOTAP, made.probe(header=header)) is not None
    for size in range(8, len(header) + 25):
        with pytest.raises(BrokenFrame):
            reader.read(RADIOTAP, made.probe(header=header)[:size][: len(header) + 23])
