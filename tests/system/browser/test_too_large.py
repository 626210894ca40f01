"""Files that are too large, at a real server: the page stays, before and after they are sent."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.system.browser.conftest import Visit
from tests.system.browser.phones import codes
from tests.system.look import check_axe, look

pytestmark = [pytest.mark.platform, pytest.mark.browser]


def test_without_a_script_the_page_comes_again_with_what_was_typed(
    visit: Callable[..., Visit], tmp_path: Path
) -> None:
    """The file is sent to its end, for no browser reads an answer before."""
    code = codes(visit("ja"))[0]
    editor = visit("ja", java_script_enabled=False)
    editor.sign_in("editor")
    page = editor.open(f"/studio/stops/{code}/videos")
    film, poster = tmp_path / "film.mp4", tmp_path / "poster.jpg"
    film.write_bytes(bytes(40_000_000))
    poster.write_bytes(b"x")
    page.set_input_files("#video", film)
    page.set_input_files("#poster", poster)
    page.fill("#new-alt", "青い池")
    page.fill("#new-said", "水の音")
    page.fill("#new-credit", "花子")
    page.click("section[aria-labelledby=add] form > p > button")
    expect(page.locator(".notice--bad")).to_contain_text("ファイルは40 MBです。動画は12 MBまでです")
    for field, words in (("#new-alt", "青い池"), ("#new-said", "水の音"), ("#new-credit", "花子")):
        expect(page.locator(field)).to_have_value(words)
    look(page, "studio-video-too-large", barriers=False)
    assert len(editor.complaints) == 1
    assert "413" in editor.complaints.pop()


def test_a_script_tells_it_when_the_file_is_chosen(
    visit: Callable[..., Visit], tmp_path: Path
) -> None:
    code = codes(visit("ja"))[0]
    editor = visit("en")
    editor.sign_in("editor")
    page = editor.open(f"/studio/{code}/ja")
    page.get_by_text("Put in a recording of your own").click()
    large, small = tmp_path / "a.mp3", tmp_path / "b.mp3"
    large.write_bytes(bytes(3_210_000))
    small.write_bytes(bytes(3_000_000))
    page.set_input_files("#sound", large)
    told = page.locator("#sound + .field__error")
    expect(told).to_have_text(
        "The file has 3.3 MB. A recording has at most 3 MB. Cut it shorter or save it as MP3."
    )
    assert not page.evaluate("document.querySelector('#sound').checkValidity()")
    check_axe(page)
    look(page, "studio-sound-too-large")
    page.set_input_files("#sound", small)
    expect(told).to_have_text("")
    assert page.evaluate("document.querySelector('#sound').checkValidity()")
