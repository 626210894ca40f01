"""Tickets: sold at a counter by the pages of the till, and scanned at the gate."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from demo.visitors import Purchase
from demo.web import Browser, Unexpected

_CLASS = re.compile(r'name="n:([^"]+)"')
_JSON = {"Accept": "application/json"}
_CODE = re.compile(r'class="ticket__typed[^"]*">([^<]+)<')


@dataclass(frozen=True)
class Ticket:
    """A sold ticket. ticket_id: of its payment too. token: of the form it was sold with."""

    ticket_id: str
    code: str
    token: str


def price_of(browser: Browser, gate: str) -> str:
    """Returns the first price of tickets at a counter, "" where none are sold."""
    answer = browser.get(f"/till/tickets?shop={gate}")
    found = _CLASS.search(answer.text) if answer.status == 200 else None
    return found.group(1) if found else ""


def sell(
    browser: Browser, sale: Purchase, price: str, button_of: Callable[[str, str], str]
) -> Ticket:
    """Sells one ticket for a party of grown-ups. Errors: Unexpected."""
    page = browser.get(
        f"/till/tickets?shop={sale.shop}&n%3A{quote(price, safe='')}={sale.persons}&go=1"
    )
    token = page.field("form_token")
    done = browser.post_form(
        "/till/tickets",
        {
            "form_token": token, "request_id": str(uuid.uuid4()), "shop": sale.shop,
            "amount_yen": page.field("amount_yen"), f"n:{price}": str(sale.persons),
            "pay": button_of(page.text, sale.tender),
        },
    )  # fmt: skip
    if done.status != 303:
        raise Unexpected(f"the till gave {done.status} for a ticket")
    path = (done.headers["Location"] or "").partition("?")[0]
    code = _CODE.search(browser.get(path).text)
    if code is None:
        raise Unexpected("the till shows no ticket")
    return Ticket(path.rpartition("/")[2], code.group(1).strip(), token)


def admit(browser: Browser, ticket: Ticket, sale: Purchase) -> bool:
    """Scans a ticket at its gate, as a clerk who types its code. Tells whether the party is in.

    A ticket that a simulated provider was paid with says so at the gate, and lets nobody in.
    """
    scan_id = str(uuid.uuid4())
    asked = {"gate": sale.shop, "scan_id": scan_id, "code": ticket.code}
    answer = browser.post_json("/gate/scans", asked, **_JSON, **{"X-Form-Token": ticket.token})
    if answer.status != 200:
        raise Unexpected(f"the gate gave {answer.status}")
    if answer.json()["outcome"] == "practice":
        return False
    if answer.json()["outcome"] != "admitted":
        raise Unexpected(f"the gate said {answer.json()['outcome']} {answer.json()['reason']}")
    if sale.origin:
        said = {"request_id": str(uuid.uuid4()), "scan_id": scan_id, "origin": sale.origin}
        told = browser.post_json("/gate/origins", said, **_JSON, **{"X-Form-Token": ticket.token})
        if told.status != 200:
            raise Unexpected(f"the gate gave {told.status} for an origin")
    return True
