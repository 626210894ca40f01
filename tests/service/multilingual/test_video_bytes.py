"""Videos: what hostile files get, what is left of good ones, and what may be said of them."""

import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.multilingual.domain import video
from services.multilingual.domain.video import VideoTooManyPixels, check, check_length
from services.multilingual.gateways.mp4_boxes import MAX_BOXES, Reader
from services.multilingual.gateways.mp4_writer import FIXED, Line
from services.multilingual.gateways.video_maker import answer, make
from tests import photos, videos
from tests.examples import share
from tests.videos import box, clip, line, made_of

GOOD = clip()
MOOV = GOOD.index(b"moov") - 4
HOSTILE = {
    "nothing": (b"", "VideoKind"),
    "page": (videos.PAGE, "VideoKind"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "VideoKind"),
    "photo": (photos.jpeg(400, 400), "VideoKind"),
    "webm": (clip("clip.webm"), "VideoWebm"),
    "webm called mp4": (b"\x1a\x45\xdf\xa3" + GOOD, "VideoWebm"),
    "hevc": (clip("hevc.mp4"), "VideoCodec"),
    "fragments": (clip("fragments.mp4"), "VideoCodec"),
    "a profile few phones play": (made_of(line(profile=244)), "VideoCodec"),
    "oversized": (GOOD + bytes(video.MAX_BYTES), "VideoTooLarge"),
    "head alone": (box(b"ftyp", b"isom" + bytes(12)), "VideoUnreadable"),
    "brand of a photo": (box(b"ftyp", b"heic" + bytes(12)) + GOOD[32:], "VideoUnreadable"),
    "cut off": (GOOD[:-3_000], "VideoUnreadable"),
    "cut in its table": (GOOD[: MOOV + 400], "VideoUnreadable"),
    "page behind it": (GOOD + videos.PAGE, "VideoUnreadable"),
    "archive behind it": (GOOD + photos.zip_inside()[-200:], "VideoUnreadable"),
    "two tables": (GOOD + GOOD[MOOV:], "VideoUnreadable"),
    "huge": (made_of(line((30_000, 20_000))), "VideoTooManyPixels"),
    "wide": (made_of(line((3_840, 176))), "VideoTooManyPixels"),
    "a dot": (made_of(line((16, 16))), "VideoTooManyPixels"),
    "endless": (made_of(line(duration=4_000_000)), "VideoTooLong"),
    "a minute and more": (made_of(line(duration=3_100)), "VideoTooLong"),
    "a blink": (made_of(line(samples=1)), "VideoTooLong"),
    "many tracks": (made_of(*[line()] * 17), "VideoUnreadable"),
    "noise": (made_of(line(body=b"\xa5" * 400)), "VideoUnreadable"),
    "a page as picture": (made_of(line(body=videos.PAGE * 9)), "VideoUnreadable"),
    "messages alone": (made_of(line(body=b"\0\0\0\x05\x06\x05abc")), "VideoUnreadable"),
    "sound alone": (made_of(replace(line(), size=(0, 0))), "VideoUnreadable"),
    "endlessly many boxes": (GOOD + box(b"free", b"") * (MAX_BOXES + 1), "VideoUnreadable"),
    "sound without a description": (GOOD.replace(b"esds", b"sdse"), "VideoUnreadable"),
    "a table of four billion": (
        GOOD.replace(b"stsz" + bytes(8), b"stsz" + bytes(4) + b"\0\0\0\1\xff\xff\xff\xff"),
        "VideoUnreadable",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_for_its_own_reason(name: str) -> None:
    content, reason = HOSTILE[name]
    reply = answer(content)
    assert (reply.refused, reply.broke, reply.made) == (reason, "", None)
    assert reply.told.endswith((".", "'."))


def test_nothing_but_picture_and_sound_is_left_of_a_file() -> None:
    hidden = box(b"free", videos.PAGE) + box(b"uuid", bytes(16) + b"SecretPlace")
    for content in (GOOD, GOOD + hidden, GOOD[:32] + hidden[:0] + GOOD[32:]):
        made = make(content)
        for secret in (b"Secret", b"+34.2", b"x264", b"Lavf", b"<script>", b"udta", b"free"):
            assert secret not in made.content
        kinds = [each.kind for each in Reader(made.content).boxes(memoryview(made.content))]
        assert kinds == [b"ftyp", b"moov", b"mdat"]
        assert (made.width, made.height, made.sound) == (640, 360, True)
        assert 2_900 <= made.duration_ms <= 3_100
    assert b"SecretCam" in GOOD  # else this test would prove nothing


def test_the_picture_itself_stays_as_it_was() -> None:
    """Each slice of the file is in what is made of it, in its order."""
    before, after = (
        next(each for each in Reader(content).tracks() if each.kind == b"vide")
        for content in (GOOD, make(GOOD).content)
    )
    made = make(GOOD).content
    assert len(before.samples) == len(after.samples) == 45
    assert [each.key for each in before.samples] == [each.key for each in after.samples]
    for one, other in zip(before.samples, after.samples, strict=True):
        old = GOOD[one.start : one.start + one.size]
        new = made[other.start : other.start + other.size]
        assert old.endswith(new)  # messages stand before the slices
        assert (one.duration, one.shift) == (other.duration, other.shift)


def test_a_video_made_once_is_made_the_same_again() -> None:
    for name in ("clip.mp4", "silent.mov"):
        once = make(clip(name))
        assert make(once.content) == once


@pytest.mark.parametrize(
    ("turn", "size"),
    [
        ((FIXED, 0, 0, FIXED), (640, 368)), ((0, FIXED, -FIXED, 0), (368, 640)),
        ((-FIXED, 0, 0, -FIXED), (640, 368)), ((0, -FIXED, FIXED, 0), (368, 640)),
        ((7, 7, 7, 7), (640, 368)),  # what no camera does is not done
    ],
)  # fmt: skip
def test_a_video_filmed_upright_stays_upright(
    turn: tuple[int, int, int, int], size: tuple[int, int]
) -> None:
    made = make(made_of(replace(line(), turn=turn)))
    assert (made.width, made.height) == size
    [track] = Reader(made.content).tracks()
    assert track.turn == (turn if turn != (7, 7, 7, 7) else (FIXED, 0, 0, FIXED))


def test_what_was_cut_away_is_not_kept() -> None:
    """An editor on a phone may leave what it cut in the file and only skip it."""
    long = line(samples=100)
    made = make(made_of(replace(long, skip=6_000, shown=2_000)))
    [track] = Reader(made.content).tracks()
    assert len(track.samples) == 20
    assert made.duration_ms == 2_000


def test_sound_that_lasts_longer_is_measured_too() -> None:
    sounds = [each for each in Reader(make(GOOD).content).tracks() if each.kind == b"soun"]
    assert len(sounds) == 1
    assert sum(each.duration for each in sounds[0].samples) / sounds[0].clock > 2.9


@share(200)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=12))
def test_a_damaged_file_is_refused_or_made_whole(flips: list[tuple[int, int]]) -> None:
    content = bytearray(GOOD)
    for at, value in flips:
        content[at] = value
    reply = answer(bytes(content))
    assert reply.broke == ""
    if reply.made is not None:
        assert b"SecretCam" not in reply.made.content
        again = answer(reply.made.content)
        assert again.refused == again.broke == ""


