"""One word for one thing in what the Japanese office reads: pages, letters, the KPI book, files.

docs/glossary.md, "Figures of an area", says which: pages of the guide are ガイドの閲覧, people who
went in 入場者, days that visitors planned 旅程.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[3]
PLACE = "services/edge/{}/translations/{}/LC_MESSAGES/messages.po"
CATALOG = ROOT / PLACE.format("insights", "ja")
OTHERS = (
    "services/insights/domain/letter_words.py", "services/edge/insights/kpi/usual.py",
    "services/edge/insights/kpi/typeset/book.typ",
)  # fmt: skip
# What is said otherwise for one of the three, and where it is another thing.
WRONG = re.compile(r"読み取り|読取|スキャン|入洞|来場|改札|チケット|計画|プラン|行程")
OTHER_THINGS = (
    "読み取り方",  # what stands where in a sheet: a mapping
    "まちの計画",  # what a town has decided
    "「プランに出るスポット」",  # the name of a page of the studio
)


def texts() -> Iterator[tuple[str, str]]:
    """Yields each Japanese text with where it is."""
    with CATALOG.open("rb") as file:
        for message in read_po(file):
            for text in message.string if isinstance(message.string, tuple) else [message.string]:
                if message.id and text:
                    yield str(message.id), str(text)
    for name in OTHERS:
        for line in (ROOT / name).read_text("utf-8").splitlines():
            yield name, line


def wrong(text: str) -> list[str]:
    for other in OTHER_THINGS:
        text = text.replace(other, "")
    return WRONG.findall(text)


def test_the_office_reads_one_word_for_one_thing() -> None:
    assert {where: text for where, text in texts() if wrong(text)} == {}


@pytest.mark.parametrize("text", ["読み取りの数", "入洞者数", "計画に入った場所", "プラン"])
def test_another_word_is_found(text: str) -> None:
    assert wrong(text)


@pytest.mark.parametrize("locale", ["ja", "ko", "zh_Hans", "zh_Hant"])
def test_a_shop_reads_figures_of_the_area_in_the_same_words(locale: str) -> None:
    """At /till/office/month, whose catalog is another one."""
    office, insights = (read(part, locale) for part in ("office", "insights"))
    for name in ("Days planned", "day plans", "Pages of the guide"):
        assert office[name] == insights[name]
    # People go in at a gate, and not all gates are those of a cave.
    assert [text for text in insights.values() if re.search("入洞|입동", text)] == []


def read(part: str, locale: str) -> dict[str, str]:
    with (ROOT / PLACE.format(part, locale)).open("rb") as file:
        return {str(each.id): str(each.string) for each in read_po(file) if each.id}


def test_the_glossary_has_the_words() -> None:
    glossary = (ROOT / "docs/glossary.md").read_text("utf-8")
    figures = next(line for line in glossary.splitlines() if line.startswith("**Figures of an"))
    for word in ("ガイドの閲覧", "入場者", "旅程"):
        assert word in figures
