"""Codes of our own to read and to spoil. The card numbers are the industry's test numbers."""

from services.payments.domain.emvqr.crc import crc
from services.payments.domain.emvqr.make import Draft
from services.payments.domain.emvqr.practice import PracticeCode, make_consumer, track2

CARD = "4111111111111111"
VISA = bytes.fromhex("A0000000031010")
JCB = bytes.fromhex("A0000000651010")
JPQR_ACCOUNT = {
    "00": "jp.or.paymentsjapan", "01": "0000000000000", "02": "0001", "03": "000001", "04": "000001"
}  # fmt: skip

STICKER = Draft(
    accounts={"26": JPQR_ACCOUNT}, mcc="5812", name="AKIYOSHI CAFE", city="MINE",
    postal_code="7540511", local_language="JA", local_name="秋芳カフェ",
)  # fmt: skip
ADMISSION = Draft(
    accounts={"04": "5204740000001002", "29": {"00": "com.example.pay", "05": "kiosk 7"}},
    mcc="7991", name="CAVE GATE", city="MINE", amount="1300", additional={"01": "A-17", "09": "ME"},
    local_language="ja", local_name="黒谷口", local_city="美祢", tip="03", tip_percent="5.5",
    others={"80": {"00": "com.example.extra", "07": "x"}},
)  # fmt: skip


def signed(body: str) -> str:
    """Returns a body with the right checksum behind it."""
    return f"{body}6304{crc(body + '6304')}"


# The least that is valid: an account, category, currency, country, name, city.
LEAST = "0002010203abc5204581253033925802JP5901A6001B"

TRACK = track2(CARD, "3012", "201", "0000123")
CARD_CODE = make_consumer(
    PracticeCode(applications=[[("4F", VISA), ("57", TRACK), ("9F25", bytes.fromhex("1111"))]])
)
TWO_CARDS = make_consumer(
    PracticeCode(
        applications=[[("4F", JCB), ("50", b"JCB CREDIT")], [("4F", VISA), ("50", b"VISA")]],
        common=[
            ("5A", bytes.fromhex(CARD)), ("5F20", b"HANAKO/YAMADA"), ("5F2D", b"jaen"),
            ("64", bytes.fromhex("9F360200019F260811223344556677AA")),
        ],
    )
)  # fmt: skip
JPQR_CODE = make_consumer(
    PracticeCode(
        version=b"JPQR1",
        applications=[[("4F", b"PAY01"), ("57", b"9876543210123456"), ("99", b"free")]],
    )
)