@share(200)
@given(st.binary(max_size=600))
def test_any_bytes_behind_a_head_are_refused(rest: bytes) -> None:
    for head in (GOOD[:32], GOOD[: MOOV + 8]):
        reply = answer(head + rest)
        assert reply.broke == ""
        assert reply.made is None


def test_bounds_are_told_exactly() -> None:
    for size in ((160, 160), (1920, 1920)):
        video.check_picture(*size)
    for size in ((159, 400), (1921, 400), (400, 1936)):
        with pytest.raises(VideoTooManyPixels):
            video.check_picture(*size)
    check_length(video.MIN_MS)
    check_length(video.MAX_MS)
    for wrong in (video.MIN_MS - 1, video.MAX_MS + 1):
        with pytest.raises(video.VideoTooLong):
            check_length(wrong)


LOCALES = ("ja", "en")


def test_rights_description_and_transcript_are_required() -> None:
    alts, said = {"ja": " 池 ", "en": " "}, {"ja": "言葉はない"}
    assert check("花子", alts, said, LOCALES) == ({"ja": "池"}, {"ja": "言葉はない"})
    for credit, seen, heard, field in (
        (" ", alts, said, "credit"), ("x" * 201, alts, said, "credit"),
        ("x", {"en": "Pool"}, said, "alts"), ("x", alts, {}, "transcripts"),
        ("x", {"ja": "a" * 201}, said, "alts"), ("x", alts, {"ja": "a" * 3_001}, "transcripts"),
        ("x", alts, {"ja": "a", "xx": "b"}, "transcripts"),
    ):  # fmt: skip
        with pytest.raises(InvalidFields) as refused:
            check(credit, seen, heard, LOCALES)
        assert [name for name, _ in refused.value.fields] == [field]


def test_the_writer_tells_where_each_sample_lies() -> None:
    body = struct.pack(">I", 5) + b"\x65\x88\x84ab"
    one = line(samples=50, body=body)
    other = Line(1_000, one.entry, one.samples, (640, 368), shown=5_000)
    content = made_of(one, other)
    for track in Reader(content).tracks():
        for each in track.samples:
            assert content[each.start : each.start + each.size] == body
