"""Captions somebody sends: words and times are kept, all else is left out or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.multilingual.domain.captions import Cue, to_vtt
from services.multilingual.domain.vtt import MAX_BYTES, CaptionsRefused, read
from tests.videos import VTT

RICH = """\ufeffWEBVTT - made by a tool
Kind: captions

STYLE
::cue { background: url(https://example.org/x) }

NOTE who made it

REGION
id:fred

one
00:00:01.000 --> 00:00:02.500 line:0 position:20%
<v Hanako>First &lt;line&gt;</v>
<i>second</i>

01:00:00.000 --> 01:00:01.000
Last
"""


def test_only_words_and_times_are_kept() -> None:
    assert read(RICH.encode()) == (
        Cue(1_000, 2_500, "First <line> second"), Cue(3_600_000, 3_601_000, "Last"),
    )  # fmt: skip
    written = to_vtt(read(RICH.encode()))
    for gone in ("STYLE", "url(", "NOTE", "REGION", "Hanako", "line:0"):
        assert gone not in written
    assert [each.text for each in read(VTT.encode())] == ["水が滴る", "音 & 光"]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"1\n00:00:01,000 --> 00:00:02,000\nSRT\n", b"WEBVTT", b"WEBVTT\n\nNOTE nothing\n",
        b"WEBVTTX\n\n00:01.000 --> 00:02.000\nx\n", b"\xff\xfeW\0E\0B\0V\0T\0T\0",
        b"WEBVTT\n\n00:99.000 --> 00:02.000\nx\n", b"WEBVTT\n\n0:1 --> 0:2\nx\n",
        "WEBVTT\n\n00:01.000 --> 00:02.000\na\u202eb\n".encode(),
        b"WEBVTT\n\n" + b"00:01.000 --> 00:02.000\nx\n\n" * 401, b"WEBVTT\n" + b"x" * MAX_BYTES,
        b"<script>alert(1)</script>",
    ],
)  # fmt: skip
def test_what_is_no_webvtt_is_refused_with_what_to_do(content: bytes) -> None:
    with pytest.raises(CaptionsRefused, match=r"\.$|\d$"):
        read(content)


WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=40)


@given(st.lists(st.tuples(st.integers(1, 9_000), st.integers(1, 9_000), WORDS), min_size=1,
                max_size=20))  # fmt: skip
def test_what_is_written_is_read_again(spans: list[tuple[int, int, str]]) -> None:
    at, cues = 0, []
    for pause, length, words in spans:
        cues.append(Cue(at + pause, at + pause + length, words))
        at += pause + length
    assert read(to_vtt(cues).encode()) == tuple(cues)
