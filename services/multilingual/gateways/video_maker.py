"""The program that makes one video the house's: one picture, at most one sound, nothing else.

In: a stranger's file; out: a Reply as MessagePack. It runs in a process of its own (kit/child.py).
Nothing is decoded: no decoder of ours reads strangers' files (decision 0052). The file is taken
apart and written anew, so that title, place, camera, other tracks and what hangs behind go away.
"""

import struct
from dataclasses import replace

from services.multilingual.domain.video import (
    VideoCodec,
    VideoRefused,
    VideoUnreadable,
    check_length,
    check_picture,
    look,
)
from services.multilingual.gateways import avc, mp4_writer
from services.multilingual.gateways.answering import answer_one
from services.multilingual.gateways.mp4_boxes import Box, Reader, Sample, Track, damaged, one
from services.multilingual.gateways.mp4_writer import FIXED, Line, Written
from services.multilingual.gateways.videos_apart import Made, Reply

HERTZ = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000)
AAC_LC, AAC_FRAME = 2, 8_192
TURNS = {
    (FIXED, 0, 0, FIXED), (0, FIXED, -FIXED, 0), (-FIXED, 0, 0, -FIXED), (0, -FIXED, FIXED, 0),
}  # fmt: skip
SAVE_AS = "Save it as MP4 with H.264 and AAC; on the iPhone choose 'Most Compatible'."
_DAMAGE = (struct.error, IndexError, KeyError, ValueError, OverflowError)


def make(content: bytes) -> Made:
    """Returns the video as it is kept. Errors: VideoRefused."""
    look(content)
    try:
        tracks = Reader(content).tracks()
        pictures = [each for each in tracks if each.kind == b"vide"]
        sounds = [each for each in tracks if each.kind == b"soun"]
        if not pictures:
            raise VideoUnreadable("There is no picture in this video.")
        seen = _picture(content, pictures[0])
        lines = [seen, *(_sound(content, each) for each in sounds[:1])]
        milliseconds = round(1000 * max(line.wait + line.seconds for line in lines))
        check_length(milliseconds)
        written = mp4_writer.write(lines)
    except MemoryError as error:
        raise VideoUnreadable("It needs too much memory. Save it smaller.") from error
    except VideoRefused:
        raise
    except _DAMAGE as error:
        raise damaged() from error
    width, height = seen.size if seen.turn[0] else seen.size[::-1]
    return Made(written, width, height, milliseconds, sound=len(lines) > 1)


def _picture(content: bytes, track: Track) -> Line:
    if track.entry.kind not in (b"avc1", b"avc3"):
        raise VideoCodec(f"Its picture is not H.264. {SAVE_AS}")
    # 78 bytes of a visual sample entry (ISO/IEC 14496-12), then boxes.
    record = _inside(track.entry.body[78:], b"avcC")
    picture = avc.read_record(bytes(record.body))
    check_picture(*picture.size)
    samples, line = _shown(track)
    if not samples[0].key:
        raise damaged()
    written = [
        Written(avc.slices(content[each.start : each.start + each.size], picture, key=each.key),
                each.duration, each.shift, each.key)
        for each in samples
    ]  # fmt: skip
    entry = mp4_writer.avc_entry(picture.size, picture.record())
    turn = track.turn if track.turn in TURNS else mp4_writer.UPRIGHT
    return replace(line, entry=entry, samples=written, size=picture.size, turn=turn)


def _sound(content: bytes, track: Track) -> Line:
    if track.entry.kind != b"mp4a":
        raise VideoCodec(f"Its sound is not AAC. {SAVE_AS}")
    rate_place, channels, config = _aac(_esds(track.entry.body))
    samples, line = _shown(track)
    if any(each.size > AAC_FRAME for each in samples):
        raise damaged()
    written = [
        Written(content[each.start : each.start + each.size], each.duration) for each in samples
    ]
    rate = HERTZ[rate_place]
    entry = mp4_writer.aac_entry(rate if rate < 65_536 else 0, channels, config)
    return replace(line, entry=entry, samples=written)


def _shown(track: Track) -> tuple[list[Sample], Line]:
    """Returns the samples that are shown, and where they begin. What somebody cut away, leaving it
    in the file, goes: of a picture all but what follows the last key before the cut."""
    samples = list(track.samples)
    length = sum(each.duration for each in samples)
    wait, begin, most = track.edit or (0.0, 0, length * 2)
    first, first_time, last, passed, end = 0, 0, 0, 0, 0
    for at, each in enumerate(samples):
        seen_at = passed + each.shift
        if each.key and seen_at <= begin:
            first, first_time = at, passed
        if seen_at < begin + most:
            last, end = at, max(end, seen_at + each.duration)
        passed += each.duration
    shown = min(most, end - begin)
    if last < first or shown < 1:
        raise damaged()
    line = Line(track.clock, b"", (), wait=wait, skip=begin - first_time, shown=shown)
    return samples[first : last + 1], line


def _inside(body: memoryview, kind: bytes) -> Box:
    for each in Reader(bytes(body)).boxes(body):
        if each.kind == kind:
            return each
    raise damaged()


def _esds(body: memoryview) -> bytes:
    """Returns what stands in esds, which QuickTime puts into a box more."""
    (version,) = struct.unpack_from(">H", body, 8)
    if version > 1:
        raise VideoCodec(f"Its sound is not AAC. {SAVE_AS}")
    rest = body[28 + 16 * version :]
    found = list(Reader(bytes(rest)).boxes(rest))
    for each in found:
        if each.kind == b"esds":
            return bytes(each.body[4:])
    wave = one([each for each in found if each.kind == b"wave"])
    return bytes(_inside(wave.body, b"esds").body[4:])


def _aac(told: bytes) -> tuple[int, int, bytes]:
    """Returns place in HERTZ, channels and configuration of AAC-LC; what hangs at them is left."""
    es = _descriptor(told, 3)
    flags = es[2]
    at = 3 + (2 if flags & 0x80 else 0) + (2 if flags & 0x20 else 0)
    if flags & 0x40:
        at += 1 + es[at]
    decoder = _descriptor(es[at:], 4)
    config = _descriptor(decoder[13:], 5)
    bits = avc.Bits(config[:2])
    kind, place, channels = bits.take(5), bits.take(4), bits.take(4)
    if decoder[0] != 0x40 or kind != AAC_LC or place >= len(HERTZ) or channels not in (1, 2):
        raise VideoCodec(f"Its sound is not plain AAC in mono or stereo. {SAVE_AS}")
    return place, channels, (kind << 11 | place << 7 | channels << 3).to_bytes(2, "big")


def _descriptor(body: bytes, tag: int) -> bytes:
    """Returns the body of a descriptor (ISO/IEC 14496-1, 8.3.3)."""
    if body[0] != tag:
        raise damaged()
    size, at = 0, 1
    while True:
        size = size << 7 | body[at] & 0x7F
        at += 1
        if not body[at - 1] & 0x80 or at > 4:
            break
    if at + size > len(body):
        raise damaged()
    return body[at : at + size]


def answer(content: bytes) -> Reply:
    """Returns what is to be said of a file, whatever is in it."""
    try:
        return Reply(made=make(content))
    except VideoRefused as error:
        return Reply(refused=type(error).__name__, told=str(error))
    except Exception as error:  # noqa: BLE001 - the caller logs it and refuses the file
        return Reply(broke=type(error).__name__)


if __name__ == "__main__":
    answer_one(answer)
