"""The page a visitor gets: nearest language per paragraph, and the truth about it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.locale import negotiate
from services.multilingual.domain import guide as guide_module
from services.multilingual.domain import translation
from services.multilingual.domain.content import Page, chain, is_closed, page
from services.multilingual.domain.guide import Group, Guide, Stop
from services.multilingual.domain.narration import Paragraph, Text, Topic
from services.multilingual.domain.notice import Closure
from services.multilingual.domain.translation import Shown, Standing, State
from tests.unit.multilingual.sample import ENGLISH, NOW, SOURCE, guide, shown, stop

LOCALES = ("ja", "en", "zh-Hant", "zh-Hans", "ko")


def seen(found: Guide, at: Stop, header: str) -> Page:
    return page(found, at, negotiate(header, found.published_locales()), NOW)


def closure(from_hours: float, until_hours: float | None, *places: str) -> Closure:
    until = NOW + timedelta(hours=until_hours) if until_hours is not None else None
    return Closure(
        f"c{from_hours}", "cave", "flood", "", NOW + timedelta(hours=from_hours), until, NOW,
        frozenset(places),
    )  # fmt: skip


def test_each_paragraph_falls_back_on_its_own() -> None:
    pool = stop(ja=shown(SOURCE, source=None), en=shown(ENGLISH))
    found = seen(guide(pool), pool, "en")
    assert [(each.words.locale, each.words.fallback) for each in found.paragraphs] == [
        ("en", False), ("ja", True),
    ]  # fmt: skip
    assert found.fallback
    assert found.name_pronunciation == "Ike"


def test_a_reader_of_chinese_gets_the_other_script_before_english() -> None:
    hans = Text("池子", "", (Paragraph("what", Topic.FORMATION, "积水。"),))
    hant = Text("池子", "", ())
    pool = stop(
        ja=shown(SOURCE, source=None), en=shown(ENGLISH), zh_Hans=shown(hans), zh_Hant=shown(hant)
    )
    found = page(guide(pool), pool, negotiate("zh-TW", LOCALES), NOW)
    assert [each.words.locale for each in found.paragraphs] == ["zh-Hans", "ja"]


def test_an_extra_paragraph_of_a_translation_stays_where_it_was_put() -> None:
    extra = Paragraph("note", Topic.HISTORY, "In English only.")
    english = Text("Pool", "", (ENGLISH.paragraphs[0], extra))
    pool = stop(ja=shown(SOURCE, source=None), en=shown(english))
    assert [each.paragraph_id for each in seen(guide(pool), pool, "en").paragraphs] == [
        "what", "note", "doubt",
    ]  # fmt: skip
    assert [each.paragraph_id for each in seen(guide(pool), pool, "ja").paragraphs] == [
        "what", "doubt",
    ]  # fmt: skip


def test_machine_drafts_are_told_whatever_the_state() -> None:
    before = Text("池", "", (Paragraph("what", Topic.FORMATION, "前の文。"),))
    pool = stop(ja=shown(SOURCE, source=None), en=shown(ENGLISH, source=before, draft=True))
    found = seen(guide(pool), pool, "en")
    assert found.paragraphs[0].words.state is State.OUTDATED
    assert found.paragraphs[0].words.machine_draft
    assert found.machine_draft
    assert found.name.state is State.MACHINE_DRAFT


def test_neighbors_and_places_in_the_group() -> None:
    ja = shown(SOURCE, source=None)
    first, hidden, last = stop("a", 1, ja=ja), stop("b", 2), stop("c", 3, ja=ja)
    bat = stop("bat", 1, Group.ANIMAL, ja=ja)
    found = seen(guide(first, hidden, last, bat), last, "ja")
    assert found.previous is not None
    assert (found.previous.stop_code, found.previous.distance_m) == ("Ca", 20)
    assert found.next is None
    assert (found.position, found.group_size) == (2, 2)


def test_a_page_with_a_closure_says_how_long_it_keeps() -> None:
    pool = stop(ja=shown(SOURCE, source=None))
    closures = [
        closure(-2, -1, "cave/pool"), closure(-1, 3, "cave/pool"), closure(2, None, "cave/pool"),
        closure(-1, None, "cave/other"),
    ]  # fmt: skip
    found = guide(pool, closures=closures)
    shown_page = seen(found, pool, "ja")
    assert [each.closure_id for each in shown_page.notices] == ["c-1", "c2"]
    assert shown_page.fresh_until_time == NOW + timedelta(hours=2)
    assert is_closed(found, pool, NOW)
    assert not is_closed(found, pool, NOW - timedelta(hours=4))


@given(
    st.lists(st.sampled_from(LOCALES), min_size=1, unique=True),
    st.lists(st.sampled_from(["what", "how", "doubt"]), unique=True),
    st.sampled_from(["zh-TW", "ko", "en", "fr,ja;q=0.5", ""]),
)
def test_every_source_paragraph_is_served_in_some_language(
    locales: list[str], own: list[str], header: str
) -> None:
    text = Text("x", "", tuple(Paragraph(key, Topic.FORMATION, key) for key in own))
    texts = {locale: shown(text) for locale in locales}
    pool = replace(stop(), shown={**texts, "ja": shown(SOURCE, source=None)})
    found = seen(guide(pool, locales=LOCALES), pool, header)
    assert {"what", "doubt"} <= {each.paragraph_id for each in found.paragraphs}
    for each in found.paragraphs:
        assert each.words.text
        assert each.words.fallback == (each.words.locale != found.match.locale)
        assert each.words.locale in pool.shown


def test_the_chain_ends_with_whatever_there_is() -> None:
    assert chain("zh-Hant", "ja", ("th", "zh-Hans", "ja")) == [
        "zh-Hant", "zh-Hans", "en", "ja", "th",
    ]  # fmt: skip


def test_a_stop_is_compared_with_its_source_once_for_all_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every page tells how every language stands: 46 stops in 11 languages are 5,000 of them."""
    compared: list[bool] = []

    def counted(before: Shown | None, source: Text, *, is_source: bool) -> Standing:
        compared.append(is_source)
        return translation.standing(before, source, is_source=is_source)

    monkeypatch.setattr(guide_module, "standing", counted)
    one = stop(ja=shown(SOURCE, source=None), en=shown(ENGLISH, draft=True))
    whole = guide(one, stop("pool2", 2, ja=shown(SOURCE, source=None)))
    for _ in range(3):
        for locale in ("ja", "en"):
            page(whole, one, negotiate(locale, ("ja", "en")), NOW)
    assert sorted(compared) == [False, True, True]  # the other one has a name in Japanese alone
    changed = replace(one, shown={**one.shown, "en": shown(ENGLISH, source=None)})
    assert not changed.standing("en", "ja").machine_draft  # what was kept is of the other stop
    assert one.standing("en", "ja").machine_draft
