"""The voice that comes along for Japanese. What needs its parts runs where they are installed
(`./meguri guide speak --help` installs them)."""

import importlib.util
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.multilingual.cli import _rows
from services.multilingual.domain import sound
from services.multilingual.domain.narration import Paragraph, Text, Topic
from services.multilingual.domain.speech import Term, sentences
from services.multilingual.gateways import mp3
from services.multilingual.gateways.loudness import TARGET_LUFS, loudness
from services.multilingual.gateways.open_jtalk import Mei, dictionary_line, pronounced
from services.multilingual.gateways.speech import VoiceAway, load, narrate

# The voice's own parts call an older name of theirs.
pytestmark = pytest.mark.filterwarnings("ignore:Dictionary.create:DeprecationWarning")
needs_voice = pytest.mark.skipif(
    importlib.util.find_spec("pyopenjtalk") is None,
    reason="the voice is not installed: ./meguri guide speak --help installs it",
)
KANA = (
    "アイウエオカガキギクグケゲコゴサシスセソタチツテトナニヌネノハヒフヘホ"
    "マミムメモヤユヨラリルレロワンッャュョー"
)


def test_a_line_of_the_dictionary_has_reading_sound_accent_and_morae() -> None:
    assert dictionary_line(Term("秋芳洞", "あきよしどう", 5)) == (
        "秋芳洞,,,-20000,名詞,固有名詞,一般,*,*,*,秋芳洞,アキヨシドウ,アキヨシドー,5/6,*\n"
    )
    # A blank parts two words: their vowels are not joined. One letter must not tear words apart.
    assert ",ナガレイシ,ナガレイシ,3/5," in dictionary_line(Term("流れ石", "ながれ いし", 3))
    assert dictionary_line(Term("径", "けい", 9)).startswith("径,,,3000,")
    assert ",2/2," in dictionary_line(Term("径", "けい", 9))
    assert ",0/3," in dictionary_line(Term("六種", "ろくしゅ"))


@given(st.text(KANA, max_size=20))
def test_joined_vowels_change_no_number_of_morae(read: str) -> None:
    said = pronounced(read)
    assert len(said) == len(read)
    assert all(new in ("ー", old) for new, old in zip(said, read, strict=True))


def test_what_is_not_installed_says_how_to_get_it() -> None:
    with pytest.raises(VoiceAway, match=r"\./meguri guide speak"):
        load("no_such_voice_at_all")


@pytest.fixture(scope="module")
def mei() -> Mei:
    rows = _rows(Path(__file__).parents[3] / "data" / "mine" / "terms.csv")
    return Mei([Term(row["term"], row["reading"], int(row["accent"] or 0)) for row in rows])


@needs_voice
@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("秋芳洞", "あきよしどう"), ("洞内", "どうない"), ("石灰華", "せっかいか"),
        ("千町田", "ちまちだ"), ("黄金柱", "こがねばしら"), ("流れ石", "ながれいし"),
        ("径", "けい"), ("直径", "ちょっけい"), ("縁側", "えんがわ"),
    ],
)  # fmt: skip
def test_names_are_read_as_the_term_base_says(mei: Mei, written: str, read: str) -> None:
    assert mei.reads_as(written) == read


@needs_voice
def test_a_word_in_no_dictionary_is_named(mei: Mei) -> None:
    assert mei.unknown("川が流れ出てくる、大きな岩の口です。") == ()
    assert mei.unknown("龘龘淵がある。") != ()


@needs_voice
def test_a_phrase_is_as_long_as_the_synthesizer_made_it(mei: Mei) -> None:
    """Spoken phrase by phrase or in one piece, a sentence takes the same time."""
    text = Text("池", "いけ", (Paragraph("what", Topic.SIZE, "水が、岩から、落ちます。"),))
    sentence = sentences(text, mei.reads_as)[1]
    piece = mei.say(sentence)
    whole = mei._wave(mei._labels("水が、岩から、落ちます。"))
    assert len(piece.lengths) == 3
    assert sum(piece.lengths) == len(piece.wave) == len(whole)


@needs_voice
def test_a_text_becomes_a_small_sound_at_the_usual_loudness(mei: Mei) -> None:
    text = Text(
        "秋芳洞", "あきよしどう",
        (Paragraph("what", Topic.FORMATION, "方解石（ほうかいせき）が縁に積もり、皿が育ちます。"),),
    )  # fmt: skip
    made = narrate(mei, text, mp3.DELAY_MS)
    content = mp3.encode(made.wave, made.rate)
    found = sound.look(content)
    assert found.media_type == sound.MP3
    assert len(content) == pytest.approx(found.duration_ms * mp3.KBIT / 8, rel=0.05)
    assert made.cues[-1].end_ms == pytest.approx(found.duration_ms, abs=60)
    assert loudness(made.wave, made.rate) == pytest.approx(TARGET_LUFS, abs=1)
