"""Shops, their codes and their contracts between protobuf and values."""

from kit.pure.errors import InvalidFields
from meguri.payments.v1 import payments_service_pb2 as pb
from services.payments.domain.business_day import read_date
from services.payments.domain.contract import AcquirerContract
from services.payments.domain.emvqr.jpqr import StoreId
from services.payments.domain.emvqr.setting import CodeSetting
from services.payments.domain.payout_terms import Closing, PayoutTerms
from services.payments.domain.shop import (
    ContractState,
    Owner,
    Rounding,
    Shop,
    TenderSetting,
    is_practice,
)
from services.payments.domain.tender import GatewayFacts
from services.payments.wire import tender_number, tender_value


def shop_value(message: pb.Shop) -> Shop:
    """Decodes a shop. Errors: InvalidFields for an enum value that is not in the contract."""
    if message.owner not in pb.ShopOwner.values():
        raise InvalidFields([("owner", "this owner is not known")])
    if message.tax_rounding not in pb.TaxRounding.values():
        raise InvalidFields([("tax_rounding", "this rounding is not known")])
    rounding = pb.TaxRounding.Name(message.tax_rounding or pb.TAX_ROUNDING_DOWN)
    owner = pb.ShopOwner.Name(message.owner or pb.SHOP_OWNER_MERCHANT)
    return Shop(
        shop_place_id=message.shop_place_id,
        names=dict(message.names),
        registration_number=message.registration_number,
        owner=Owner[owner.removeprefix("SHOP_OWNER_")],
        default_tax_rate_percent=message.default_tax_rate_percent,
        tax_rounding=Rounding[rounding.removeprefix("TAX_ROUNDING_")],
        tenders=tuple(
            TenderSetting(
                tender=tender_value(each.tender, "tenders"),
                gateway=each.gateway,
                terminal=each.terminal,
                contract=_contract_value(each.contract),
                payout_terms=_terms(each.payout_terms) if each.HasField("payout_terms") else None,
            )
            for each in message.tenders
        ),
        practice=message.practice,
        address=message.address,
        phone=message.phone,
        tax_free=message.tax_free,
        merchant_code=_setting(message.merchant_code)
        if message.HasField("merchant_code")
        else None,
    )


def _setting(message: pb.MerchantCodeSetting) -> CodeSetting:
    store_id = StoreId()
    if message.jpqr_store_id:
        if len(message.jpqr_store_id) != 4:
            raise InvalidFields([("merchant_code.jpqr_store_id", "give four levels, or none")])
        first, second, third, fourth = message.jpqr_store_id
        store_id = StoreId(levels=(first, second, third, fourth), issued=message.jpqr_issued)
    return CodeSetting(
        mcc=message.mcc,
        name=message.name,
        city=message.city,
        postal_code=message.postal_code,
        local_name=message.local_name,
        store_id=store_id,
    )


def _setting_message(setting: CodeSetting | None) -> pb.MerchantCodeSetting | None:
    if setting is None:
        return None
    is_sample = setting.store_id == StoreId()
    return pb.MerchantCodeSetting(
        mcc=setting.mcc,
        name=setting.name,
        city=setting.city,
        postal_code=setting.postal_code,
        local_name=setting.local_name,
        jpqr_store_id=() if is_sample else setting.store_id.levels,
        jpqr_issued=setting.store_id.issued,
    )


def _terms(message: pb.PayoutTerms) -> PayoutTerms:
    return PayoutTerms(
        days=message.days,
        weekday=message.weekday,
        closings=tuple(
            Closing(
                closing_day=each.closing_day,
                months_later=each.months_later,
                payout_day=each.payout_day,
            )
            for each in message.closings
        ),
    )


def terms_message(terms: PayoutTerms | None) -> pb.PayoutTerms | None:
    """Encodes when a provider pays."""
    if terms is None:
        return None
    return pb.PayoutTerms(
        days=terms.days,
        weekday=terms.weekday,
        closings=[
            pb.PayoutClosing(
                closing_day=each.closing_day,
                months_later=each.months_later,
                payout_day=each.payout_day,
            )
            for each in terms.closings
        ],
    )


def _contract_value(number: int) -> ContractState:
    if number not in pb.ContractState.values():
        raise InvalidFields([("tenders", "this state of a contract is not known")])
    name = pb.ContractState.Name(pb.ContractState.ValueType(number or pb.CONTRACT_STATE_ACTIVE))
    return ContractState[name.removeprefix("CONTRACT_STATE_")]


def shop_message(shop: Shop, version: int, facts: dict[str, GatewayFacts]) -> pb.Shop:
    """Encodes a shop; each way to pay says whether it is practice."""
    return pb.Shop(
        shop_place_id=shop.shop_place_id,
        names=dict(shop.names),
        registration_number=shop.registration_number,
        owner=pb.ShopOwner.Value(f"SHOP_OWNER_{shop.owner.name}"),
        default_tax_rate_percent=shop.default_tax_rate_percent,
        tax_rounding=pb.TaxRounding.Value(f"TAX_ROUNDING_{shop.tax_rounding.name}"),
        tenders=[
            pb.TenderSetting(
                tender=tender_number(each.tender),
                gateway=each.gateway,
                practice=is_practice(shop, facts[each.gateway]),
                terminal=each.terminal,
                contract=pb.ContractState.Value(f"CONTRACT_STATE_{each.contract.name}"),
                payout_terms=terms_message(each.payout_terms),
            )
            for each in shop.tenders
            if each.gateway in facts
        ],
        practice=shop.practice,
        address=shop.address,
        phone=shop.phone,
        version=version,
        tax_free=shop.tax_free,
        merchant_code=_setting_message(shop.merchant_code),
    )


def contract_value(message: pb.AcquirerContract) -> AcquirerContract:
    """Decodes a contract. Errors: InvalidFields for what is no tender or no date."""
    until = message.valid_until
    return AcquirerContract(
        shop_place_id=message.shop_place_id,
        tender=tender_value(message.tender),
        gateway=message.gateway,
        acquirer=message.acquirer,
        contract_number=message.contract_number,
        valid_from=read_date("valid_from", message.valid_from),
        valid_until=read_date("valid_until", until) if until else None,
    )


def contract_message(contract: AcquirerContract) -> pb.AcquirerContract:
    """Encodes a contract."""
    return pb.AcquirerContract(
        shop_place_id=contract.shop_place_id,
        tender=tender_number(contract.tender),
        gateway=contract.gateway,
        acquirer=contract.acquirer,
        contract_number=contract.contract_number,
        valid_from=contract.valid_from.isoformat(),
        valid_until=contract.valid_until.isoformat() if contract.valid_until else "",
    )
