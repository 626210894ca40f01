"""A voice with a whole platform: heard, in the pack, erased by a form without a script, gone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.sounds import silent_mp3
from tests.system.browser.conftest import Visit
from tests.system.browser.phones import codes
from tests.system.look import look, until

pytestmark = [pytest.mark.platform, pytest.mark.browser]
HERS = "朗読　消える花子"


def in_pack(visitor: Visit, path: str) -> bool:
    """Tells whether the pack that a phone would load now has a file at an address."""
    address = f"{visitor.site.url}/packs/mine/ja/manifest.json"
    manifest: dict[str, Any] = visitor.context.request.get(address).json()
    return path in {each["path"] for each in manifest["files"]}


def test_whoever_withdraws_is_heard_nowhere_any_longer(
    visit: Callable[..., Visit], tmp_path: Path
) -> None:
    file = tmp_path / "voice.mp3"
    file.write_bytes(silent_mp3(3.2))
    visitor = visit("ja")
    code = codes(visitor)[1]
    editor = visit("ja", java_script_enabled=False)
    editor.sign_in("editor")
    page = editor.open(f"/studio/{code}/ja")
    page.locator("summary", has_text="録音した音声を入れる").click()
    page.set_input_files("#sound", file)
    page.fill("#credit", HERS)
    page.check(".studio-record input[name=speaker_agreed]")
    page.click(".studio-record button")
    sound = page.locator(".studio-sound audio").get_attribute("src")
    assert sound is not None
    stop = visitor.open(f"/g/{code}")
    expect(stop.locator("body")).to_contain_text(HERS)
    assert visitor.context.request.get(f"{visitor.site.url}{sound}").status == 200
    assert in_pack(visitor, sound)

    page.click(".studio-sound a[href*='recordings/erase']")
    group = page.locator("details.voices-of[open]")
    expect(group.locator("summary")).to_contain_text(HERS)
    colleague = visit("en")  # whose browser runs scripts, so that it can be looked at for barriers
    colleague.sign_in("editor")
    look(colleague.open(page.url.removeprefix(editor.site.url)), "voices-en")
    group.locator("input[name=reason]").first.check()
    group.locator("input[name=sure]").check()
    group.locator("button").click()
    expect(page.locator(".notice--ok")).to_contain_text("完全に消しました")
    expect(page.locator("main")).not_to_contain_text(HERS)

    for _ in range(4):  # each of the edge's processes
        assert visitor.context.request.get(f"{visitor.site.url}{sound}").status == 410
    stop = visitor.open(f"/g/{code}")
    until(stop, f"() => !document.body.textContent.includes('{HERS}')")
    assert not in_pack(visitor, sound)
    page = editor.open(f"/studio/{code}/ja")
    assert HERS not in page.content()
