"""Which shop or gate a page is about, and asking for it where nothing says so: for all such pages.

Its address says it; else there is only one; else this device remembers one. Else the page that asks
is shown, and leads on to where somebody wanted to go: a bookmark opens what it was made of.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Never, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import abort, redirect, request

from services.edge import cookies
from services.edge.errors import Problem, wants_json
from services.edge.language import own_path
from services.edge.parts import person

T = TypeVar("T")


@dataclass(frozen=True)
class Asking:
    """What is chosen once. field: its name in addresses. asks: the page that asks for it.

    pages: where the addresses of its pages begin. cookie: what this device remembers. unknown: the
    reason told for one that is not there.
    """

    field: str
    asks: str
    pages: str
    cookie: cookies.Cookie
    unknown: str

    def one_of(self, found: Mapping[str, T]) -> T:
        """Returns what this page is about. Errors: Problem for one that is not there; the answer
        that asks, where nothing is chosen."""
        wanted = request.args.get(self.field, "")
        if wanted:
            if wanted not in found:
                raise no_shop(wanted) if self is SHOP else Problem(404, self.unknown)
            return found[wanted]
        if len(found) == 1:
            return next(iter(found.values()))
        known = found.get(self.remembered())
        return known if known is not None else self.ask()

    def remembered(self) -> str:
        """Returns what this device remembers, "" for nothing."""
        return self.cookie.read()

    def ask(self) -> Never:
        """Leads to the page that asks, and from there back here."""
        if request.method not in ("GET", "HEAD") or wants_json():
            raise Problem(404, self.unknown)
        here = request.full_path if request.query_string else request.path
        abort(redirect(f"{self.asks}?{urlencode({'choose': 1, 'next': here})}", 303))

    def wanted_next(self) -> str:
        """Returns the page to go on to, as the page that asks was told; "" for none of ours."""
        path = own_path(request.args.get("next", ""))
        return path if path.startswith(f"{self.pages}/") else ""

    def go_on(self, chosen: str) -> str:
        """Returns the address of the page to go on to, about what was chosen; "" for none."""
        path = self.wanted_next()
        if not path:
            return ""
        parts = urlsplit(path)
        given = parse_qsl(parts.query, keep_blank_values=True)
        said = [pair for pair in given if pair[0] != self.field]
        return f"{parts.path}?{urlencode([*said, (self.field, chosen)])}"

    def query(self, chosen: str) -> str:
        """Returns what is said of a choice behind an address."""
        return urlencode({self.field: chosen})


SHOP = Asking("shop", "/till/choose", "/till", cookies.TILL_SHOP, "unknown_shop")
GATE = Asking("gate", "/gate", "/gate", cookies.GATE, "unknown_gate")


def no_shop(wanted: str) -> Problem:
    """Returns what is said of a shop that this login cannot open: that it belongs to others, else
    that it is not set up. Whether it exists is not told."""
    known = person()
    if wanted and known is not None and known.shops and wanted not in known.shops:
        return Problem(403, "shop_not_yours")
    return Problem(404, "unknown_shop")
