"""Words that two pages share: a form that another part of the site shows keeps its own meaning."""

from functools import cache

import pytest
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from infra.local.home import ROOT
from kit.pure.languages import LOCALES, STAFF_LOCALES
from meguri.directory.v1 import directory_service_pb2 as pb
from tests.pages.edge.fakes import FakeServices, mine

EDGE = ROOT / "services" / "edge"
TRANSLATED = [tag.replace("-", "_") for tag in STAFF_LOCALES if tag != "en"]


@cache
def texts(owner: str, tag: str) -> dict[str, str]:
    """Translations of one part of the edge by English text."""
    with (EDGE / owner / "translations" / tag / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id}


@pytest.mark.parametrize("tag", TRANSLATED)
@pytest.mark.parametrize("host", ["studio", "admin"])
def test_the_form_of_closures_says_the_same_wherever_it_stands(host: str, tag: str) -> None:
    # The page that shows the form is asked first for a translation: "closed" of a place was once
    # "settled" of a message there.
    own, others = texts("closing", tag), texts(host, tag)
    assert {
        text: others[text] for text in own.keys() & others.keys() if own[text] != others[text]
    } == {}


@pytest.mark.parametrize(
    "locale", [tag for tag in LOCALES if tag not in {"en", "zh-Hant", "zh-Hans"}]
)
def test_an_answer_to_a_visitor_is_not_an_order_to_answer(
    services: FakeServices, browser: FlaskClient, locale: str
) -> None:
    area = mine()
    del area.locales[:]
    area.locales.extend(LOCALES)
    services.answers["ListAreas"] = lambda _: pb.ListAreasResponse(areas=[area])
    order = texts("visitor", locale)["Answer"]
    page = browser.get("/help/answers", headers={"Accept-Language": locale}).text
    assert f"<h1>{order}</h1>" not in page
    assert "<h1>" in page
