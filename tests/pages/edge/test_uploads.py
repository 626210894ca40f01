"""Forms that are too large: what was typed is read while the file runs through, and no more."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from services.edge import uploads
from services.edge.uploads import read_typed

EDGE = b"--b0undary"


def form(*parts: tuple[str, str | bytes]) -> bytes:
    """Returns a form as browsers write it; bytes are a file."""
    made = b""
    for name, value in parts:
        is_file = isinstance(value, bytes)
        more = b'; filename="a.jpg"\r\nContent-Type: image/jpeg' if is_file else b""
        made += EDGE + b'\r\nContent-Disposition: form-data; name="' + name.encode() + b'"' + more
        made += b"\r\n\r\n" + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
    return made + EDGE + b"--\r\n"


def pieces(body: bytes, size: int) -> Iterator[bytes]:
    return (body[at : at + size] for at in range(0, len(body), size))


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=40)


@given(
    st.lists(st.tuples(st.sampled_from(["credit", "alt-ja"]), WORDS), max_size=4),
    st.binary(max_size=300).filter(lambda file: EDGE not in file),
    st.lists(st.tuples(st.sampled_from(["alt-en", "x"]), WORDS), max_size=4),
    st.integers(1, 200),
)
def test_words_before_and_behind_a_file_are_kept_however_it_comes(
    before: list[tuple[str, str]], file: bytes, behind: list[tuple[str, str]], size: int
) -> None:
    body = form(*before, ("photo", file), *behind)
    found, sizes = read_typed(pieces(body, size), EDGE[2:], len(body))
    assert found == [*before, *behind]
    assert sizes == {"photo": len(file)}


@given(st.binary(max_size=400), st.integers(1, 50))
def test_no_body_whatsoever_breaks_the_reader(body: bytes, size: int) -> None:
    found, sizes = read_typed(pieces(EDGE + b"\r\n" + body, size), EDGE[2:], 7)
    assert isinstance(found, list)
    assert isinstance(sizes, dict)


def test_of_a_form_that_breaks_off_what_came_before_is_kept() -> None:
    whole = form(("credit", "花子"), ("photo", bytes(5_000)), ("alt-ja", "池"))
    found, sizes = read_typed(pieces(whole[:2_000], 100), EDGE[2:], 12_345)
    assert found == [("credit", "花子")]
    assert sizes == {"photo": 12_345}  # nobody can tell; it is not told smaller


def test_text_without_an_end_is_not_kept() -> None:
    most = uploads.TYPED_BYTES
    text = form(("credit", "花子"), ("alt-ja", "a" * (most + 1)), ("alt-en", "b"))
    assert read_typed(pieces(text, 65_536), EDGE[2:], 9)[0] == [("credit", "花子")]
    head = EDGE + b"\r\nX: " + b"a" * (2 * most)
    taken = 0

    def counted() -> Iterator[bytes]:
        nonlocal taken
        for piece in pieces(head * 5, 65_536):
            taken += len(piece)
            yield piece

    assert read_typed(counted(), EDGE[2:], 9) == ([], {})
    assert taken < most + 2 * 65_536
    many = form(*[(f"f{at}", "") for at in range(uploads.PARTS_MOST + 5)])
    assert len(read_typed(pieces(many, 65_536), EDGE[2:], 9)[0]) <= uploads.PARTS_MOST


@pytest.mark.parametrize("bound", ["RUNS_THROUGH_BYTES", "RUNS_THROUGH_S"])
def test_a_file_runs_through_only_so_far(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    monkeypatch.setattr(
        uploads, bound, {"RUNS_THROUGH_BYTES": 200_000, "RUNS_THROUGH_S": -1}[bound]
    )
    body = io.BytesIO(bytes(10_000_000))
    taken = sum(len(piece) for piece in uploads._pieces(body))
    assert 0 < taken < 300_000
    assert body.tell() == taken


def test_a_body_of_the_server_gives_its_own_pieces() -> None:
    class Body:
        def pieces(self) -> Iterator[bytes]:
            yield from (b"a", b"b")

        def read(self, _size: int) -> Any:
            raise AssertionError("kept whole")

    assert list(uploads._pieces(Body())) == [b"a", b"b"]


def test_every_form_with_a_file_comes_again(app: Flask) -> None:
    """A new one says which page does: uploads.comes_again."""
    forms = [
        (path, form[0])
        for path in Path(uploads.__file__).parent.glob("*/templates/**/*.html")
        for form in re.finditer(r'<form [^>]*enctype="multipart/form-data"[^>]*', path.read_text())
    ]
    assert len(forms) >= 8
    for path, form in forms:
        said = re.search(r'action="([^"]+)"', form)
        assert said is not None, path
        action = re.sub(r"\{\{ here \}\}", "/studio/stops/K7Q2X/videos", said[1])
        action = re.sub(r"\{\{[^}]*\}\}", "x", action)
        endpoint, _values = app.url_map.bind("localhost").match(action, "POST")
        assert hasattr(app.view_functions[endpoint], uploads.MARK), (path, action)
