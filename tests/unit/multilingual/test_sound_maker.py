"""A microphone's WAV becomes the house's MP3: evenly loud, no silence around it, or a reason."""

import io
import wave as wav

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.multilingual.domain import sound
from services.multilingual.gateways import loudness, mp3, sound_maker
from services.multilingual.gateways.sound_maker import KEPT_S, answer, trim

RATE = 24_000


def tone(seconds: float, level: float = 0.1, rate: int = RATE) -> loudness.Wave:
    at = np.arange(round(seconds * rate)) / rate
    made: loudness.Wave = level * np.sin(2 * np.pi * 440 * at)
    return made


def file(wave: loudness.Wave, rate: int = RATE, channels: int = 1, width: int = 2) -> bytes:
    made = io.BytesIO()
    with wav.open(made, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(width)
        out.setframerate(rate)
        samples = np.repeat((wave * 32_767).astype("<i2"), channels)
        out.writeframes(samples.tobytes() if width == 2 else bytes(len(samples) * width))
    return made.getvalue()


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (24_000, 1), (44_100, 2), (48_000, 2)])
def test_a_recording_becomes_small_and_ends_where_the_voice_does(rate: int, channels: int) -> None:
    quiet = np.zeros(2 * rate)
    said = np.concatenate([quiet, tone(3, 0.02, rate), quiet])
    given_file = file(said, rate, channels)
    assert sound.is_wave(given_file)
    reply = answer(given_file)
    assert (reply.refused, reply.broke) == ("", "")
    found = sound.look(reply.audio)
    assert found.media_type == sound.MP3
    assert found.duration_ms == pytest.approx(3_000 + 2 * KEPT_S * 1_000, abs=150)
    assert len(reply.audio) == pytest.approx(found.duration_ms * 3, rel=0.05)  # 24 kbit/s


def test_a_quiet_voice_is_as_loud_as_others_and_no_peak_is_higher_than_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packed: list[loudness.Wave] = []

    def keep(wave: loudness.Wave, _rate: int) -> bytes:
        packed.append(wave)
        return b""

    monkeypatch.setattr(mp3, "encode", keep)
    for level in (0.005, 0.9):
        sound_maker.make(file(tone(4, level)))
    for wave in packed:
        assert loudness.loudness(wave, RATE) == pytest.approx(loudness.TARGET_LUFS, abs=0.5)
        assert 20 * np.log10(np.abs(wave).max()) <= loudness.PEAK_DBFS


def test_pauses_inside_stay() -> None:
    said = np.concatenate([tone(1), np.zeros(3 * RATE), tone(1)])
    assert len(trim(said, RATE)) == len(said)


@given(
    before=st.floats(0, 3), voice=st.floats(0.1, 3), after=st.floats(0, 3),
    rate=st.sampled_from([8_000, 24_000, 48_000]),
)  # fmt: skip
def test_no_part_of_a_voice_is_cut_off(
    before: float, voice: float, after: float, rate: int
) -> None:
    said = np.concatenate([
        np.zeros(round(before * rate)), tone(voice, 0.3, rate), np.zeros(round(after * rate)),
    ])  # fmt: skip
    kept = trim(said, rate)
    assert len(kept) <= len(said)
    assert np.sum(kept**2) >= 0.99 * np.sum(said**2)
    assert len(kept) / rate <= voice + 2 * KEPT_S + 0.05


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (file(np.zeros(RATE * 2)), "Nothing is heard"),
        (file(np.zeros(0)), "Nothing is heard"),
        (file(tone(1), width=1), "16 bits"),
        (file(tone(1), channels=3), "mono or stereo"),
        (file(tone(1), rate=4_000), "48,000"),
        (file(tone(1), rate=96_000), "48,000"),
        (file(tone(1))[:30], "damaged"),
        (b"RIFF\0\0\0\0WAVE", "damaged"),
        (file(np.zeros(8_000 * 901), rate=8_000), "15 minutes"),
    ],
)
def test_what_is_no_voice_is_refused_with_what_to_do(content: bytes, says: str) -> None:
    reply = answer(content)
    assert says in reply.refused
    assert not reply.audio
    assert not reply.broke


@given(st.binary(max_size=300))
def test_whatever_is_in_a_file_there_is_an_answer(rest: bytes) -> None:
    reply = answer(b"RIFF\x40\0\0\0WAVEfmt " + rest)
    assert reply.audio or reply.refused
    assert not reply.broke
