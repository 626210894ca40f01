"""Spoils good codes at random and reads them: never an exception, never slow, never a number out.

`python -m tests.unit.payments.emvqr.mutations 1000000` from the root, with `.` and `gen` on the
path, prints the figure as JSON; the unit test takes a sample.
"""

import json
import random
import sys
import time
from base64 import b64decode, b64encode
from dataclasses import dataclass

from services.payments.domain.emvqr.kinds import read_code
from services.payments.domain.emvqr.make import make_merchant
from services.payments.domain.emvqr.merchant import MerchantCode
from tests.unit.payments.emvqr import other_decoder, samples

SEEDS = (
    make_merchant(samples.STICKER), make_merchant(samples.ADMISSION), samples.signed(samples.LEAST),
    samples.CARD_CODE, samples.TWO_CARDS, samples.JPQR_CODE, "900081818812345678",
)  # fmt: skip
LETTERS = "0123456789ABCDEFabcdefhQ+/=. \n\x00\x7f\u3042\u3000\u0661\uff11\ud83d\U00020bb7"
SLOW_S = 0.25  # of processor time for one code: many times what the slowest takes


@dataclass
class Tally:
    """What a run saw."""

    read: int = 0
    valid: int = 0
    slowest_s: float = 0.0
    seconds: float = 0.0


def run(count: int, seed: int) -> Tally:
    """Reads some spoiled codes. Errors: AssertionError with the number of the code, and whatever
    the readers raise."""
    chance, tally = random.Random(seed), Tally()
    started = time.perf_counter()
    for number in range(count):
        text = spoil(chance, chance.choice(SEEDS))
        before = time.process_time()  # a busy machine is no slow reader
        code = read_code(text)
        tally.slowest_s = max(tally.slowest_s, time.process_time() - before)
        tally.read += 1
        tally.valid += code.valid
        if isinstance(code, MerchantCode):
            if code.valid:  # then a reader of another make must find the same
                agreed = other_decoder.decode(text) == [(each.id, each.value) for each in code.root]
                assert agreed, number
        else:
            assert samples.CARD not in repr(code), number
    tally.seconds = time.perf_counter() - started
    assert tally.slowest_s < SLOW_S, tally
    return tally


def spoil(chance: random.Random, text: str) -> str:
    """Changes a code in one to four places; a customer's code in its bytes or in its letters."""
    if text.startswith("hQ") and chance.random() < 0.7:
        data = bytearray(b64decode(text))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(data) + 1)
            choice = chance.randrange(4)
            if choice == 0:
                data[at:at] = chance.randbytes(chance.randint(1, 3))
            elif choice == 1:
                del data[at : at + chance.randint(1, 4)]
            elif at < len(data):
                data[at] = chance.randrange(256)
        return b64encode(bytes(data)).decode()
    for _ in range(chance.randint(1, 4)):
        text = _change(chance, text)
    # A right checksum lets the rules behind it be reached.
    again = text.startswith("00") and text[-8:-4] == "6304" and "\ud83d" not in text
    return samples.signed(text[:-8]) if again and chance.random() < 0.5 else text


def _change(chance: random.Random, text: str) -> str:
    at, length = chance.randrange(len(text) + 1), chance.randint(1, 12)
    letters = "".join(chance.choices(LETTERS, k=chance.randint(1, 3)))
    return chance.choice(
        (
            text[:at] + letters + text[at:],
            text[:at] + text[at + length :],
            text[:at] + letters + text[at + len(letters) :],
            text[:at] + text[at : at + length] + text[at:],
            text[:at],
        )
    )


if __name__ == "__main__":
    done = run(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    sys.stdout.write(json.dumps(vars(done)) + "\n")
