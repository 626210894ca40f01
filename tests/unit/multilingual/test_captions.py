"""Captions: in order, without a gap, as long as the sound; and WebVTT that a browser reads back."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.multilingual.domain.captions import MAX_CUES, Cue, Spoken, check, cues, to_vtt

PHRASES = st.lists(
    st.builds(Spoken, st.text(min_size=1, max_size=20).filter(str.strip), st.integers(0, 200_000)),
    max_size=60,
)
TIME = re.compile(r"(\d\d):(\d\d):(\d\d)\.(\d\d\d)")


def ms(text: str) -> int:
    found = TIME.fullmatch(text)
    assert found, text
    hours, minutes, seconds, rest = map(int, found.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest


@given(PHRASES, st.sampled_from([8_000, 24_000, 48_000]), st.integers(0, 60))
def test_cues_cover_the_sound_in_order_and_never_overlap(
    spoken: list[Spoken], rate: int, delay_ms: int
) -> None:
    made = cues(spoken, rate, delay_ms)
    assert all(each.start_ms < each.end_ms for each in made)
    for before, after in pairwise(made):
        assert before.end_ms == after.start_ms
    if made:
        samples = sum(each.samples for each in spoken)
        assert made[0].start_ms == 0
        assert made[-1].end_ms == delay_ms + round(samples * 1000 / rate)
        check(made, made[-1].end_ms)


@given(PHRASES)
def test_nothing_drifts_however_many_phrases_there_are(spoken: list[Spoken]) -> None:
    """Each border is rounded once, from all samples before it."""
    passed = 0
    borders = set()
    for each in spoken:
        passed += each.samples
        borders.add(round(passed * 1000 / 24_000))
    assert {each.end_ms for each in cues(spoken, 24_000)} <= borders


@given(PHRASES)
def test_webvtt_can_be_read_back(spoken: list[Spoken]) -> None:
    made = cues(spoken, 24_000)
    blocks = to_vtt(made).split("\n\n")
    assert blocks[0].strip() == "WEBVTT"
    assert len(blocks) == len(made) + 1
    for block, cue in zip(blocks[1:], made, strict=True):
        _, times, text = block.strip("\n").split("\n")
        start, arrow, end = times.split(" ")
        assert (ms(start), arrow, ms(end)) == (cue.start_ms, "-->", cue.end_ms)
        assert "<" not in text
        assert ">" not in text


def test_a_cue_is_named_after_its_place_on_the_page() -> None:
    text = to_vtt([Cue(0, 900, "池"), Cue(900, 61_500, "a & <b>", "what", 3, 9)])
    assert text.splitlines() == [
        "WEBVTT", "", "1", "00:00:00.000 --> 00:00:00.900", "池", "",
        "what:3-9", "00:00:00.900 --> 00:01:01.500", "a &amp; &lt;b&gt;",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        [Cue(0, 0, "a")],
        [Cue(-1, 5, "a")],
        [Cue(0, 900, "a"), Cue(800, 1000, "b")],
        [Cue(500, 900, "a"), Cue(0, 400, "b")],
        [Cue(0, 900, "  ")],
        [Cue(0, 900, "a" * 501)],
        [Cue(0, 900, "a", "what", 4, 3)],
        [Cue(0, 99_000, "a")],
        [Cue(each, each + 1, "a") for each in range(MAX_CUES + 1)],
    ],
)
def test_captions_that_fit_no_sound_are_refused(wrong: list[Cue]) -> None:
    with pytest.raises(InvalidFields):
        check(wrong, 2_000)
