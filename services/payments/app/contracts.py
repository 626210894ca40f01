"""Recording and listing contracts with acquirers."""

from kit.ids import new_id
from kit.requests import RequestKey, once
from services.payments.app.deps import Deps
from services.payments.app.who import Who
from services.payments.domain.contract import AcquirerContract, check_contract
from services.payments.domain.errors import UnknownShop
from services.payments.store import contracts, shops


async def record_contract(deps: Deps, key: RequestKey, who: Who, contract: AcquirerContract) -> str:
    """Records a contract, returns its id. Errors: InvalidFields, UnknownShop, RequestIdReused."""
    check_contract(contract, deps.facts)
    async with deps.db.transaction(who.area) as tx:

        async def record() -> str:
            if await shops.find(tx, contract.shop_place_id) is None:
                raise UnknownShop(f"{contract.shop_place_id[:80]} is not set up for payments.")
            contract_id = new_id()
            await contracts.add(tx, contract_id, contract, who.principal, deps.clock.now())
            return contract_id

        return await once(tx, key, str, record)


async def list_contracts(deps: Deps, who: Who) -> list[AcquirerContract]:
    """Returns the newest contract for each shop, tender and gateway."""
    async with deps.db.read(who.area) as tx:
        return await contracts.newest(tx)
