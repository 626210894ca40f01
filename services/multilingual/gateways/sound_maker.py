"""The program that makes one recording the house's: MP3, leveled, without the silence around it.

In: WAV, as a microphone gives it; out: a Reply as MessagePack. It runs in a process of its own
(kit/child.py): what it is given is a stranger's, and packing a minute takes a third of a second.
"""

import io
import wave as wav

import numpy as np

from kit.pure.errors import Refusal
from services.multilingual.domain.sound import MAX_DURATION_MS, SoundRefused
from services.multilingual.gateways import loudness, mp3
from services.multilingual.gateways.answering import answer_one
from services.multilingual.gateways.loudness import Wave
from services.multilingual.gateways.sounds_apart import Reply

MIN_RATE, MAX_RATE = 8_000, 48_000
MAX_CHANNELS = 2
SILENCE_DB = -40.0  # below the loudest moment: breath and the room, not a voice
SILENCE_DBFS = -55.0  # nothing louder than this: the microphone was off
KEPT_S = 0.25  # of the silence at both ends, so that no first letter is lost
PAUSE_S = 0.16  # and longer is a rest between words
_STEP_S = 0.02
_STILL = 0.45  # of the way from the room to the voice, in decibels


def make(content: bytes) -> Reply:
    """Returns MP3 (24 kHz, mono, 24 kbit/s, -18 LUFS) of WAV, and where nobody speaks in it.

    Errors: SoundRefused.
    """
    heard, rate = _read(content)
    kept = trim(heard, rate)
    late = mp3.DELAY_MS
    pauses = tuple((begin + late, end + late) for begin, end in quiet(kept, rate))
    return Reply(audio=mp3.encode(loudness.level(kept, rate), rate), pauses=pauses)


def trim(heard: Wave, rate: int) -> Wave:
    """Returns the wave (full scale 1.0) without the silence at both ends; pauses inside stay.

    Errors: SoundRefused where nothing is heard.
    """
    step = max(1, int(rate * _STEP_S))
    whole = heard[: len(heard) // step * step].reshape(-1, step)
    power = np.sqrt(np.mean(whole**2, axis=1)) if len(whole) else np.zeros(1)
    loudest = float(power.max())
    if loudest < 10 ** (SILENCE_DBFS / 20):
        raise SoundRefused("Nothing is heard. Look whether the microphone is on, and try again.")
    loud = np.flatnonzero(power > loudest * 10 ** (SILENCE_DB / 20))
    kept = int(rate * KEPT_S)
    first, last = int(loud[0]) * step - kept, (int(loud[-1]) + 1) * step + kept
    trimmed: Wave = heard[max(0, first) : last]
    return trimmed


def quiet(heard: Wave, rate: int) -> tuple[tuple[int, int], ...]:
    """Returns the stretches inside a trimmed wave in which nobody speaks, in milliseconds.

    Measured against the voice, so that a room with a hum has its pauses too: what is nearer to the
    room than to the voice is quiet. Shorter than PAUSE_S are the stops inside words.
    """
    step = max(1, int(rate * _STEP_S))
    whole = heard[: len(heard) // step * step].reshape(-1, step)
    if not len(whole):
        return ()
    level = np.log10(np.sqrt(np.mean(whole**2, axis=1)) + 1e-6)
    voice, room = np.percentile(level, 90), np.percentile(level, 3)
    still = np.flatnonzero(np.diff(np.r_[False, level < room + (voice - room) * _STILL, False]))
    stretches = [(int(a), int(b)) for a, b in still.reshape(-1, 2) if (b - a) * _STEP_S >= PAUSE_S]
    ms = step * 1000 / rate
    return tuple((round(a * ms), round(b * ms)) for a, b in stretches if a > 0 and b < len(whole))


def answer(content: bytes) -> Reply:
    """Returns what is to be said of a file, whatever is in it."""
    try:
        return make(content)
    except Refusal as error:
        return Reply(refused=str(error))
    except Exception as error:  # noqa: BLE001 - the caller logs it and refuses the file
        return Reply(broke=type(error).__name__)


def _read(content: bytes) -> tuple[Wave, int]:
    """Returns samples with full scale 1.0 and their rate, channels mixed into one."""
    try:
        with wav.open(io.BytesIO(content)) as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            frames = file.readframes(file.getnframes())
    except (wav.Error, EOFError) as error:
        raise SoundRefused("The WAV file is damaged or broke off. Send it again.") from error
    if width != 2 or not 1 <= channels <= MAX_CHANNELS or not MIN_RATE <= rate <= MAX_RATE:
        raise SoundRefused("Save the WAV file with 16 bits, mono or stereo, at most 48,000 Hz.")
    whole = len(frames) // (2 * channels) * 2 * channels
    if whole * 1000 > MAX_DURATION_MS * 2 * channels * rate:
        raise SoundRefused("The sound is longer than 15 minutes.")
    samples = np.frombuffer(frames[:whole], "<i2").reshape(-1, channels)
    heard: Wave = samples.mean(axis=1) / 32_768.0
    return heard, rate


if __name__ == "__main__":
    answer_one(answer)
