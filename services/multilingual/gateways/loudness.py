"""Makes speech as loud as other speech: loudness after ITU-R BS.1770-4, peaks held back.

Values are LUFS (loudness of a single channel) and dBFS (peak).
"""

from typing import Any

import numpy as np

TARGET_LUFS = -18.0  # what podcasts in mono aim at; heard well from a phone's speaker
PEAK_DBFS = -1.5
_BLOCK_S, _STEP_S = 0.4, 0.1
_ABSOLUTE_LUFS, _RELATIVE_LU = -70.0, -10.0
_OFFSET = -0.691
# The two filters of BS.1770 at 48 kHz: a shelf for the head, a high pass for the ear.
_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285),
          (1.0, -1.69065929318241, 0.73248077421585))  # fmt: skip
_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))

Wave = np.ndarray[Any, np.dtype[np.float64]]


def loudness(wave: Wave, rate: int) -> float:
    """Returns integrated loudness in LUFS; -inf for silence. rate: samples a second.

    Each block is weighed in the frequency domain: the power is the same as after filtering.
    """
    size, step = int(rate * _BLOCK_S), int(rate * _STEP_S)
    if len(wave) < size:
        wave = np.pad(wave, (0, size - len(wave)))
    weight = _weight(np.fft.rfftfreq(size, 1 / rate).astype(np.float64))
    window = np.hanning(size)
    scale = size * float(np.sum(window**2)) / 2
    powers = np.array([
        float(np.sum(np.abs(np.fft.rfft(wave[at : at + size] * window)) ** 2 * weight)) / scale
        for at in range(0, len(wave) - size + 1, step)
    ])  # fmt: skip
    with np.errstate(divide="ignore"):
        levels = _OFFSET + 10 * np.log10(powers)
    loud = powers[levels > _ABSOLUTE_LUFS]
    if not len(loud):
        return float("-inf")
    gate = _OFFSET + 10 * np.log10(float(np.mean(loud))) + _RELATIVE_LU
    kept = powers[(levels > _ABSOLUTE_LUFS) & (levels > gate)]
    return float(_OFFSET + 10 * np.log10(float(np.mean(kept))))


def level(wave: Wave, rate: int) -> Wave:
    """Returns the wave (full scale 1.0) at the target loudness, with no peak above PEAK_DBFS."""
    now = loudness(wave, rate)
    if now == float("-inf"):
        return wave
    louder: Wave = wave * 10 ** ((TARGET_LUFS - now) / 20)
    return _hold_back(louder, 10 ** (PEAK_DBFS / 20))


def _hold_back(wave: Wave, ceiling: float) -> Wave:
    """Bends what is louder than half the ceiling smoothly towards it: no peak is cut off."""
    knee = ceiling / 2
    over = np.abs(wave) > knee
    held: Wave = wave.copy()
    room = ceiling - knee
    held[over] = np.sign(wave[over]) * (knee + room * np.tanh((np.abs(wave[over]) - knee) / room))
    return held


def _weight(hertz: Wave) -> Wave:
    """Returns the power response of both filters at some frequencies."""
    z = np.exp(-2j * np.pi * hertz / 48_000)
    power = np.ones_like(hertz)
    for above, below in (_SHELF, _HIGH_PASS):
        response = np.polyval(above[::-1], z) / np.polyval(below[::-1], z)
        power = power * np.abs(response) ** 2
    return power
