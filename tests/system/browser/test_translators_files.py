"""Files for translators in a real browser: what is wrong is said in the reader's words."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.system.browser.conftest import DESK, Visit
from tests.system.look import look

pytestmark = [pytest.mark.platform, pytest.mark.browser]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ja", ("8つのセル", "見出しがもとのファイルと違います")),
        ("ko", ("8칸", "제목이 원래 파일과")),
    ],
)
def test_a_damaged_table_is_told_line_by_line(
    visit: Callable[..., Visit], tmp_path: Path, language: str, said: tuple[str, str]
) -> None:
    editor = visit(language, size=DESK)
    editor.sign_in("editor")
    page = editor.open("/studio/exchange")
    page.select_option("#out-in", "en")
    page.check("[name=format][value=csv]")
    page.uncheck("[name=unfinished]")
    with page.expect_download() as download:
        page.click("form[action='/studio/exchange/file'] button")
    whole = Path(download.value.path()).read_text(encoding="utf-8-sig")
    heading, row = whole.splitlines()[:2]
    for content, words, quoted in (
        (f"{heading}\n{row},one more\n", said[0], "9"),
        (f"id,text\n{row}\n", said[1], "stop_code"),
    ):
        file = tmp_path / "en.csv"
        file.write_text(content, encoding="utf-8")
        page.select_option("#back-in", "en")
        page.set_input_files("[name=file]", file)
        page.click("button[name=action][value=preview]")
        problem = page.locator(".studio-problems > li")
        expect(problem).to_contain_text(words)
        expect(problem.locator("code")).to_contain_text(quoted)
        look(page, f"exchange-damaged-{language}")
    # The refusals are logged by the browser itself; nothing else may be.
    assert all("status of 422" in each for each in editor.complaints), editor.complaints
    editor.complaints.clear()
