"""No text, however it was made, breaks a reader of payment codes: it is read or refused."""

import base64
import contextlib
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from services.payments.domain.emvqr.consumer import parse_barcode, parse_consumer
from services.payments.domain.emvqr.findings import Broken
from services.payments.domain.emvqr.merchant import parse_merchant

# As objects of a code stand one behind another: id, length that may lie, value.
OBJECT = st.builds(
    "{:02d}{:02d}{}".format, st.integers(0, 99), st.integers(0, 99), st.text(max_size=40)
)
ALIKE = st.lists(OBJECT, max_size=12).map("".join)
NODES = st.binary(max_size=120).map(
    lambda data: base64.b64encode(bytes([0x85, 5]) + b"CPV01" + data).decode()
)


def read(reader: Callable[[str], object], text: str) -> None:
    with contextlib.suppress(Broken):
        assert reader(text) is not None


@given(text=st.text(max_size=600) | ALIKE | ALIKE.map(lambda text: f"000201{text}6304ABCD"))
def test_any_text_is_a_merchant_s_code_or_refused(text: str) -> None:
    read(parse_merchant, text)


@given(text=st.text(max_size=600) | NODES | st.binary(max_size=200).map(
    lambda data: base64.b64encode(data).decode()))  # fmt: skip
def test_any_text_is_a_customer_s_code_or_refused(text: str) -> None:
    read(parse_consumer, text)


@given(text=st.text(max_size=60) | st.text("0123456789", max_size=40))
def test_any_text_is_a_bar_code_or_refused(text: str) -> None:
    read(parse_barcode, text)
