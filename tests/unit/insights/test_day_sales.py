"""Sales of a day for marketing staff: two worlds that share withheld money out in other ways answer
the same on every page."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import assume, event, given
from hypothesis import strategies as st

from meguri.insights.v1 import insights_service_pb2 as pb
from services.insights import wire
from services.insights.domain import figures, narrowed
from services.insights.domain.agreement import compare
from services.insights.domain.day_sales import (
    Cell,
    Reach,
    SalesTold,
    ShopTakings,
    cell_of,
    told_to_analysts,
)
from services.insights.domain.fact import Dimension, Fact, Kind, Slice
from services.insights.domain.figures import Day, SourceState, Visitors
from services.insights.domain.kpi import Measure
from services.insights.domain.kpi_measures import Sums, from_events
from services.insights.domain.rollup import roll_up
from services.insights.domain.sales import Consents, of_many
from services.insights.domain.shop_close import HeardClose, ShopClose
from services.insights.domain.span import RangeFigures, day_totals
from tests.unit.insights.made import NOON, ON, dated, fact

SHOPS = "abcde"


@dataclass(frozen=True)
class Sale:
    """A movement of money as somebody made it."""

    shop: str
    yen: int
    kind: Kind = Kind.CAPTURED
    tender: str = "card"
    hour: int = 3

    def fact(self) -> Fact:
        slices = (Slice(Dimension.SHOP, self.shop), Slice(Dimension.TENDER, self.tender))
        return fact(
            self.kind, NOON + timedelta(hours=self.hour - 3), booked_date=ON, amount_yen=self.yen,
            slices=slices,
        )  # fmt: skip


sales = st.lists(
    st.builds(
        Sale, st.sampled_from(SHOPS), st.integers(1, 500),
        st.sampled_from([Kind.CAPTURED, Kind.CAPTURED, Kind.CAPTURED, Kind.REFUNDED, Kind.VOIDED,
                         Kind.DECLINED]),
        st.sampled_from(["card", "id"]), st.integers(0, 9),
    ),
    max_size=14,
)  # fmt: skip
busy = sales.map(lambda more: [*(Sale(shop, 400, hour=n) for n, shop in enumerate(SHOPS)), *more])
some_shops = st.frozensets(st.sampled_from(SHOPS))


def answers(
    made: Sequence[Sale], consents: Consents, *, over: bool = True, off_yen: int = 0
) -> tuple[SalesTold, pb.Day, pb.ReadRangeResponse, pb.DayAgreement]:
    """What an analyst is answered about a day of these sales, by every method. off_yen: by how much
    the ledger says something else."""
    rolled = roll_up(dated(*(sale.fact() for sale in made)))
    known = rolled.days
    told = told_to_analysts(cell_of(known, ON), consents, {}, over=over)
    source = SourceState("payments", NOON, NOON + timedelta(minutes=len(made)), len(made))
    day = Day(
        on=ON, time_zone="Asia/Tokyo", over=over, demo=False, scans=figures.scans(known, ON, {}),
        live=figures.payments(known, ON, {}, practice=False),
        practice=figures.payments(known, ON, {}, practice=True), visitors=Visitors(),
        plans=figures.plans(known, ON, {}), hours=figures.hour_totals(rolled.hours, ON),
        sources=(source,),
    )  # fmt: skip
    taken = figures.total(known, Kind.CAPTURED, ON).amount_yen
    said = {
        ("payments", "captured_yen"): taken + off_yen, ("payments", "practice_captured_yen"): 0,
    }  # fmt: skip
    checked = compare(known, ON, said, tuple(close(shop, made) for shop in SHOPS))
    span = RangeFigures(
        days=(narrowed.totals(day_totals(known, ON), told),), demo=False, first_date=ON,
        sources=narrowed.coarse([source]),
    )  # fmt: skip
    return (
        told, wire.day_message(narrowed.day(day, told)), wire.range_message(span),
        wire.agreement_message(narrowed.agreement(checked, told)),
    )  # fmt: skip


def close(shop: str, made: Sequence[Sale]) -> ShopClose:
    """The newest close of a shop, which holds all it took."""
    yen = sum(sale.yen for sale in made if (sale.shop, sale.kind) == (shop, Kind.CAPTURED))
    heard = HeardClose(number=1, close_time=NOON, closed={("card", "captured_yen"): yen})
    return ShopClose(shop_place_id=shop, names={}, close=heard, sums=())


def shared_out_anew(made: Sequence[Sale], told: SalesTold, seed: int) -> list[Sale]:
    """Another world: what is withheld moved between shops, hours, ways to pay; where nothing but
    single shops is told, other sums as well."""
    dice = random.Random(seed)
    alone = {each.shop_place_id for each in told.alone}
    hidden = [sale for sale in made if sale.shop not in alone]
    shops = [sale.shop for sale in hidden]
    dice.shuffle(shops)
    moved = [
        replace(
            sale, shop=shop, hour=dice.randrange(10), tender=dice.choice(["card", "id"]),
            yen=dice.randrange(1, 900) if told.reach is Reach.NONE else sale.yen,
        )
        for sale, shop in zip(hidden, shops, strict=True)
    ]  # fmt: skip
    return [sale for sale in made if sale.shop in alone] + moved


@given(st.one_of(sales, busy), some_shops, some_shops, st.booleans(), st.integers(0, 2**32))
def test_worlds_that_share_withheld_money_out_otherwise_answer_the_same(
    made: list[Sale],
    now: frozenset[str],
    before: frozenset[str],
    over: bool,  # noqa: FBT001 - drawn
    seed: int,
) -> None:
    consents = Consents(now, now | before)
    told, *first = answers(made, consents, over=over)
    assume(told.reach is not Reach.ALL)
    event(told.reach)
    other_told, *second = answers(shared_out_anew(made, told, seed), consents, over=over)
    # What may be told is decided on the truth; worlds that differ in that are told apart by it.
    assume(other_told == told)
    assert first == second


@given(st.one_of(sales, busy), some_shops, some_shops)
def test_what_is_told_is_true_and_of_many(
    made: list[Sale], now: frozenset[str], before: frozenset[str]
) -> None:
    told, day, span, _ = answers(made, Consents(now, now | before))
    cell = cell_of(roll_up(dated(*(sale.fact() for sale in made))).days, ON)
    book, totals = day.live_payments, span.days[0]
    assert (book.reach, book.net_yen) == (totals.sales, totals.net_yen)
    for each in told.alone:
        assert each.shop_place_id in now
        assert cell.net[each.shop_place_id] == each.net_yen
    if told.reach is Reach.TOTAL:
        assert book.net_yen == sum(cell.net.values()) == sum(
            each.net_yen for each in book.shop_takings
        ) + book.other_shops_yen  # fmt: skip
        left = {shop: yen for shop, yen in cell.net.items()
                if shop not in {each.shop_place_id for each in told.alone}}  # fmt: skip
        assert of_many(left)
        assert of_many(cell.kept)
    if told.reach is Reach.NONE:
        assert not book.HasField("other_shops_yen")
        assert {book.net_yen, book.kept_count, totals.net_yen, totals.kept_count} == {0}
    if told.reach is not Reach.ALL:
        assert not any(hour.captured_count or hour.captured_yen for hour in day.hours)
        assert [*book.by_tender.cells, *book.by_shop.cells] == []
        assert book.declined_count == 0


def three(*more: Sale) -> list[Sale]:
    return [Sale("a", 100), Sale("b", 200), Sale("c", 300), *more]


def test_the_running_day_tells_nothing_whoever_consents() -> None:
    told, day, *_ = answers(three(), Consents(frozenset(SHOPS), frozenset(SHOPS)), over=False)
    assert told == SalesTold(Reach.NONE, others=3)
    assert not day.live_payments.net_yen


def test_a_day_that_is_over_tells_its_sum_and_who_consents() -> None:
    told, day, span, _ = answers(three(Sale("d", 150), Sale("a", 50, Kind.REFUNDED)), Consents())
    assert told == SalesTold(Reach.TOTAL, (), 4, 700)
    assert (day.live_payments.kept_count, span.days[0].kept_count) == (4, 4)
    assert (day.live_payments.captured_yen, day.live_payments.refunded_yen) == (0, 0)
    one = frozenset("d")
    told, day, *_ = answers(three(Sale("d", 150)), Consents(one, one))
    assert told == SalesTold(Reach.TOTAL, (ShopTakings("d", 150, {}),), 3, 600)
    assert (day.live_payments.shop_count, day.live_payments.other_shop_count) == (4, 3)


def test_a_day_on_which_everybody_consents_tells_hours_and_ways_to_pay() -> None:
    everybody = frozenset("abc")
    told, day, _, checked = answers(three(), Consents(everybody, everybody))
    assert told.reach is Reach.ALL
    assert [hour.captured_yen for hour in day.hours if hour.captured_yen] == [600]
    assert day.live_payments.by_shop.cells[0].amount_yen in {100, 200, 300}
    assert not any(total.withheld for total in checked.totals)
    # Somebody whose card was refused at a shop that does not consent is not to be read either.
    told, *_ = answers(three(Sale("d", 9, Kind.DECLINED)), Consents(everybody, everybody))
    assert told.reach is Reach.TOTAL
    assert told.alone == ()  # d took nothing: the sum less the three would say so


def test_the_cross_check_tells_that_figures_agree_and_not_which() -> None:
    *_, checked = answers(three(), Consents(), off_yen=1)
    sums = {total.measure: total for total in checked.totals}
    assert sums["captured_yen"].withheld
    assert (sums["captured_yen"].counted, sums["captured_yen"].said) == (0, 0)
    assert sums["captured_yen"].known
    assert not sums["captured_yen"].agrees
    assert sums["practice_captured_yen"].agrees
    assert not sums["practice_captured_yen"].withheld
    assert all(shop.withheld and shop.agrees and not shop.sums for shop in checked.closes)


def test_sales_must_be_of_many_too() -> None:
    hundred = [Sale("a", 1) for _ in range(100)]
    cell = Cell({"a": 100, "b": 100, "c": 100}, {"a": 100, "b": 1, "c": 1})
    assert not cell.public
    told, *_ = answers(
        [*hundred, Sale("b", 100), Sale("c", 100)], Consents(frozenset("b"), frozenset("b"))
    )
    assert told == SalesTold(Reach.NONE, (ShopTakings("b", 100, {}),), 2, None)


def test_money_that_no_shop_is_named_with_is_of_nobody_who_consents() -> None:
    nameless = fact(Kind.CAPTURED, booked_date=ON, amount_yen=70)
    cell = cell_of(roll_up(dated(nameless, *(sale.fact() for sale in three()))).days, ON)
    assert dict(cell.net) == {"a": 100, "b": 200, "c": 300, "": 70}
    consents = Consents(frozenset("abc"), frozenset("abc"))
    assert told_to_analysts(cell, consents, {}, over=True).reach is Reach.TOTAL


def test_how_fresh_sales_are_is_told_by_the_hour() -> None:
    _, day, span, _ = answers(three(), Consents())
    (source,) = day.sources
    assert (source.coarse, source.event_count) == (True, 0)
    assert source.last_occur_time.ToDatetime().minute == 0
    assert span.as_of_time.ToDatetime() == NOON.replace(tzinfo=None)
    other = SourceState("multilingual", NOON, NOON + timedelta(minutes=7), 4)
    assert narrowed.coarse([other]) == (other,)


@given(st.lists(sales, max_size=5), some_shops)
def test_a_month_of_the_kpi_book_is_the_sum_of_days_that_are_told(
    days: list[list[Sale]], consents: frozenset[str]
) -> None:
    cells, sums, untold = {}, 0, 0
    for n, made in enumerate(days):
        known = roll_up(dated(*(sale.fact() for sale in made))).days
        cells[ON + timedelta(days=n)] = cell_of(known, ON)
        told, _, span, _ = answers(made, Consents())
        sums += span.days[0].net_yen
        untold += told.reach is Reach.NONE
        # Consent tells more to the staff, and nothing less.
        wider, *_ = answers(made, Consents(consents, consents))
        assert wider.reach is not Reach.NONE or told.reach is Reach.NONE
    book = from_events(
        Sums(begins={Kind.CAPTURED: ON.replace(day=1)}, sales=cells), ON.replace(day=1),
        ON.replace(day=28),
    )[Measure.TAKINGS]["2026-05"]  # fmt: skip
    assert (book.value, book.high, book.untold_days) == (sums, sums, untold)
