"""Who is heard: a person before a machine, and one spoken language in two scripts."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.multilingual.domain.recording import (
    Origin,
    Recording,
    heard_alike,
    heard_in,
)

AT = datetime(2026, 11, 29, tzinfo=UTC)
TEXTS = {"ja": "j" * 64, "zh-Hans": "s" * 64, "zh-Hant": "t" * 64}
LOCALES = sorted(TEXTS)


def spoken(locale: str, origin: Origin, *, old: bool = False) -> Recording:
    return Recording(
        f"{locale}-{origin.name}", "K7Q2X", locale, origin, "a" * 64, "audio/mpeg", 9, 1_000,
        "c" * 64, 7, "old" if old else TEXTS[locale], "花子", "", "hanako", AT,
    )  # fmt: skip


@pytest.mark.parametrize("reader", ["zh-Hans", "zh-Hant"])
def test_one_mandarin_recording_serves_both_scripts(reader: str) -> None:
    [other] = heard_alike(reader)
    person = spoken(other, Origin.PERSON)
    found = heard_in(reader, {other: (person,), reader: (spoken(reader, Origin.MACHINE),)}, TEXTS)
    assert found is not None
    assert not found.outdated
    assert found.recording == replace(person, captions_sha256="", captions_bytes=0)
    assert found.recording.locale == other  # the page says which script a transcript is in


def test_ones_own_recording_comes_first_with_its_captions() -> None:
    own, other = spoken("zh-Hans", Origin.PERSON, old=True), spoken("zh-Hant", Origin.PERSON)
    found = heard_in("zh-Hans", {"zh-Hans": (own,), "zh-Hant": (other,)}, TEXTS)
    assert found is not None
    assert (found.recording, found.outdated) == (own, True)


def test_what_is_lent_is_outdated_when_its_own_text_was_changed() -> None:
    recordings = {"zh-Hant": (spoken("zh-Hant", Origin.PERSON, old=True),)}
    lent = heard_in("zh-Hans", recordings, TEXTS)
    unpublished = heard_in(
        "zh-Hans", {"zh-Hant": (spoken("zh-Hant", Origin.PERSON),)}, {"zh-Hans": "s" * 64}
    )
    assert lent is not None
    assert unpublished is not None
    assert lent.outdated
    assert unpublished.outdated


def test_a_machines_voice_is_not_lent_and_nothing_is_heard_without_a_text() -> None:
    machine = {"zh-Hant": (spoken("zh-Hant", Origin.MACHINE),)}
    assert heard_in("zh-Hans", machine, TEXTS) is None
    person = {"zh-Hant": (spoken("zh-Hant", Origin.PERSON),)}
    assert heard_in("zh-Hans", person, {"zh-Hant": "t" * 64}) is None


@pytest.mark.parametrize("locale", ["ja", "en", "zh", "th", ""])
def test_all_other_languages_stand_alone(locale: str) -> None:
    assert heard_alike(locale) == ()


@given(
    st.sampled_from(LOCALES),
    st.lists(st.tuples(st.sampled_from(LOCALES), st.sampled_from(Origin), st.booleans())),
)
def test_nobody_hears_another_language_or_old_words_of_a_machine(
    reader: str, given_recordings: list[tuple[str, Origin, bool]]
) -> None:
    one_each = {(where, origin): old for where, origin, old in given_recordings}
    recordings = {
        locale: tuple(
            spoken(where, origin, old=old)
            for (where, origin), old in one_each.items()
            if where == locale
        )
        for locale in LOCALES
    }
    found = heard_in(reader, recordings, TEXTS)
    persons = {where for where, origin in one_each if origin is Origin.PERSON}
    if reader in persons:
        assert found is not None
        assert found.recording.locale == reader
    if found is None:
        assert not persons & {reader, *heard_alike(reader)}
        assert one_each.get((reader, Origin.MACHINE), True)
        return
    assert found.recording.locale in (reader, *heard_alike(reader))
    if found.recording.origin is Origin.MACHINE:
        assert not found.outdated
        assert found.recording.locale == reader
    assert bool(found.recording.captions_sha256) == (found.recording.locale == reader)
