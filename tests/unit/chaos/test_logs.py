"""Logs that outlive kill -9, sales that a seed decides, and the figures read from them."""

from pathlib import Path
from typing import Any

import pytest

from chaos.asked import taken_share
from chaos.logs import Log, read
from chaos.sales import AMOUNT_MOST, make_sales
from chaos.stage import percentile_s, recovery_s


def test_a_line_cut_off_by_a_kill_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "acks.jsonl"
    log = Log(path)
    log.write({"key": "a"})
    log.write({"key": "b"})
    log.close()
    assert log.count == 2
    with path.open("a") as file:
        file.write('{"key": "c"')
    assert read(path) == [{"key": "a"}, {"key": "b"}]
    assert read(tmp_path / "none.jsonl") == []


def test_a_seed_gives_the_same_sales_again_and_another_gives_others() -> None:
    assert make_sales(200, 7) == make_sales(200, 7)
    assert make_sales(200, 7) != make_sales(200, 8)


def test_sales_are_of_all_kinds_and_never_ask_for_a_fault_unasked() -> None:
    sales = make_sales(2_000, 1)
    assert {each.follow for each in sales} == {"", "capture", "void", "refund"}
    assert len({each.tender for each in sales}) == 6
    assert all(0 < each.amount_yen <= AMOUNT_MOST for each in sales)
    assert all(each.part_yen <= each.amount_yen for each in sales)
    assert not [each for each in sales if each.tender == "cash_record" and each.follow == "capture"]
    assert {each.amount_yen for each in make_sales(100, 1, [9903, 9907])} == {9903, 9907}


def ack(first: float, sent: float, at: float, **more: Any) -> dict[str, Any]:
    """Times of one outcome."""
    return {"first": first, "sent": sent, "at": at, "step": "take", "state": "captured",
            "tender": "card", "refused": "", **more}  # fmt: skip


def test_recovery_counts_only_what_was_sent_after_the_fault() -> None:
    acks = [ack(0.0, 9.9, 10.1), ack(9.0, 12.0, 12.5), ack(12.6, 12.6, 12.7)]
    assert recovery_s([{"at": 10.0}], acks) == pytest.approx(2.5)
    assert recovery_s([{"at": 10.0}, {"at": 12.55}], acks) == pytest.approx(2.5)
    assert recovery_s([], acks) == 0


def test_of_a_storm_only_the_last_blow_has_to_be_recovered_from() -> None:
    storm = [{"at": at, "stormy": True} for at in (0.0, 10.0, 20.0)]
    acks = [ack(21.0, 21.0, 22.0)]
    assert recovery_s(storm, acks) == pytest.approx(2.0)
    assert recovery_s([{"at": 15.0}, *storm], acks) == pytest.approx(7.0)


@pytest.mark.parametrize(
    "no_sale", [{"state": "declined"}, {"state": "expired"}, {"tender": "cash_record"},
                {"step": "void"}],
)  # fmt: skip
def test_only_a_sale_that_the_acquirer_took_is_a_recovery(no_sale: dict[str, str]) -> None:
    acks = [ack(10.1, 10.1, 10.2, **no_sale), ack(18.0, 18.0, 19.0, state="authorized")]
    assert recovery_s([{"at": 10.0}], acks) == pytest.approx(9.0)


def test_where_nothing_was_taken_it_took_until_the_last_answer_and_longer() -> None:
    acks = [ack(at, at, at, state="declined") for at in (10.1, 25.0)]
    assert recovery_s([{"at": 10.0}], acks) == pytest.approx(15.0)


def test_the_share_that_was_taken_is_of_sales_that_ended_at_the_acquirer() -> None:
    acks = [ack(0, 0, 0), ack(0, 0, 0, state="authorized"), ack(0, 0, 0, state="declined"),
            ack(0, 0, 0, state="declined"), ack(0, 0, 0, state="expired"),
            ack(0, 0, 0, tender="cash_record"), ack(0, 0, 0, state="", refused="401 revoked"),
            ack(0, 0, 0, step="refund")]  # fmt: skip
    assert taken_share(acks) == 0.5
    assert taken_share([]) == 1.0


def test_a_percentile_is_of_the_whole_time_a_client_waited() -> None:
    acks = [ack(0.0, 0.0, 0.1)] * 98 + [ack(0.0, 5.0, 5.0), ack(0.0, 7.0, 7.0)]
    assert percentile_s(acks, 0.5) == pytest.approx(0.1)
    assert percentile_s(acks, 0.99) == 7.0
    assert percentile_s([], 0.99) == 0.0
