"""One transaction with many sales: repeats, reused ids and refusals within the same group."""

import msgspec

from kit.requests import RequestIdReused
from services.payments.app import reads
from services.payments.app.commit import write_group
from services.payments.app.deps import Deps
from services.payments.app.units import Answered, Known, Take, Unit
from services.payments.domain.errors import TenderNotAccepted, UnknownShop
from services.payments.domain.payment import Payment, State
from services.payments.domain.provider import DONE, UNANSWERED
from services.payments.domain.tender import Tender
from tests.service.payments.conftest import AREA, CLERK, key, said, sale

CASH = sale(500, Tender.CASH_RECORD)


async def test_a_group_stores_each_sale_once_and_refuses_the_rest_alone(deps: Deps) -> None:
    same = key("twice-in-one-group", b"a")
    units: list[Unit] = [
        Take(same, CLERK, CASH),
        Take(same, CLERK, CASH),
        Take(key("twice-in-one-group", b"b"), CLERK, CASH),
        Take(key(), CLERK, msgspec.structs.replace(CASH, shop_place_id="nowhere")),
        Take(key("to-be-given-back"), CLERK, sale(500, Tender.POINTS)),
        Take(key(), CLERK, msgspec.structs.replace(CASH, shop_place_id="gate-a")),
    ]
    first, again, reused, unknown, points, gate = await write_group(deps, AREA, units)
    assert isinstance(first, Payment)
    assert again == Known(first.payment_id)
    assert isinstance(reused, RequestIdReused)
    assert isinstance(unknown, UnknownShop)
    assert isinstance(points, TenderNotAccepted)
    assert isinstance(gate, Payment)
    assert (first.state, gate.state) == (State.CAPTURED, State.CAPTURED)
    # A refused request id is free again: nothing was stored under it.
    (later,) = await write_group(deps, AREA, [Take(key("to-be-given-back"), CLERK, CASH)])
    assert isinstance(later, Payment)
    assert [each.type for each in await said(deps)] == ["payment_captured"] * 3
    assert (await reads.prove_ledger(deps, CLERK)).sound


async def test_two_equal_taps_on_what_is_refused_get_the_same_refusal(deps: Deps) -> None:
    same = key("refused-twice-1")
    nowhere = msgspec.structs.replace(CASH, shop_place_id="nowhere")
    units = [Take(same, CLERK, nowhere), Take(same, CLERK, nowhere), Take(key(), CLERK, CASH)]
    first, again, other = await write_group(deps, AREA, units)
    assert isinstance(first, UnknownShop)
    assert isinstance(again, UnknownShop)
    assert isinstance(other, Payment)
    (later,) = await write_group(deps, AREA, [Take(same, CLERK, CASH)])
    assert isinstance(later, Payment)


async def test_two_answers_to_one_step_in_one_group_settle_it_once(deps: Deps) -> None:
    (created,) = await write_group(deps, AREA, [Take(key(), CLERK, sale(700))])
    assert isinstance(created, Payment)
    step = created.payment_id
    results = await write_group(
        deps,
        AREA,
        [Answered(step, step, UNANSWERED), Answered(step, step, DONE), Answered(step, step, DONE)],
    )
    assert [each.state for each in results if isinstance(each, Payment)] == [
        State.UNKNOWN, State.CAPTURED, State.CAPTURED
    ]  # fmt: skip
    assert [each.type for each in await said(deps)] == [
        "payment_became_unknown",
        "payment_captured",
    ]
    assert (await reads.prove_ledger(deps, CLERK)).sound
