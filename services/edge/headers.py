"""What two headers of a request say, asked for on the way of every page (RFC 9110, section 12)."""

from collections.abc import Callable

Header = Callable[[str, str], str]


def takes_gzip(accept_encoding: str) -> bool:
    """Tells whether a body may be packed. Browsers write no weights; where somebody does, "q=0"
    is a refusal (RFC 9110, 12.4.2)."""
    if "gzip" not in accept_encoding:
        return False
    if ";" not in accept_encoding:
        return True
    for each in accept_encoding.lower().split(","):
        coding, _, weight = each.partition(";")
        if coding.strip() == "gzip":
            return weight.strip().removeprefix("q=").strip("0.") != "" or not weight.strip()
    return False


def is_prefetch(header: Header) -> bool:
    """Tells whether a browser asks on its own, before anybody opens the page: that is nobody's
    scan. Sec-Purpose is the standard's, Purpose that of older Chromium and of Safari.

    header: gives the value of a header by its lower-case name, or the second argument.
    """
    return bool(header("sec-purpose", "") or "pre" in header("purpose", ""))
