"""Photos of a stop: put in by a form without a script, seen by visitors, and without a signal."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import photos
from tests.system.browser.conftest import Visit
from tests.system.browser.phones import codes, loaded, patience, phone_in
from tests.system.look import check_axe, shoot, until

pytestmark = [pytest.mark.platform, pytest.mark.browser, pytest.mark.timeout(120)]
__all__ = ["patience", "phone_in"]
SEEN = "() => { const one = document.querySelector('.photo img'); return one.complete && one.naturalWidth }"  # noqa: E501 - a script reads best unbroken


def test_a_photo_is_put_in_seen_kept_and_taken_away(
    visit: Callable[..., Visit], phone_in: Callable[..., Visit], tmp_path: Path
) -> None:
    file = tmp_path / "IMG_0001.jpg"
    file.write_bytes(photos.located(6))
    phone = phone_in("ja")
    code = codes(phone)[0]
    editor = visit("ja", java_script_enabled=False)
    editor.sign_in("editor")
    page = editor.open(f"/studio/stops/{code}/photos")
    page.set_input_files("#photo", file)
    page.fill("#new-alt", "青い池")
    page.fill("#new-credit", "秋芳町 花子")
    page.click("section[aria-labelledby=add] form > p > button")
    expect(page.locator(".notice--ok")).to_contain_text("公開しました")

    kept = loaded(phone)
    phone.context.set_offline(True)
    kept.goto(f"{phone.site.url}/g/{code}")
    picture = kept.locator(".photo img")
    expect(picture).to_have_attribute("alt", "青い池")
    picture.scroll_into_view_if_needed()
    until(kept, SEEN)
    assert kept.evaluate("document.querySelector('.photo img').naturalWidth") == 480
    expect(kept.locator(".photo figcaption")).to_have_text("写真：秋芳町 花子")
    check_axe(kept)
    shoot(kept, "photo-ja")
    phone.context.set_offline(False)

    page.click("li.studio-photo button[value=removed]")
    expect(page.locator(".notice--ok")).to_contain_text("外しました")
    page.click(".notice--ok button")
    expect(page.locator("li.studio-photo")).to_have_count(1)
    page.click("li.studio-photo button[value=removed]")
    expect(page.locator("ol.studio-photos").first.locator("li")).to_have_count(0)
