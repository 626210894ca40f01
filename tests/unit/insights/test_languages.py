"""Languages as counted, and that no small group of speakers can be worked out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.insights.domain.figures import Breakdown, Scans
from services.insights.domain.figures import scans as scan_figures
from services.insights.domain.language import counted_language, withheld_languages
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


def test_a_small_group_goes_out_of_all_three_tables_with_another_one() -> None:
    found = figures(ja_ja=40, ko_ko=1, ko_en=97, en_en=30, zht_zht=12)
    for breakdown in (found.by_locale_asked, found.by_locale_served, found.by_locale_missed):
        assert "ko" not in shown(breakdown)
    hidden = {c.value for c in found.by_locale_asked.cells if c.withheld}
    assert hidden == {"ko", "zh-Hant"}
    assert all(c.count == 0 for c in found.by_locale_asked.cells if c.withheld)


def test_the_least_spoken_language_goes_out_with_a_small_one() -> None:
    counts = {"en": 500, "ko": 90, "th": 60, "fr": 3, "zh-Hans": 60}
    assert withheld_languages(counts, counts, {}, K) == {"fr", "th"}  # of two alike, by name


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
    st.tuples(st.sampled_from(TAGS), st.sampled_from(TAGS)), st.integers(0, 40), max_size=12
)


@given(tables)
def test_what_is_withheld_cannot_be_subtracted(pairs: dict[tuple[str, str], int]) -> None:
    """Whoever knows the sums learns of the withheld languages only what k or more people do."""
    asked: dict[str, int] = {}
    served: dict[str, int] = {}
    missed: dict[str, int] = {}
    for (wish, got), n in pairs.items():
        asked[wish] = asked.get(wish, 0) + n
        served[got] = served.get(got, 0) + n
        if wish != got:
            missed[wish] = missed.get(wish, 0) + n
    out = withheld_languages(asked, served, missed, K)
    everything = asked.keys() | served.keys()
    for tag in everything - out:
        cells = (asked.get(tag, 0), served.get(tag, 0), missed.get(tag, 0))
        assert all(n == 0 or n >= K for n in (*cells, cells[0] - cells[2]))
    if out and out != everything:
        assert len(out) > 1
        for table in (asked, served, missed):
            hidden = sum(table.get(tag, 0) for tag in out)
            assert hidden == 0 or hidden >= K
