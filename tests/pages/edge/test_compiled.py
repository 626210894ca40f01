"""Compiled templates are kept, believed only for their own source, and never in the way."""

import shutil
from pathlib import Path

import jinja2
import pytest
from flask import Flask, render_template

from services.edge import compiled


@pytest.fixture(autouse=True)
def without_the_cache_of_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Flask, "jinja_options", {})


def page(templates: Path, kept: Path, *, trim: bool = False) -> str:
    """Draws the one page there is, in an application of its own as after a start."""
    app = Flask(__name__, template_folder=str(templates))
    app.jinja_env.trim_blocks = trim
    compiled.keep(app, kept)
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
