"""No bytes break the reader of what sensors sent: they are a batch, or refused."""

import contextlib
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from meguri.visitor_sense.v1 import visitor_sense_observations_pb2 as wire
from services.visitor_sense.domain.errors import BatchMalformed
from services.visitor_sense.domain.observations import acceptable, check_batch
from services.visitor_sense.events.observations import read_arrival

NOW = datetime(2026, 11, 30, 3, tzinfo=UTC)
DATES = ["2026-11-30", "2026-02-30", "0001-01-01", "9999-12-31", ""]
NUMBERS = st.lists(st.integers(0, 2**32 - 1), max_size=5)


@st.composite
def batches(draw: st.DrawFn) -> bytes:
    """Gives messages of the right form, whatever they say."""
    body = wire.ObservationBatch(
        boot_id=draw(st.text(max_size=20)), sequence=draw(st.integers(0, 2**31)),
        key_date=draw(st.sampled_from(DATES)),
        key_epoch=draw(st.integers(0, 2**31 - 1)), offsets_ms=draw(NUMBERS),
        pseudonyms=draw(NUMBERS), signatures=draw(NUMBERS), frame_sequences=draw(NUMBERS),
        rssi_dbm=draw(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=5)),
        randomized=draw(st.lists(st.booleans(), max_size=5)),
    )  # fmt: skip
    body.base_time.seconds = draw(st.integers(-(2**62), 2**62))
    body.base_time.nanos = draw(st.integers(-(2**31), 2**31 - 1))
    signed = wire.SignedBySensor(
        area=draw(st.sampled_from(["mine", "hagi", ""])), sensor_id=draw(st.text(max_size=20)),
        body=body.SerializeToString(), signature=draw(st.binary(max_size=70)),
    )  # fmt: skip
    return signed.SerializeToString()


def read(data: bytes) -> None:
    with contextlib.suppress(BatchMalformed):
        batch = read_arrival("mine", data).batch
        check_batch(batch)
        acceptable(batch, NOW, ())


@given(data=st.binary(max_size=400))
def test_any_bytes_are_a_batch_or_refused(data: bytes) -> None:
    read(data)


@given(data=batches())
def test_any_message_is_a_batch_or_refused(data: bytes) -> None:
    read(data)


@given(data=batches(), cut=st.integers(0, 300), flip=st.integers(0, 300))
def test_damaged_messages_are_refused_or_read(data: bytes, cut: int, flip: int) -> None:
    broken = bytearray(data[: max(1, len(data) - cut)])
    broken[flip % len(broken)] ^= 0x55
    read(bytes(broken))
