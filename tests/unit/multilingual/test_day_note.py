"""Day notes: what can be one, when it is shown, where, and in whose words."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from kit.pure.locale import negotiate
from kit.pure.midnight import next_midnight
from services.multilingual.domain import day_note
from services.multilingual.domain.content import all_notes, page
from services.multilingual.domain.day_note import DayNote, DayNotesFull, Said
from services.multilingual.domain.guide import Guide
from services.multilingual.domain.translation import State
from tests.unit.multilingual.sample import NOW, SOURCE, guide, shown, stop

ZONES = ("Asia/Tokyo", "Europe/Paris", "America/St_Johns", "Pacific/Apia", "America/Sao_Paulo")
MIDNIGHT = next_midnight(NOW, "Asia/Tokyo")
BELOW = ("cave/pool", "cave/hall")
JA = Said("ja", "本日の最終バスは16時20分です。")


def note(
    *said: Said, place: str = "", below: tuple[str, ...] = (), at: datetime = NOW, name: str = "n1"
) -> DayNote:
    places = frozenset({place, *below}) if place else frozenset()
    return DayNote(
        name, place, places, said or (JA,), "hanako", at, next_midnight(at, "Asia/Tokyo")
    )


def with_notes(*notes: DayNote) -> Guide:
    stops = [
        stop(name, at, ja=shown(SOURCE, source=None)) for at, name in enumerate(("pool", "hall"), 1)
    ]
    made = guide(*stops, locales=("ja", "en", "zh-Hans", "zh-Hant"))
    return Guide(made.settings, made.sections, made.stops, (), notes)


def words(found: Guide, locale: str, name: str = "pool", at: datetime = NOW) -> list[str]:
    wanted = next(each for each in found.stops if each.place_id == f"cave/{name}")
    made = page(found, wanted, negotiate(locale, (locale,)), at)
    return [each.words.text for each in made.day_notes]


@given(
    st.integers(0, 2_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC)),
    st.sampled_from(ZONES),
    st.timedeltas(timedelta(0), timedelta(days=3)),
)
def test_it_is_shown_until_midnight_and_never_from_then_on(
    written: datetime, zone: str, later: timedelta
) -> None:
    end = next_midnight(written, zone)
    said = DayNote("n", "", frozenset(), (JA,), "hanako", written, end)
    at = written + later
    assert said.is_shown(at) == (at < end)
    assert not said.is_shown(end)
    assert day_note.shown([said], at) == ([said] if at < end else [])


def test_a_page_says_when_its_note_ends_and_keeps_none_that_has() -> None:
    found = with_notes(note())
    match = negotiate("ja", ("ja",))
    made = page(found, found.stops[0], match, NOW)
    assert made.fresh_until_time == MIDNIGHT
    over = page(found, found.stops[0], match, MIDNIGHT)
    assert (over.day_notes, over.fresh_until_time) == ((), None)


def test_each_page_shows_what_is_said_of_it_the_newest_first() -> None:
    soon = NOW + timedelta(minutes=1)
    found = with_notes(
        note(name="area"),
        note(Said("ja", "洞全体"), place="cave", below=BELOW, at=soon, name="c"),
        note(Said("ja", "池だけ"), place="cave/pool", name="b", at=soon + timedelta(minutes=1)),
    )
    assert words(found, "ja") == ["池だけ", "洞全体", JA.text]
    assert words(found, "ja", "hall") == ["洞全体", JA.text]
    listed = all_notes(found, "ja", NOW)
    assert [each.stop_codes for each in listed] == [("Cpool",), ("Cpool", "Chall"), ()]


def test_what_was_taken_back_is_gone_at_once() -> None:
    back = DayNote("n", "", frozenset(), (JA,), "hanako", NOW, MIDNIGHT, NOW)
    assert words(with_notes(back), "ja") == []


@pytest.mark.parametrize(
    ("wanted", "said", "served", "state", "machine"),
    [
        ("ja", (JA,), "ja", State.SOURCE, False),
        ("en", (JA,), "ja", State.SOURCE, False),
        ("zh-Hant", (JA, Said("zh-Hans", "末班车")), "zh-Hans", State.REVIEWED, False),
        ("ko", (JA, Said("en", "Last bus", machine_draft=True)), "en", State.MACHINE_DRAFT, True),
        # Its writer wrote English: that is the source, whatever the area's language is.
        ("en", (Said("en", "Last bus"), JA), "en", State.SOURCE, False),
        ("ja", (Said("en", "Last bus"), JA), "ja", State.REVIEWED, False),
    ],
)
def test_a_reader_gets_the_closest_words_with_the_truth_about_them(
    wanted: str, said: tuple[Said, ...], served: str, state: State, *, machine: bool
) -> None:
    [found] = all_notes(with_notes(note(*said)), wanted, NOW)
    assert (found.words.locale, found.words.state) == (served, state)
    assert found.words.machine_draft is machine
    assert found.words.fallback == (served != wanted)


def refused(said: tuple[Said, ...], place: str = "", below: tuple[str, ...] = ()) -> list[str]:
    try:
        day_note.check(day_note.tidy(said), place, below)
    except InvalidFields as error:
        return [name for name, _ in error.fields]
    return []


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ((), ["texts"]),
        ((Said("ja", "  "),), ["texts[0].text"]),
        ((Said("ja", "あ" * 201),), ["texts[0].text"]),
        ((JA, Said("ja", "もう一度")), ["texts"]),
        ((JA, Said("EN", "Bus")), ["texts[1].locale"]),
        ((Said("ja", "\u202eスバ"),), ["texts[0].text"]),
        ((Said("ja", "a\tb"),), ["texts[0].text"]),
        ((Said("ja", "バス", machine_draft=True),), ["texts[0].machine_draft"]),
        ((Said("ja", "あ" * 200),), []),
        ((JA, Said("en", "Bus", machine_draft=True)), []),
    ],
)
def test_what_cannot_be_a_note_is_named_by_its_field(
    said: tuple[Said, ...], fields: list[str]
) -> None:
    assert refused(said) == fields


def test_places_are_those_of_one_place() -> None:
    assert refused((JA,), "", ("cave/pool",)) == ["affected_place_ids"]
    assert refused((JA,), "cave", ("x",) * 1_001) == ["affected_place_ids"]
    assert refused((JA,), "cave", ("cave/pool",)) == []


@given(st.text(max_size=220))
def test_whatever_is_kept_is_one_short_line_and_stays_the_same(text: str) -> None:
    said = day_note.tidy([Said("ja", text)])
    assert day_note.tidy(said) == said
    if not refused(said):
        assert "\n" not in said[0].text
        assert 1 <= len(said[0].text) <= day_note.MAX_CHARS


def test_lines_become_one() -> None:
    assert day_note.tidy([Said("ja", " 池は\r\n  見えます \n")])[0].text == "池は 見えます"


def test_there_is_room_for_a_page_of_them() -> None:
    day_note.check_room(day_note.MAX_SHOWN - 1)
    with pytest.raises(DayNotesFull):
        day_note.check_room(day_note.MAX_SHOWN)
