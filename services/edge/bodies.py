"""Reading bodies: how many may be on their way at once, in all and from one address.

The server hands a request over when its head is there; its body is waited for in one of THREADS.
Whoever sends bodies drop by drop would hold all of them. So only some threads may wait, a few of
them for one address, and connections.py ends a wait that lasts too long.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address

from flask import Request
from flask_babel import format_decimal
from flask_babel import gettext as _
from werkzeug.exceptions import ClientDisconnected

from services.edge.errors import Problem

AT_ONCE = 64  # half the threads: pages, health and streams keep the other half
AT_ONCE_FROM_ONE = 16  # a whole cave may share an address, but its bodies come with their heads
RETRY_AFTER_S = 2


class Bodies:
    """Counts the bodies this process waits for. Addresses are held only while one is waited for."""

    def __init__(self, at_once: int = AT_ONCE, from_one: int = AT_ONCE_FROM_ONE) -> None:
        self._free, self._from_one = at_once, from_one
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def waiting(self, who: str) -> Iterator[None]:
        """Holds one place for `who`. Errors: Problem too_many_bodies, bodies_busy."""
        with self._lock:
            if self._held[who] >= self._from_one:
                raise Problem(429, "too_many_bodies", retry_after_s=RETRY_AFTER_S)
            if not self._free:
                raise Problem(503, "bodies_busy", retry_after_s=RETRY_AFTER_S)
            self._free -= 1
            self._held[who] += 1
        try:
            yield
        finally:
            with self._lock:
                self._free += 1
                self._held[who] -= 1
                if not self._held[who]:
                    del self._held[who]


def sender(address: str) -> str:
    """Returns what counts as one sender: an IPv4 address, or the /64 an IPv6 host may roam in."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    return str(known.ipv4_mapped or int(known) >> 64)


def check_length(request: Request, limit: int) -> None:
    """Refuses by head alone. Errors: Problem body_too_large, length_required.

    Of a body in chunks nobody could tell whether it broke off; see read().
    """
    if (request.content_length or 0) > limit:
        raise too_large(limit)
    if "Transfer-Encoding" in request.headers:
        raise Problem(411, "length_required", "Send the body whole, with a Content-Length.")


def too_large(limit: int) -> Problem:
    """Returns the refusal of a body of more than `limit` bytes; people read it in MB or KB."""
    tenths = 10 * limit // 1024**2  # rounded down: what is told fits
    size = (
        _("%(number)s MB", number=format_decimal(tenths / 10))
        if tenths >= 10
        else _("%(number)s KB", number=format_decimal(limit // 1024))
    )
    title = _(
        "This is too large to send: at most %(size)s. Make it smaller and try again.", size=size
    )
    return Problem(413, "body_too_large", title=title, more={"most_bytes": limit})


def read(request: Request) -> None:
    """Reads the whole body, which the request then keeps. Errors: Problem body_incomplete.

    Half a form must not be taken: of a body that broke off threads.Body reads nothing.
    """
    try:
        data = request.get_data(cache=True, parse_form_data=False)
    except ClientDisconnected as error:
        raise Problem(408, "body_incomplete") from error
    if len(data) < (request.content_length or 0):
        raise Problem(408, "body_incomplete")
