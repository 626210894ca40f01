"""The office: a signer, the shop's owner, and short ways to close and to read balances."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kit.db import Transaction
from services.payments.app import reads
from services.payments.app.deps import Deps
from services.payments.app.who import Who
from services.payments.gateways.signer import Signer
from tests.service.payments.conftest import AREA, CLERK

STAYING = ("journal_entries", "closes", "closed_entries", "audit_chain", "audit_heads")
OWNER = Who(area=AREA, principal="owner-a", shops=frozenset({"shop-a"}), device=False)
OTHER = Who(area=AREA, principal="owner-b", shops=frozenset({"gate-a"}), device=False)


@pytest.fixture
def signer() -> Signer:
    """A key of this test alone."""
    return Signer(Ed25519PrivateKey.generate())


async def balances(deps: Deps) -> dict[str, int]:
    """Live balances by account, of a ledger that must be sound."""
    proof = await reads.prove_ledger(deps, CLERK)
    assert proof.sound, proof
    return {row["account"]: row["balance_yen"] for row in proof.accounts if not row["practice"]}


async def without_triggers(tx: Transaction) -> None:
    """Lets this transaction edit what is never edited, as somebody with all rights could."""
    for table in STAYING:
        await tx.execute(f"alter table {table} disable trigger {table}_stay")


async def today(deps: Deps) -> str:
    """The business date."""
    return (await reads.read_totals(deps, CLERK, day="", shop_place_id="")).day.isoformat()
