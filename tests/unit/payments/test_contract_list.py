"""`payments contracts` says something also where there is none."""

import argparse
from typing import Any

import pytest

from meguri.payments.v1 import payments_service_pb2 as pb
from services.payments.cli import providers


@pytest.mark.parametrize("count", [0, 2])
def test_no_contract_is_an_answer_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], count: int
) -> None:
    made = [
        pb.AcquirerContract(shop_place_id=f"shop-{number}", tender=pb.TENDER_CARD, gateway="square",
                            contract_number="C-1", valid_from="2026-12-01")
        for number in range(count)
    ]  # fmt: skip

    class Payments:
        def ListAcquirerContracts(self, *_: Any, **__: Any) -> pb.ListAcquirerContractsResponse:
            return pb.ListAcquirerContractsResponse(contracts=made)

    monkeypatch.setattr(providers, "payments", lambda _: Payments())
    assert providers.run_contracts(argparse.Namespace(json=False)) == 0
    said = capsys.readouterr().out
    assert said.count("\n") == max(count, 1)
    assert ("no contract is recorded: ./meguri payments contract --help" in said) == (count == 0)
    assert said.count("no end") == count
