"""What others wrote cannot steer a terminal, whichever command tells of it."""

import io
import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from cli import terminal

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp.exe\u2028\r\x00\u200b\ufeff\u2060\U000e0041"


@given(st.text() | st.text(alphabet="\x00\x1b\x7f\x9b\u202e\u2066\u2029\ud800a\n\t", max_size=20))
def test_a_text_is_plain_and_nothing_of_it_is_lost(text: str) -> None:
    shown = terminal.plain(text)
    kinds = {unicodedata.category(letter) for letter in shown if letter not in "\n\t"}
    assert not kinds & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(shown) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200e\u200f\u061c")
    shown.encode()
    assert terminal.plain(shown) == shown
    for letter in text:
        assert (
            letter in shown or json.dumps(letter)[1:-1] in shown or f"\\u{ord(letter):04x}" in shown
        )


@given(st.text())
def test_a_cell_is_one_short_line(text: str) -> None:
    shown = terminal.cell(text)
    assert "\n" not in shown
    assert len(shown) <= 60


def test_japanese_stays_as_it_is() -> None:
    name = "秋芳洞「百枚皿」 ＡＢ é 👨‍👩‍👧 ไทย"
    assert terminal.plain(name) == terminal.cell(name) == name
    assert terminal.width("秋芳a") == 5


def test_a_guarded_stream_is_the_stream_but_for_controls() -> None:
    own = io.StringIO()
    stream = terminal.guarded(own)
    stream.writelines([HOSTILE, "\n"])
    print(f"a{HOSTILE}b", file=stream, flush=True)
    assert not set(own.getvalue()) & set(HOSTILE) - set("]0;owned[2J31mgnp.exe")
    assert own.getvalue().endswith("b\n")
    assert not stream.isatty()
    terminal.redraw(stream, f"3 of 5 {HOSTILE}")
    terminal.redraw(stream)
    assert own.getvalue().count("\x1b") == 2  # our own, which clears the line


def test_a_json_document_means_the_same_behind_the_guard() -> None:
    own = io.StringIO()
    print(json.dumps({"name": HOSTILE}, ensure_ascii=False), file=terminal.guarded(own))
    assert json.loads(own.getvalue()) == {"name": HOSTILE}
    assert not {"\x9b", "\u202e"} & set(own.getvalue())
