"""Visitors may have more languages than the pages of the staff."""

from pathlib import Path

import pytest
from babel.support import Translations
from flask.testing import FlaskClient

from cli import build
from kit.pure.languages import LOCALES, NAMES, STAFF_LOCALES
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from services.edge import language
from services.edge.freshness import Watch
from services.edge.language import for_staff, staff_locales
from services.edge.parts import Parts
from tests.pages.edge.fakes import SESSION, FakeServices, mine

FRENCH = {"Accept-Language": "fr-FR,fr;q=0.9,en;q=0.5"}


@pytest.fixture
def many(services: FakeServices, browser: FlaskClient) -> FlaskClient:
    """The browser of an area that publishes every language there is."""
    area = mine()
    del area.locales[:]
    area.locales.extend(LOCALES)
    services.answers["ListAreas"] = lambda _: pb.ListAreasResponse(areas=[area])
    return browser


@pytest.mark.parametrize("locale", LOCALES)
def test_a_visitor_is_met_in_every_language_of_the_area(many: FlaskClient, locale: str) -> None:
    page = many.get("/", headers={"Accept-Language": locale}).text
    assert f'<html lang="{locale}"' in page
    assert all(f'value="{tag}" lang="{tag}"' in page for tag in LOCALES)
    assert all(NAMES[tag] in page for tag in LOCALES)


def test_who_comes_without_a_car_reads_at_once_that_a_day_is_planned_for_them_too(
    many: FlaskClient,
) -> None:
    page = many.get("/", headers={"Accept-Language": "en"}).text
    assert "With or without a car, back in time." in page
    assert "car or on foot" not in page
    assert "Avec ou sans voiture" in many.get("/", headers=FRENCH).text


def test_the_guide_is_met_where_it_is_published_and_buttons_everywhere(
    many: FlaskClient, services: FakeServices, parts: Parts
) -> None:
    def changes(_request: object) -> guide_pb.ListStopChangesResponse:
        return guide_pb.ListStopChangesResponse(
            change_number=services.change_number, published_locales=published
        )

    published = ["en", "ja"]
    services.answers["ListStopChanges"] = changes
    watch = Watch(parts)
    watch.check()
    for path in ("/", "/g/", "/g/8WXC3", "/map", "/pack"):
        page = many.get(path, headers=FRENCH).text
        assert '<html lang="en"' in page, path
        assert "Cette page" in page, path
        assert 'value="fr"' not in page, path
    assert many.get("/packs/mine/fr/manifest.json").status_code == 404
    assert '<html lang="fr"' in many.get("/help", headers=FRENCH).text
    published.append("fr")
    services.change_number += 1
    watch.check()
    page = many.get("/g/8WXC3", headers=FRENCH).text
    assert '<html lang="fr"' in page
    assert "Cette page" not in page


def test_staff_choose_among_the_languages_of_their_pages(many: FlaskClient) -> None:
    many.set_cookie("meguri_session", SESSION)
    many.set_cookie("meguri_locale", "fr")
    page = many.get("/admin/closures", headers=FRENCH).text
    assert '<html lang="en"' in page
    assert all(f'value="{tag}" lang="{tag}"' in page for tag in STAFF_LOCALES)
    assert NAMES["fr"] not in page


def test_an_area_without_a_language_of_the_staff_is_run_in_english() -> None:
    assert staff_locales(("fr", "ja", "de")) == ("ja",)
    assert staff_locales(("fr", "de")) == ("en",)


@pytest.mark.parametrize(
    ("path", "staff"),
    [("/till", True), ("/till/display", True), ("/studio/K7Q2X/fr", True), ("/", False),
     ("/g/K7Q2X", False), ("/plan", False), ("/login", False)],
)  # fmt: skip
def test_which_pages_are_the_staff_s(path: str, staff: bool) -> None:  # noqa: FBT001 - a case
    assert for_staff(path) is staff


def test_catalogs_built_beside_their_sources_say_what_those_say(tmp_path: Path) -> None:
    """The build's file is read where it was made of this very source, the source elsewhere."""
    folders = language.folders()
    for locale in ("ja", "zh_Hant"):
        copies = []
        for number, folder in enumerate(folders):
            source = folder / locale / "LC_MESSAGES" / "messages.po"
            if source.exists():
                copy = tmp_path / str(number) / locale / "LC_MESSAGES" / "messages.po"
                copy.parent.mkdir(parents=True)
                copy.write_bytes(source.read_bytes())
                copies.append(tmp_path / str(number))
        built, read = language.load(folders, locale), language.load(copies, locale)
        assert isinstance(built, Translations)
        assert isinstance(read, Translations)
        assert built._catalog == read._catalog
        assert len(built._catalog) > 300
        assert [built.plural(n) for n in range(120)] == [read.plural(n) for n in range(120)]


def test_a_catalog_built_of_another_source_is_not_believed(tmp_path: Path) -> None:
    source = tmp_path / "ja" / "LC_MESSAGES" / "messages.po"
    source.parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    source.write_text(f'{head}msgid "Home"\nmsgstr "ホーム"\n', encoding="utf-8")
    assert build.build_catalog(source)
    assert language.load([tmp_path], "ja").gettext("Home") == "ホーム"
    language._packed.cache_clear()
    source.write_text(f'{head}msgid "Home"\nmsgstr "最初のページ"\n', encoding="utf-8")
    assert language.load([tmp_path], "ja").gettext("Home") == "最初のページ"
    source.with_suffix(".mo").write_bytes(b"\xde\x12\x04\x95 cut off")
    language._packed.cache_clear()
    assert language.load([tmp_path], "ja").gettext("Home") == "最初のページ"
