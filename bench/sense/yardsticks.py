"""The two parsers that ours is measured against: dpkt, and a plain one with struct.

Both do per frame what the sensor does: find flags and signal, cut the checksum, step over the
SSID, keep the lasting elements, and make both keyed hashes. Neither builds or signs a batch.
"""

import socket
import struct
from collections.abc import Sequence
from hashlib import blake2b

import dpkt.ieee80211
import dpkt.radiotap

# pseudonym, signature, rssi_dbm, frame sequence, randomized
Kept = tuple[int, int, int, int, bool]
_MICROSOFT = b"\x00\x50\xf2"
_HEADER = struct.Struct("<BBHI").unpack_from
_MAC = struct.Struct("<BB2x6x6s6xH").unpack_from
_NUMBER = struct.Struct("<Q").unpack
_FIELDS = ((8, 8), (1, 1), (1, 1), (2, 4), (2, 2), (1, 1))


def _hash(key: bytes, person: bytes, data: bytes) -> int:
    return int(_NUMBER(blake2b(data, digest_size=8, key=key, person=person).digest())[0])


def with_struct(key: bytes, frames: Sequence[bytes]) -> list[Kept]:  # noqa: C901 - calls cost time
    """Reads frames with struct, one after another, remembering nothing."""
    found = []
    for frame in frames:
        _, _, size, present = _HEADER(frame)
        at, word = 8, present
        while word & 0x8000_0000:
            word = int.from_bytes(frame[at : at + 4], "little")
            at += 4
        flags = signal = 0
        for number, (align, width) in enumerate(_FIELDS):
            if present >> number & 1:
                at += -at % align
                if number == 1:
                    flags = frame[at]
                elif number == 5:
                    signal = frame[at] - 256
                at += width
        control, _, address, sequence = _MAC(frame, size)
        if control != 0x40:
            continue
        at, end = size + 24, len(frame) - 4 if flags & 0x10 else len(frame)
        kept = []
        while at + 2 <= end:
            element, after = frame[at], at + 2 + frame[at + 1]
            if after > end:
                break
            if element == 221 and frame[at + 2 : at + 5] == _MICROSOFT:
                kept.append(frame[at : at + 1] + frame[at + 2 : min(at + 6, after)])
            elif element not in (0, 3) and (element != 255 or frame[at + 2 : at + 3] == b"#"):
                kept.append(frame[at:after])
            at = after
        found.append(
            (
                _hash(key, b"address", address),
                _hash(key, b"signature", b"".join(kept)) or 1,
                round(signal / 5) * 5,
                sequence >> 4,
                address[0] & 2 != 0,
            )
        )
    return found


def with_dpkt(key: bytes, frames: Sequence[bytes]) -> list[Kept]:
    """Reads frames with dpkt, whose objects hold the parts by name."""
    found = []
    for frame in frames:
        header = dpkt.radiotap.Radiotap(frame)
        signal = header.ant_sig.db if header.ant_sig_present else 0
        mac = header.data  # decoded with the header
        if mac.type != dpkt.ieee80211.MGMT_TYPE or mac.subtype != dpkt.ieee80211.M_PROBE_REQ:
            continue
        kept = []
        for element in mac.ies:
            data = bytes(element.data)
            if element.id == 221 and data[:3] == _MICROSOFT:
                kept.append(b"\xdd" + data[:4])
            elif element.id not in (0, 3) and (element.id != 255 or data[:1] == b"#"):
                kept.append(bytes((element.id, element.len)) + data)
        address = mac.mgmt.src
        found.append(
            (
                _hash(key, b"address", address),
                _hash(key, b"signature", b"".join(kept)) or 1,
                round(signal / 5) * 5,
                socket.ntohs(mac.mgmt.frag_seq) >> 4,  # read as if it were big-endian
                address[0] & 2 != 0,
            )
        )
    return found
