"""Signs before there is an address: a trial says so on its sheet, in the list, and cannot hang."""

import io
from collections.abc import Callable

import pypdf
import pytest
from playwright.sync_api import expect

from tests.system.browser.conftest import Visit
from tests.system.look import blob, look

pytestmark = [pytest.mark.platform, pytest.mark.browser]
PRINT = """async () => {
  const form = document.querySelector(".studio-signs");
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  const kind = answer.headers.get("content-type");
  if (kind !== "application/pdf") throw new Error(`printed as ${kind}`);
  return answer.blob();
}"""  # noqa: E501 - a script reads best unbroken


def test_a_trial_print_is_called_one_everywhere(visit: Callable[..., Visit]) -> None:
    editor = visit("ja")
    editor.sign_in("editor")
    page = editor.open("/studio/signs")
    expect(page.get_by_text("試し刷り・掲示しないでください")).to_have_count(0)
    page.check("[name=force]")
    first = page.locator("li.studio-sign").first
    first.locator("[name=stop]").check()
    [sheet] = pypdf.PdfReader(io.BytesIO(blob(page, PRINT))).pages
    said = sheet.extract_text()
    assert "試し刷り" in said
    assert "Trial print" in said

    page.reload()
    first = page.locator("li.studio-sign").first
    expect(first.locator(".badge")).to_have_text("試し刷り・掲示しないでください")
    expect(first).to_contain_text("公開アドレスが決まったら、印刷し直してください")
    expect(page.get_by_text("内容が古くなっています")).to_have_count(0)
    look(page, "studio-signs-trial")

    first.locator("[name=stop]").check()
    page.click("button[name=hung]")
    expect(page.locator(".notice--bad")).to_contain_text("試し刷りは掲示できません")
    editor.complaints[:] = [each for each in editor.complaints if "status of 422" not in each]
