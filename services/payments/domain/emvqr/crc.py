"""The checksum at the end of a merchant's code: CRC-16, polynomial 0x1021, start 0xFFFF."""

from binascii import crc_hqx

START = 0xFFFF
TAG = "6304"


def crc(text: str) -> str:
    """Returns four capital hexadecimal digits over the UTF-8 bytes of a text that ends in 6304."""
    return f"{crc_hqx(text.encode(), START):04X}"
