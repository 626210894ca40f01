"""Sentences are laid along a recording by its pauses; what does not fit gets no captions."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.multilingual.domain import captions
from services.multilingual.domain.alignment import Pause, align, pieces, weight
from services.multilingual.domain.narration import Paragraph, Text, Topic
from services.multilingual.gateways.sound_maker import answer, quiet
from tests.unit.multilingual.test_sound_maker import RATE, file, tone

JA = Text(
    "百枚皿", "ひゃくまいざら",
    (Paragraph("what", Topic.FORMATION, "皿を並べたような池の群れが、斜面に広がります。「縮皿」とも"
               "呼ばれました。"),
     Paragraph("size", Topic.SIZE, "500枚以上あります。大きな皿は径4mを超えます。")),
)  # fmt: skip
EN = Text(
    "Hundred Plates", "",
    (Paragraph("what", Topic.FORMATION, "Pools spread over the slope like plates. Is one 3.5 m"
               " wide? Yes."),
     Paragraph("how", Topic.FORMATION, "Where water runs over an edge, calcite is left behind,"
               " and the edge grows.")),
)  # fmt: skip
SECONDS_A_SOUND = 0.13


def read_aloud(
    text: Text, seed: int, *, name: bool
) -> tuple[list[Pause], int, dict[tuple[str, int], int]]:
    """Reads a text as somebody might: each sentence a tenth faster or slower than the last, breaths
    at some commas, rests between sentences. Returns pauses, length and where sentences began."""
    dice = random.Random(seed)
    pauses: list[Pause] = []
    began: dict[tuple[str, int], int] = {}
    at = 250
    said = [(text.name, "", 0)] if name else []
    said += [(each.text, each.paragraph_id, each.start) for each in pieces(text)]
    for number, (words, paragraph_id, start) in enumerate(said):
        if number:
            rest = dice.randint(420, 900)
            pauses.append(Pause(at, at + rest))
            at += rest
        began[(paragraph_id, start)] = at
        pace = SECONDS_A_SOUND * dice.uniform(0.88, 1.12)
        for part in words.replace("，", "、").replace(", ", "、").split("、"):
            if part is not words.split("、")[0] and dice.random() < 0.6:
                breath = dice.randint(170, 330)
                pauses.append(Pause(at, at + breath))
                at += breath
            at += round(weight(part) * pace * 1000)
    return pauses, at + 250, began


@pytest.mark.parametrize("text", [JA, EN], ids=["ja", "en"])
@pytest.mark.parametrize("named", ["name", "no name"])
def test_each_sentence_is_shown_when_it_begins(text: Text, named: str) -> None:
    off, shown = 0, 0
    for seed in range(60):
        pauses, length, began = read_aloud(text, seed, name=named == "name")
        cues = align(text, pauses, length)
        if not cues:
            continue
        shown += 1
        captions.check(cues, length)
        assert cues[-1].end_ms == length
        for each in cues[1:]:
            off += abs(each.start_ms - began.get((each.paragraph_id, each.start), -1000)) > 100
    assert shown >= 57, "reading well is enough for captions"
    assert off <= 6, "of some 250 sentences"


def test_where_sentences_stand_in_their_paragraph_and_dots_inside_numbers() -> None:
    found = pieces(EN)
    assert [each.text for each in found] == [
        "Pools spread over the slope like plates.", "Is one 3.5 m wide?", "Yes.",
        "Where water runs over an edge, calcite is left behind, and the edge grows.",
    ]  # fmt: skip
    paragraphs = EN.by_id()
    assert all(
        paragraphs[each.paragraph_id].text[each.start : each.end] == each.text for each in found
    )
    assert [each.text for each in pieces(JA)][1] == "「縮皿」とも呼ばれました。"


def test_half_of_the_text_or_a_single_breath_gets_no_captions() -> None:
    pauses, length, _ = read_aloud(JA, 1, name=True)
    assert align(JA, pauses, length)
    assert align(JA, [], length) == ()
    assert align(JA, pauses[:1], pauses[1].start_ms) == ()
    assert align(Text("池", "いけ", ()), pauses, length) == ()
    other = Text(
        "x", "", (Paragraph("a", Topic.FORMATION, "長い長い長い長い長い長い文です。は。ひ。ふ。"),)
    )
    assert align(other, pauses, length) == ()


def test_rests_that_are_anywhere_mostly_get_no_captions() -> None:
    """Not always: with many rests some way to lay four sentences fits by chance."""
    laid = 0
    for seed in range(200):
        dice = random.Random(seed)
        at, pauses = 250, []
        for _ in range(dice.randint(4, 8)):
            at += dice.randint(300, 5_000)
            pauses.append(Pause(at, at + dice.randint(200, 900)))
            at = pauses[-1].end_ms
        laid += bool(align(JA, pauses, at + dice.randint(300, 5_000)))
    assert 20 < laid < 100


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(1, 3_000), max_size=40),
    st.lists(st.text("あ漢a1。. \n、", max_size=30), max_size=4),
)  # fmt: skip
def test_whatever_is_read_captions_are_whole_or_none(
    steps: list[int], paragraphs: list[str]
) -> None:
    edges = np.cumsum([0, *steps]).tolist()
    pauses = [Pause(a, b) for a, b in zip(edges[1::2], edges[2::2], strict=False)]
    length = edges[-1] + 500
    text = Text("池", "", tuple(
        Paragraph(f"p{at}", Topic.FORMATION, each) for at, each in enumerate(paragraphs)
    ))  # fmt: skip
    cues = align(text, pauses, length)
    captions.check(cues, length)
    if cues:
        assert (cues[0].start_ms, cues[-1].end_ms) == (0, length)
        assert {each.end_ms for each in cues[:-1]} <= {each.end_ms for each in pauses}


def test_a_room_with_a_hum_has_its_pauses_too() -> None:
    dice = np.random.default_rng(3)
    gap = np.zeros(int(0.5 * RATE))
    stop = np.zeros(int(0.08 * RATE))  # inside a word
    voice = np.concatenate([tone(1), gap, tone(0.6), stop, tone(0.6), gap, tone(1.2)])
    for hum in (0.0, 0.001, 0.005):
        heard = voice + hum * dice.standard_normal(len(voice))
        found = quiet(heard, RATE)
        assert len(found) == 2, hum
        assert found[0][0] == pytest.approx(1_000, abs=45)
        assert found[1] == pytest.approx((2_780, 3_280), abs=45)
    assert quiet(np.zeros(0), RATE) == ()


def test_the_pauses_are_those_of_the_mp3() -> None:
    said = np.concatenate([np.zeros(RATE), tone(1), np.zeros(RATE // 2), tone(1)])
    reply = answer(file(said))
    [(begin, end)] = reply.pauses  # a quarter of a second of silence is kept before the voice
    assert begin == pytest.approx(250 + 1_000 + 46, abs=45)
    assert end - begin == pytest.approx(500, abs=45)
