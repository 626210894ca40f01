"""What a shop's own payment code says, set up once."""

from dataclasses import dataclass, field

from kit.pure.errors import InvalidFields
from services.payments.domain.emvqr.jpqr import ACCOUNT_ID, LEVELS, StoreId
from services.payments.domain.emvqr.make import Draft, make_merchant

_MOST_LOCAL = 25


@dataclass(frozen=True, kw_only=True)
class CodeSetting:
    """name, city: ASCII. local_name: "" for the shop's own name in Japanese."""

    mcc: str
    name: str
    city: str
    postal_code: str
    local_name: str = ""
    store_id: StoreId = field(default_factory=StoreId)


def draft_for(setting: CodeSetting, local_name: str, amount_yen: int) -> Draft:
    """Returns what the code says: for one sale, or with 0 for a sticker."""
    return Draft(
        accounts={ACCOUNT_ID: dict(setting.store_id.objects)},
        mcc=setting.mcc,
        name=setting.name,
        city=setting.city,
        amount=str(amount_yen) if amount_yen else "",
        postal_code=setting.postal_code,
        local_language="JA",
        local_name=setting.local_name or local_name,
    )


def setting_problems(setting: CodeSetting | None, local_name: str) -> list[tuple[str, str]]:
    """Returns what of a setting cannot be used, by field; nothing of none."""
    if setting is None:
        return []
    told = tuple(len(level) for level in setting.store_id.levels)
    if told != tuple(LEVELS.values()):
        return [("merchant_code.jpqr_store_id", "give 13, 4, 6 and 6 characters, or none")]
    if len(setting.local_name or local_name) > _MOST_LOCAL:
        return [("merchant_code.local_name", f"give a name of at most {_MOST_LOCAL} characters")]
    try:
        make_merchant(draft_for(setting, local_name, 0))
    except InvalidFields as error:
        return [(f"merchant_code.{name}", text) for name, text in error.fields]
    return []
