"""A second reader of merchants' codes, written in another way than ours, to compare with.

It knows structure and checksum only: bytes instead of characters, recursion instead of a loop, the
checksum bit by bit, as the text of ISO/IEC 13239 describes it.
"""

Pairs = list[tuple[str, str]]


def decode(payload: str) -> Pairs:
    """Returns the objects. Errors: ValueError."""
    data = payload.encode("utf-8")
    if data[-8:-4] != b"6304":
        raise ValueError("no checksum at the end")
    register = 0xFFFF
    for byte in data[:-4]:
        for bit in range(7, -1, -1):
            carry = (register >> 15) ^ (byte >> bit & 1)
            register = (register << 1) & 0xFFFF
            if carry:
                register ^= 0x1021
    if int(data[-4:], 16) != register:
        raise ValueError("the checksum differs")
    return objects(data)


def objects(data: bytes) -> Pairs:
    """Returns the objects of some bytes. Errors: ValueError."""
    if not data:
        return []
    id_, length = data[:2].decode("ascii"), int(data[2:4].decode("ascii"))
    if length == 0:
        raise ValueError("empty")
    end = 4
    for _ in range(length):  # one character of UTF-8 at a time
        if end >= len(data):
            raise ValueError("cut short")
        end += 1
        while end < len(data) and 0x80 <= data[end] < 0xC0:
            end += 1
    return [(id_, data[4:end].decode("utf-8")), *objects(data[end:])]
