"""What is taken for a sound, and what is refused, whatever its name says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.multilingual.domain.sound import M4A, MAX_BYTES, MP3, Sound, SoundRefused, look
from tests.sounds import box, m4a, silent_mp3

ID3 = b"ID3\x04\x00\x00\x00\x00\x00\x10" + bytes(16)


def test_mp3_and_m4a_are_known_by_what_is_in_them() -> None:
    assert look(silent_mp3(2.4)) == Sound(MP3, 2400)
    assert look(ID3 + silent_mp3(2.4)) == Sound(MP3, 2400)
    assert look(silent_mp3(2.4) + b"TAG" + bytes(125)) == Sound(MP3, 2400)
    assert look(m4a(61.5)) == Sound(M4A, 61_500)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "MP3"),
        (b"<script>alert(1)</script>" * 99, "MP3"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(4000), "MP3"),
        (b"OggS" + bytes(4000), "MP3"),
        (silent_mp3(2) + b"<html><script>alert(1)</script></html>", "MP3"),
        (b"<html>" + silent_mp3(2), "MP3"),
        (silent_mp3(0.1), "MP3"),
        (silent_mp3(0.24), "lasts"),
        (m4a(0), "lasts"),
        (m4a(16 * 60), "lasts"),
        (m4a(handler=b"vide"), "film"),
        (m4a(brand=b"qt  "), "M4A"),
        (m4a()[:-70], "damaged"),
        (box(b"ftyp", b"M4A ") + b"\0\0\0\1moov" + b"\xff" * 8, "damaged"),
        (box(b"ftyp", b"M4A ") + box(b"free", b"") * 2_100, "too many"),
        (bytes(MAX_BYTES + 1), "at most"),
    ],
)
def test_anything_else_is_refused_with_what_to_do(content: bytes, says: str) -> None:
    with pytest.raises(SoundRefused, match=says):
        look(content)


@given(st.binary(max_size=300), st.integers(0, 200))
def test_no_file_breaks_the_look(noise: bytes, at: int) -> None:
    for good in (silent_mp3(0.5), m4a()):
        try:
            look(good[:at] + noise + good[at:])
        except SoundRefused:
            continue


def test_boxes_in_boxes_do_not_break_the_look() -> None:
    inner = b""
    for _ in range(3_000):
        inner = box(b"moov", inner)
    with pytest.raises(SoundRefused):
        look(box(b"ftyp", b"M4A ") + inner)
