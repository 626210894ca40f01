"""What a QR label says."""

import re
from urllib.parse import urlsplit

from kit.pure.errors import InvalidFields, Refusal

# Signs of a QR code's alphanumeric mode; any other one would double the size of the code.
_ALPHANUMERIC = re.compile(r"[0-9A-Z $%*+\-./:]*")
HOW = (
    "Give it one with ./meguri up --domain guide.example.jp (your own name), or where a tunnel or"
    " proxy of others gives it, with ./meguri up --public-url https://guide.example.jp"
)


class NoPublicAddress(Refusal):
    """The area has no public address yet, so a code would lead nowhere. Set one first."""

    def __init__(self) -> None:
        super().__init__(f"The area has no public address yet: its codes would lead nowhere. {HOW}")


def label_url(base_url: str, stop_code: str) -> str:
    """Returns the address in a label, all in upper case: HTTPS://GUIDE.EXAMPLE.JP/G/K7Q2X.

    Errors: InvalidFields for an address that is no http(s) origin.
    """
    parts = urlsplit(base_url.strip())
    plain = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username)
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname or not plain:
        raise InvalidFields([("base_url", "give an origin such as https://guide.example.jp")])
    url = f"{parts.scheme}://{parts.netloc}/g/{stop_code}".upper()
    if not _ALPHANUMERIC.fullmatch(url):
        raise InvalidFields([("base_url", "the host may have letters, digits, dots and dashes")])
    return url
