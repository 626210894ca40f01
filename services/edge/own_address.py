"""The address under which phones of visitors and customers reach this area."""

import ipaddress
from urllib.parse import urlsplit

from flask import request

from services.edge.parts import area


def of_area() -> str:
    """Returns the area's own address, else the name by which this request reached us, which phones
    in its network reach, too."""
    return area().public_url or request.host_url.rstrip("/")


def for_phones() -> str:
    """Returns the same; "" where that is this computer alone: to a phone, itself."""
    base = of_area()
    return "" if is_this_computer(base) else base


def is_this_computer(address: str) -> bool:
    """Tells whether an address leads whoever opens it to their own machine."""
    host = (urlsplit(address).hostname or "").rstrip(".").lower()
    try:
        numbered = ipaddress.ip_address(host)
    except ValueError:
        # 127.1 and 2130706433 are addresses to a browser, too.
        is_short = host.startswith("127.") or host.replace(".", "").isdecimal()
        return is_short or host == "localhost" or host.endswith(".localhost")
    inner = getattr(numbered, "ipv4_mapped", None) or numbered
    return bool(inner.is_loopback or inner.is_unspecified)
