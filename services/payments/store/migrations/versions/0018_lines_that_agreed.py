"""Lines of providers' files that agreed with no entry are forgotten, so that they may come again
corrected. Until now the first telling of a line stood for good, wrong amount and all.
"""

from kit import schema

revision = "0018"
down_revision = "0017"

FORGOTTEN = """
delete from provider_lines p using findings f, reconciliations r
    where f.kind in ('extra', 'wrong_amount') and f.line_number <> ''
        and r.area = f.area and r.reconciliation_id = f.reconciliation_id
        and p.area = f.area and p.gateway = r.gateway
        and p.line_key = case when f.is_refund then 'refund ' else 'sale ' end
            || f.shop_place_id || ' ' || f.line_number;
"""


def upgrade() -> None:
    """Forgets them."""
    schema.execute("set local meguri.area = '*'")
    schema.execute(FORGOTTEN)
