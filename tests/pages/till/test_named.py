"""The receipt with a name: on the paper, and nowhere else."""

import logging

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from services.edge.till import named
from tests.pages.edge.fakes import FakeServices
from tests.pages.till.test_no_answer import HIDDEN
from tests.pages.till.test_sale import EN, Payments, payments

__all__ = ["payments"]

PATH = "/till/payments/p-1/receipt"


def make(till: FlaskClient, **typed: str) -> tuple[int, str]:
    page = till.get(PATH, headers=EN).text
    form = dict(HIDDEN.findall(page[page.index(f'action="{PATH}"') :]))
    answer = till.post(PATH, data={**form, **typed}, headers=EN)
    return answer.status_code, answer.text


@pytest.fixture(autouse=True)
def signed_in(payments: Payments) -> None:
    """A clerk whose payment has a receipt."""


def test_it_names_whom_and_what_for(browser: FlaskClient) -> None:
    status, page = make(browser, name="株式会社 大正洞", purpose="入洞料として", width="58")
    slip = page[page.index("<article") : page.index("</article>")]
    assert status == 200
    assert "<span>株式会社 大正洞</span> 様" in slip
    assert "但し 入洞料として" in slip
    assert "¥1,300" in slip
    assert "slip--58" in slip
    assert "再発行" not in slip


def test_a_second_one_says_so(browser: FlaskClient) -> None:
    _, page = make(browser, name="山田", reissued="1")
    assert "再発行" in page[page.index("<article") : page.index("</article>")]


def test_without_words_it_has_the_usual_ones(browser: FlaskClient) -> None:
    _, page = make(browser, name=" ", purpose="", width="9")
    assert "<span>上</span> 様" in page
    assert "但し お品代として" in page
    assert "slip--80" in page


@pytest.mark.parametrize("typed", [{"name": "長" * 41}, {"purpose": "a\nb"}, {"name": "\x07"}])
def test_what_does_not_fit_is_refused(browser: FlaskClient, typed: dict[str, str]) -> None:
    status, page = make(browser, **typed)
    assert status == 422
    assert "slip__name" not in page


def test_a_name_goes_to_no_service_and_no_log(
    browser: FlaskClient, services: FakeServices, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    make(browser, name="山田花子", purpose="秘密の品")
    said = " ".join(str(request) for _, request, _ in services.calls) + caplog.text
    assert "山田" not in said
    assert "秘密" not in said


def test_a_name_is_text_and_no_markup(browser: FlaskClient) -> None:
    _, page = make(browser, name="<b>x</b>")
    assert "<b>x</b>" not in page


@given(st.text(max_size=60), st.text(max_size=60))
def test_what_is_written_fits_on_the_paper(name: str, purpose: str) -> None:
    found = named.read(name, purpose)
    if found is not None:
        assert 0 < len(found.name) <= named.MAX_LENGTH
        assert 0 < len(found.purpose) <= named.MAX_LENGTH
        assert (found.name + found.purpose).isprintable()
