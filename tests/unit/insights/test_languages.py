"""Languages as counted, and that no small group of speakers can be worked out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from services.insights.domain.figures import Breakdown, Scans
from services.insights.domain.figures import scans as scan_figures
from services.insights.domain.language import Told, counted_language, told_languages
from tests.unit.insights.made import ON, scans

K = 10
TAGS = ("ja", "en", "ko", "zh-Hant", "th")


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("ja", "ja"), ("en-GB", "en"), ("EN_us", "en"), ("zh-TW", "zh-Hant"), ("zh-HK", "zh-Hant"),
        ("zh-Hant-MO", "zh-Hant"), ("zh-Hans-TW", "zh-Hans"), ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"), ("pt-BR", "pt"), ("", "und"),
    ],
)  # fmt: skip
def test_regions_are_merged_and_chinese_is_split_by_its_writing(locale: str, expected: str) -> None:
    assert counted_language(locale) == expected


def figures(**counts: int) -> Scans:
    """Figures of a day; ko_en=3: three asked for Korean and got English."""
    pairs = [
        tuple(name.replace("zht", "zh-Hant").split("_")) for name, n in counts.items()
        for _ in range(n)
    ]  # fmt: skip
    return scan_figures(scans(*((a, b) for a, b in pairs)), ON, {})


def shown(breakdown: Breakdown) -> dict[str, int]:
    return {cell.value: cell.count for cell in breakdown.cells if not cell.withheld}


def test_large_groups_are_shown_as_they_are() -> None:
    found = figures(ja_ja=40, zht_zht=12, fr_en=15, en_en=20)
    assert shown(found.by_locale_asked) == {"ja": 40, "en": 20, "fr": 15, "zh-Hant": 12}
    assert shown(found.by_locale_served) == {"ja": 40, "en": 35, "zh-Hant": 12}
    assert shown(found.by_locale_missed) == {"fr": 15}
    assert (found.count, found.other_language_count) == (87, 15)


def test_a_few_who_missed_their_language_leave_the_others_in_peace() -> None:
    """Three pages in Spanish that are not there: everything else of the day is told."""
    found = figures(ja_ja=400, en_en=90, ko_ko=40, es_es=12, es_en=3)
    assert shown(found.by_locale_asked) == {"ja": 400, "en": 90, "ko": 40, "es": 15}
    assert found.other_language_count == 3
    assert found.by_locale_missed.withheld
    # Who got which one would tell the three.
    assert found.by_locale_served.withheld


def test_a_few_who_got_a_language_that_others_missed_are_not_told() -> None:
    found = figures(ja_ja=40, ko_ko=1, ko_en=97, en_en=30, zht_zht=12)
    assert shown(found.by_locale_asked) == {"ja": 40, "ko": 98, "en": 30, "zh-Hant": 12}
    assert found.by_locale_missed.withheld
    assert found.by_locale_served.withheld


def test_small_languages_hide_one_another_where_they_were_asked_for_and_missed() -> None:
    found = figures(ja_ja=400, ko_en=30, fr_en=6, de_en=7, en_en=50)
    assert shown(found.by_locale_asked) == {"ja": 400, "ko": 30, "en": 50}
    assert shown(found.by_locale_missed) == {"ko": 30}
    assert {cell.value for cell in found.by_locale_missed.cells if cell.withheld} == {"de", "fr"}


def test_the_least_spoken_language_goes_out_with_a_small_one() -> None:
    counts = {"en": 500, "ko": 90, "th": 60, "fr": 3, "zh-Hans": 60}
    told = told_languages(counts, counts, {}, K)
    out = {"fr", "th"}  # of two alike, by name
    assert told == Told(frozenset(out), frozenset(), frozenset(out))


def test_a_day_of_few_scans_tells_no_language() -> None:
    found = figures(ja_ja=5, fr_en=2)
    assert found.count == 7
    for breakdown in (found.by_locale_asked, found.by_locale_served, found.by_locale_missed):
        assert breakdown.withheld
        assert breakdown.cells == ()


def test_withheld_cells_are_not_ranked() -> None:
    found = figures(ja_ja=40, ko_ko=3, fr_fr=9, de_de=1)
    assert [c.value for c in found.by_locale_asked.cells] == ["ja", "de", "fr", "ko"]


tables = st.dictionaries(
    st.tuples(st.sampled_from(TAGS), st.sampled_from(TAGS)),
    st.one_of(st.integers(0, 12), st.integers(0, 60)), max_size=14,
)  # fmt: skip
Pairs = dict[tuple[str, str], int]
FLOWS = [(wish, got) for wish in TAGS for got in TAGS]


def is_asked(tag: str) -> list[float]:
    return [float(wish == tag) for wish, _ in FLOWS]


def is_missed(tag: str) -> list[float]:
    return [float(wish == tag != got) for wish, got in FLOWS]


def is_served(tag: str) -> list[float]:
    return [float(got == tag) for _, got in FLOWS]


def known(found: Scans) -> tuple[list[list[float]], list[float]]:
    """What the page tells, as equations about who asked for what and got what."""
    sums, ends = [[1.0] * len(FLOWS)], [float(found.count)]
    sums.append([float(wish != got) for wish, got in FLOWS])
    ends.append(float(found.other_language_count))
    for breakdown, about in (
        (found.by_locale_asked, is_asked), (found.by_locale_missed, is_missed),
        (found.by_locale_served, is_served),
    ):  # fmt: skip
        if breakdown.withheld:
            continue
        told = {cell.value: cell.count for cell in breakdown.cells if not cell.withheld}
        hidden = {cell.value for cell in breakdown.cells if cell.withheld}
        for tag in set(TAGS) - hidden:
            sums.append(about(tag))
            ends.append(float(told.get(tag, 0)))
    return sums, ends


@given(tables)
def test_no_small_group_can_be_worked_out_from_the_three_tables(pairs: Pairs) -> None:
    """The least and the most that a count can be, by linear programming over who got what."""
    found = scan_figures(scans(*(pair for pair, n in pairs.items() for _ in range(n))), ON, {})
    sums, ends = known(found)
    for tag in TAGS:
        for about in (is_asked(tag), is_missed(tag), [float(flow == (tag, tag)) for flow in FLOWS]):
            truth = sum(n * about[FLOWS.index(pair)] for pair, n in pairs.items())
            if not 0 < truth < K:
                continue
            least = linprog(about, A_eq=sums, b_eq=ends, method="highs").fun
            most = -linprog([-each for each in about], A_eq=sums, b_eq=ends, method="highs").fun
            assert least <= truth <= most
            # Where there are fewer than K in all, their sum is told and nothing else.
            alike = found.count - found.other_language_count
            assert most - least >= min(
                K - 1, *(n for n in (alike, found.other_language_count) if n)
            )


@given(tables)
def test_what_is_told_is_told_right(pairs: Pairs) -> None:
    found = scan_figures(scans(*(pair for pair, n in pairs.items() for _ in range(n))), ON, {})
    for tag, count in shown(found.by_locale_asked).items():
        assert count == sum(n for (wish, _), n in pairs.items() if wish == tag)
    for tag, count in shown(found.by_locale_missed).items():
        assert count == sum(n for (wish, got), n in pairs.items() if wish == tag != got)
    for tag, count in shown(found.by_locale_served).items():
        assert count == sum(n for (_, got), n in pairs.items() if got == tag)
