"""Tax-free sales at the office: which wait for customs, and whose tax is still to go back."""

from flask import render_template, request

from kit.roles import OFFICE
from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.login import requires
from services.edge.office.desk import blueprint, chosen, payments, shops

PAGES = 10  # of 200: more than a shop sells in the 90 days customs have


@blueprint.get("/till/office/tax-free")
@requires(*OFFICE)
def tax_free() -> str:
    """Shows open records, those whose last day is near first, and the sums."""
    found = shops()
    shop = chosen(found, request.args.get("shop", ""))
    sales, token = _all(shop.shop_place_id if shop else "")
    waiting = [each for each in sales if each.state == pb.TAX_FREE_STATE_RECORDED]
    to_pay = [
        each for each in sales
        if each.state == pb.TAX_FREE_STATE_CONFIRMED and not each.refund_id
    ]  # fmt: skip
    open_ids = {each.tax_free_sale_id for each in (*waiting, *to_pay) if not each.expired}
    return render_template(
        "office/tax_free.html", here="tax_free", shop=shop, shops=found, more=bool(token),
        waiting=sorted((each for each in waiting if not each.expired),
                       key=lambda each: each.confirm_until),
        to_pay=to_pay,
        ended=[each for each in sales if each.tax_free_sale_id not in open_ids],
        permitted=any(each.tax_free for each in found.values()),
    )  # fmt: skip


def _all(shop_place_id: str) -> tuple[list[pb.TaxFreeSale], str]:
    """Returns the records, and where the next page would begin when there are very many."""
    sales: list[pb.TaxFreeSale] = []
    token = ""
    for _page in range(PAGES):
        page = payments().ListTaxFreeSales(
            pb.ListTaxFreeSalesRequest(
                shop_place_id=shop_place_id, page_size=200, page_token=token
            )
        )  # fmt: skip
        sales += page.tax_free_sales
        token = page.next_page_token
        if not token:
            break
    return sales, token
