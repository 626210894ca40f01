"""Editions: what one says otherwise than the one before."""

from dataclasses import replace

from services.insights.domain.kpi import Certainty, Figure, KpiSettings, Point, Unit
from services.insights.domain.kpi_book import Book, Cost, Frame, KeptKpi, kpi_of
from services.insights.domain.kpi_edition import Said, corrections

NIGHTS = KpiSettings({"en": "Nights"}, Unit.NIGHTS, target=Point(2027, 500))


def book(values: dict[str, int], settings: KpiSettings = NIGHTS, **more: object) -> Book:
    figures = {period: Figure(n, n, Certainty.ENTERED) for period, n in values.items()}
    kpi = kpi_of(KeptKpi("nights", settings, 1), figures, 2026, (), 2026)
    made = Book(2026, "2026-04-01", "2027-03-31", "2026-11-30", (kpi,), 38, Frame(61), demo=False)
    return replace(made, **more)  # type: ignore[arg-type] # fields of a book


def said(before: Book, after: Book) -> list[tuple[str, int | None, int | None]]:
    def value(told: Said | None) -> int | None:
        return told.value if told else None

    return [
        (each.what, value(each.before), value(each.after)) for each in corrections(before, after)
    ]


def test_equal_books_correct_nothing() -> None:
    one, later = book({"2026": 10}), book({"2026": 10}, until_date="2026-12-24")
    assert said(one, later) == []


def test_another_figure_is_told_once() -> None:
    assert said(book({"2026": 10}), book({"2026": 12})) == [("figure", 10, 12)]
    assert said(book({}), book({"2026": 12})) == [("figure", None, 12)]


def test_an_earlier_year_is_named() -> None:
    before, after = book({"2024": 7, "2026": 10}), book({"2024": 8, "2025": 9, "2026": 10})
    assert said(before, after) == [("2024", 7, 8), ("2025", None, 9)]
    assert said(book({"2024": 7}), book({"2024": 8})) == [("2024", 7, 8)]


def test_other_aims_are_told() -> None:
    moved = replace(NIGHTS, target=Point(2027, 400), baseline=Point(2017, 100))
    told = said(book({"2026": 10}), book({"2026": 10}, moved))
    assert ("target", 500, 400) in told
    assert ("baseline", None, 100) in told


def test_kpis_that_come_and_go_are_told() -> None:
    one = book({"2026": 10})
    other = replace(one, kpis=(replace(one.kpis[0], kpi_id="views"),))
    assert said(one, other) == [("added", None, 10), ("left_out", 10, None)]


def test_the_frame_is_told() -> None:
    costs = Frame(62, (Cost("signs", 30_000), Cost("line", 12_000)))
    after = book({"2026": 10}, frame=costs, reporting_shop_count=40)
    assert said(book({"2026": 10}), after) == [
        ("shops", 61, 62), ("reporting_shops", 38, 40), ("costs", 0, 42_000),
    ]  # fmt: skip


def test_another_owner_is_told_without_figures() -> None:
    one, other = book({"2026": 10}), book({"2026": 10}, replace(NIGHTS, owner="PR"))
    assert said(one, other) == [("description", None, None)]


def of_figure(figure: Figure) -> Book:
    kpi = kpi_of(KeptKpi("nights", NIGHTS, 1), {"2026": figure}, 2026, (), 2026)
    return replace(book({}), kpis=(kpi,))


def test_another_end_of_a_span_is_told() -> None:
    one = of_figure(Figure(40, 70, Certainty.BOUNDED))
    other = of_figure(Figure(40, 90, Certainty.BOUNDED))
    (told,) = corrections(one, other)
    assert (told.what, told.before, told.after) == ("figure", Said(40, 70), Said(40, 90))


def test_another_source_of_the_same_figure_is_told() -> None:
    one = of_figure(Figure(40, 40, Certainty.ENTERED, 12, "Mori", "2026-05-01", "by phone"))
    again = of_figure(Figure(40, 40, Certainty.ENTERED, 12, "Mori", "2026-06-01", "by phone"))
    other = of_figure(Figure(40, 40, Certainty.ENTERED, 12, "Mori", "2026-06-01", "table 3"))
    assert said(one, again) == []
    assert said(one, other) == [("source", None, None)]


def test_the_same_aim_in_another_year_is_told() -> None:
    later = book({"2026": 10}, replace(NIGHTS, target=Point(2030, 500)))
    (told,) = corrections(book({"2026": 10}), later)
    assert (told.what, told.before, told.after) == (
        "target", Said(500, 500, 2027), Said(500, 500, 2030),
    )  # fmt: skip


def test_other_costs_of_the_same_sum_are_told() -> None:
    one = book({}, frame=Frame(61, (Cost("signs", 30),)))
    assert said(one, book({}, frame=Frame(61, (Cost("line", 30),)))) == [("cost_lines", None, None)]
