"""The page of providers' files: the same content again, rows that were not read, a mapping."""

import html
import io
import re
from typing import Any

from flask.testing import FlaskClient

from meguri.payments.v1 import office_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from services.payments.domain.provider_file import read_mapping
from tests.pages.edge.fakes import FakeServices
from tests.pages.edge.test_office import ORIGIN, office, token

__all__ = ["office"]

EN = {**ORIGIN, "Accept-Language": "en"}
UNDATED = pb.RejectedRow(row=4, text="nothing is no date")


def upload(till: FlaskClient, **more: str) -> Any:
    form = {
        "form_token": token(till), "request_id": "r-file", "form": "generic", "shop": "shop-a",
        **more, "file": (io.BytesIO(b"number,time,amount\n"), "renamed.csv"),
    }  # fmt: skip
    return till.post("/till/office/reconcile", data=form, headers=EN)


def test_content_that_was_sent_before_is_told_with_name_and_time_of_the_first(
    browser: FlaskClient, office: FakeServices
) -> None:
    done = pb.Reconciliation(
        reconciliation_id="f-1", file_name="first.csv", rejected_count=1, rejected=[UNDATED]
    )
    done.reconcile_time.FromJsonString("2026-11-28T03:04:00Z")
    answer = pb.ReconcileFileResponse(reconciliation=done)
    office.answers["ReconcileFile"] = lambda _: answer
    assert upload(browser).headers["Location"] == "/till/office/reconcile?file=f-1"
    answer.sent_before = True
    page = upload(browser)
    assert page.status_code == 200
    assert "This content was sent before" in page.text
    assert "It was “first.csv”, sent on 2026-11-28 12:04" in page.text
    assert "send them as a file of their own" in page.text
    assert office.called("ListFindings")[-1].reconciliation_id == "f-1"


def test_rows_that_an_earlier_file_matched_are_told_with_its_name(
    browser: FlaskClient, office: FakeServices
) -> None:
    done = pb.Reconciliation(reconciliation_id="f-2", file_name="b.csv", payout_yen=967)
    done.counts.add(kind=pb.FINDING_KIND_DUPLICATE, found_count=300, open_count=1)
    office.answers["ListReconciliations"] = lambda _: pb.ListReconciliationsResponse(
        reconciliations=[done]
    )
    found = pb.ListFindingsResponse(findings=[
        pb.Finding(kind=pb.FINDING_KIND_DUPLICATE, settled_by="reconciliation",
                   ended=pb.FINDING_END_MATCHED_BEFORE, earlier_file="a.csv"),
        pb.Finding(kind=pb.FINDING_KIND_DUPLICATE, settled_by="owner", note="asked them",
                   ended=pb.FINDING_END_PERSON),
    ])  # fmt: skip
    office.answers["ListFindings"] = lambda asked: (
        found if asked.settled else pb.ListFindingsResponse()
    )
    address = "/till/office/reconcile?file=f-2"
    page = html.unescape(browser.get(address, headers={"Accept-Language": "en"}).text)
    assert "1 row was matched already by “a.csv”" in page
    assert "payouts to come ¥967" in page
    assert "On which day they are to come" in page
    found.next_page_token = "more"
    page = browser.get(address, headers={"Accept-Language": "ja"}).text
    assert "299 行は、以前のファイル「a.csv」で照合済みです。" in page
    assert "入金予定" in page
    assert "二重に請求" not in page


def test_nothing_about_money_is_advised_while_nobody_knows_which_sale_it_is(
    browser: FlaskClient, office: FakeServices
) -> None:
    one = pb.Finding(
        finding_id="x", kind=pb.FINDING_KIND_WRONG_AMOUNT, shop_place_id="shop-a",
        tender=payments_pb.TENDER_CARD, alike_count=1,
    )  # fmt: skip
    office.answers["ListFindings"] = lambda _: pb.ListFindingsResponse(findings=[one])
    alike = "amount and time do not tell it from 1 more"
    page = browser.get("/till/office/reconcile", headers={"Accept-Language": "en"}).text
    assert alike in page
    assert "Compare the slips first" in page
    assert "Refund or record the difference" not in page
    one.alike_count = 0
    page = browser.get("/till/office/reconcile", headers={"Accept-Language": "en"}).text
    assert "Refund or record the difference" in page
    one.kind, one.alike_count = pb.FINDING_KIND_EXTRA, 1  # it is no sale of ours at all
    page = browser.get("/till/office/reconcile", headers={"Accept-Language": "en"}).text
    assert "Not in our records" in page
    assert alike not in page


def test_the_list_of_files_counts_rows_that_could_not_be_read(
    browser: FlaskClient, office: FakeServices
) -> None:
    files = [
        pb.Reconciliation(
            reconciliation_id="f-1", file_name="a.csv", rejected_count=250, rejected=[UNDATED]
        )
    ]
    office.answers["ListReconciliations"] = lambda _: pb.ListReconciliationsResponse(
        reconciliations=files
    )
    office.answers["ListFindings"] = lambda _: pb.ListFindingsResponse(findings=[
        pb.Finding(finding_id="x", kind=pb.FINDING_KIND_MISSING, shop_place_id="shop-a",
                   tender=payments_pb.TENDER_CARD, alike_count=2),
        pb.Finding(finding_id="y", kind=pb.FINDING_KIND_WRONG_TIME, shop_place_id="shop-a",
                   tender=payments_pb.TENDER_CARD),
    ])  # fmt: skip
    page = browser.get("/till/office/reconcile?file=f-1", headers={"Accept-Language": "en"}).text
    assert '<td class="number" data-label="Not readable"><strong>250</strong></td>' in page
    assert "250 rows could not be read." in page
    assert "And 249 more." in page
    assert page.count("amount and time do not tell it from 2 more") == 1
    assert "Another time" in page


def test_a_mapping_begins_with_one_that_payments_reads_and_is_never_ignored(
    browser: FlaskClient, office: FakeServices
) -> None:
    page = browser.get("/till/office/reconcile", headers={"Accept-Language": "en"}).text
    shown = html.unescape(re.findall(r'name="mapping"[^>]*>([^<]*)</textarea>', page)[0])
    mapping = read_mapping(shown)
    assert set(mapping.columns) == {"number", "time", "amount", "status", "fee", "payout_date"}
    office.answers["ReconcileFile"] = lambda _: pb.ReconcileFileResponse()
    assert upload(browser, mapping=shown.replace("\n", "\r\n")).status_code == 303
    assert office.called("ReconcileFile")[-1].mapping == "generic"
    refused = upload(browser, mapping=shown.replace('"time"', '"日時"'))
    assert (refused.status_code, "form that needs none" in refused.text) == (422, True)
    assert upload(browser, mapping=shown, form="own").status_code == 303
    assert office.called("ReconcileFile")[-1].mapping.split() == shown.split()
