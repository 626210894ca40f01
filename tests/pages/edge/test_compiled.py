"""Compiled templates are kept, believed only for their own source, and never in the way."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import jinja2
import pytest
from flask import Flask, render_template

from services.edge import compiled

Filter = Callable[..., str]


@pytest.fixture(autouse=True)
def without_the_cache_of_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Flask, "jinja_options", {})


def page(templates: Path, kept: Path, *, trim: bool = False, word: Filter | None = None) -> str:
    """Draws the one page there is, in an application of its own as after a start."""
    app = Flask(__name__, template_folder=str(templates))
    app.jinja_env.trim_blocks = trim
    if word is not None:
        app.jinja_env.filters["word"] = word
    compiled.keep(app, kept, [templates.parent / "code"])
    with app.app_context():
        return render_template("page.html")


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "page.html").write_text("{% if true %}\nfirst{% endif %}")
    return folder


def test_a_page_is_compiled_once_and_anew_when_it_changed(
    tmp_path: Path, templates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    assert page(templates, kept) == "\nfirst"
    with monkeypatch.context() as held:
        held.setattr(jinja2.Environment, "compile", None)  # whoever compiles breaks
        assert page(templates, kept) == "\nfirst"
    (templates / "page.html").write_text("second")
    assert page(templates, kept) == "second"


@jinja2.pass_context
def _said_by_context(context: jinja2.runtime.Context, word: str) -> str:
    return f"{word} by {context.name}"


def test_what_an_earlier_program_compiled_is_not_believed(tmp_path: Path, templates: Path) -> None:
    """A compiled template holds how its filters are called and what they gave for constants."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "words.py").write_text("1")
    (templates / "page.html").write_text("{{ 'a' | word }}")
    kept = tmp_path / "kept"
    assert page(templates, kept, word=str.upper) == "A"
    (tmp_path / "code" / "words.py").write_text("12")
    assert page(templates, kept, word="<{}>".format) == "&lt;a&gt;"
    (tmp_path / "code" / "words.py").write_text("123")
    assert page(templates, kept, word=_said_by_context) == "a by page.html"


def test_what_earlier_programs_kept_goes_after_a_week(tmp_path: Path, templates: Path) -> None:
    kept = tmp_path / "kept"
    page(templates, kept)
    [mine] = kept.iterdir()
    old, young = kept / "0123-x.jinja", kept / "4567-x.jinja"
    for path in (old, young):
        path.write_bytes(b"")
    for path in (old, mine):
        os.utime(path, (0, 0))
    page(templates, kept)
    assert {*kept.iterdir()} == {mine, young}


def test_what_was_compiled_by_other_options_is_not_believed(
    tmp_path: Path, templates: Path
) -> None:
    kept = tmp_path / "kept"
    assert page(templates, kept) == "\nfirst"
    assert page(templates, kept, trim=True) == "first"


def test_pages_open_where_nothing_can_be_kept(tmp_path: Path, templates: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("a file, and no folder")
    assert page(templates, kept) == "\nfirst"
    kept.unlink()
    assert page(templates, kept) == "\nfirst"
    for each in kept.iterdir():
        each.write_bytes(b"broken")
    assert page(templates, kept) == "\nfirst"
    shutil.rmtree(kept)
    assert page(templates, kept) == "\nfirst"


def test_a_folder_that_goes_away_while_pages_are_drawn_is_nobodys_trouble(
    tmp_path: Path, templates: Path
) -> None:
    kept = tmp_path / "kept"
    app = Flask(__name__, template_folder=str(templates))
    compiled.keep(app, kept)
    kept.rmdir()
    with app.app_context():
        assert render_template("page.html") == "\nfirst"
