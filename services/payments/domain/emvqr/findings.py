"""What is wrong with a code: a stable reason, the object it is about, and where it stands.

A finding never quotes the code: a customer's code may carry a card number.
"""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Stable names; programs compare them, people read SENTENCES."""

    NOT_TEXT = "not_text"
    TOO_LONG = "too_long"
    TLV = "tlv"
    DUPLICATE_ID = "duplicate_id"
    FIRST_ID = "first_id"
    MISSING = "missing"
    LENGTH = "length"
    FORMAT = "format"
    CONDITION = "cond"
    NO_ACCOUNT = "no_account"
    CRC_MISSING = "crc_missing"
    CRC_NOT_LAST = "crc_not_last"
    CRC_MISMATCH = "crc_mismatch"
    BASE64 = "base64"
    UNEXPECTED = "unexpected"
    UNKNOWN_WALLET = "unknown_wallet"
    UNKNOWN_KIND = "unknown_kind"
    # Rules of JPQR on top of EMVCo's.
    JPQR_ID_MISSING = "jpqr_id_missing"
    JPQR_ID_FORMAT = "jpqr_id_format"
    JPQR_COUNTRY = "jpqr_country"
    JPQR_CURRENCY = "jpqr_currency"
    JPQR_POSTAL = "jpqr_postal"
    JPQR_LANG = "jpqr_lang"
    JPQR_LANG_CITY = "jpqr_lang_city"
    # Readable, but no code of ours would be like it.
    LOWER_CASE_CRC = "lower_case_crc"
    BEYOND_BMP = "beyond_bmp"
    DECIMALS = "decimals"


SENTENCES: dict[Reason, str] = {
    Reason.NOT_TEXT: "use printable characters only",
    Reason.TOO_LONG: "make the code shorter",
    Reason.TLV: "give two digits of id, two digits of length from 01 to 99, and so many characters",
    Reason.DUPLICATE_ID: "give each id once",
    Reason.FIRST_ID: "begin with the format indicator",
    Reason.MISSING: "add this object; it is mandatory",
    Reason.LENGTH: "give as many characters as this object allows",
    Reason.FORMAT: "write this object in its own format",
    Reason.CONDITION: "give this object exactly when the one it depends on asks for it",
    Reason.NO_ACCOUNT: "add a merchant account, ids 02 to 51",
    Reason.CRC_MISSING: "end with the checksum, id 63",
    Reason.CRC_NOT_LAST: "put nothing behind the checksum",
    Reason.CRC_MISMATCH: "scan again; the checksum differs, so something was misread or changed",
    Reason.BASE64: "give Base64 with its padding and without line ends",
    Reason.UNEXPECTED: "this object does not belong here",
    Reason.UNKNOWN_WALLET: "no wallet that is known here has numbers like this",
    Reason.UNKNOWN_KIND: "this is neither a merchant's nor a customer's payment code",
    Reason.JPQR_ID_MISSING: "add the account jp.or.paymentsjapan in ids 26 to 51",
    Reason.JPQR_ID_FORMAT: "give the four levels of the store id: 13, 4, 6 and 6 characters",
    Reason.JPQR_COUNTRY: "give JP as country",
    Reason.JPQR_CURRENCY: "give 392 as currency",
    Reason.JPQR_POSTAL: "add the postal code, id 61",
    Reason.JPQR_LANG: "add id 64 with JA and the name in Japanese",
    Reason.JPQR_LANG_CITY: "leave the city out of id 64",
    Reason.LOWER_CASE_CRC: "write the checksum in capitals",
    Reason.BEYOND_BMP: "use a character that every phone counts as one",
    Reason.DECIMALS: "give whole yen",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    field: ids from the outside in, joined by "/"; "" for the code as a whole. position: where the
    object begins, in characters of a text code or bytes of a decoded one.
    """

    reason: Reason
    field: str = ""
    position: int = 0

    @property
    def text(self) -> str:
        """What to do about it."""
        return SENTENCES[self.reason]


class Broken(Exception):
    """The structure cannot be followed any further; never leaves this package."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.reason)
