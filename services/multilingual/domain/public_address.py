"""Which host names a visitor's phone can reach: those of the internet, in whatever way they are
written."""

import ipaddress
import re
import string
from collections.abc import Iterator
from urllib.parse import unquote

_IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# Names that are nobody's on the internet (RFC 2606, 6761, 6762, 7686, 8375, 9476; .internal by
# ICANN) and what routers and offices invent.
_LOCAL_ENDINGS = (
    "localhost", "local", "localdomain", "lan", "home", "internal", "intranet", "corp", "mail",
    "private", "test", "invalid", "example", "example.com", "example.net", "example.org", "arpa",
    "onion", "alt", "domain", "workgroup", "router", "dhcp", "i2p",
)  # fmt: skip
# Names with which routers answer for themselves, though some are registered.
_ROUTERS = (
    "fritz.box", "fritz.repeater", "fritz.nas", "easy.box", "speedport.ip", "routerlogin.net",
    "routerlogin.com", "tplinkwifi.net", "tplinklogin.net", "asusrouter.com", "router.asus.com",
    "miwifi.com", "aterm.me", "setup.ubnt.com", "orbilogin.com", "mywifiext.net",
)  # fmt: skip
# Names for trials, all of which lead to the machine that asks.
_OWN_MACHINE = (
    "localtest.me", "lvh.me", "vcap.me", "lacolhost.com", "traefik.me", "localho.st", "local.gd",
)  # fmt: skip
# Services whose names hold the address they lead to, also in other ways than below.
_WILDCARDS = ("nip.io", "sslip.io", "xip.io", "backname.io", "ip.addr.tools", "my.local-ip.co")
_QUAD = re.compile(r"(?<![0-9])[0-9]{1,3}(?:([.-])[0-9]{1,3})(?:\1[0-9]{1,3}){2}(?![0-9])")
_HEX = re.compile(r"(?:^|[.-])([0-9a-f]{8})(?=[.-]|$)")
_DASHED_V6 = re.compile(r"[0-9a-f-]*--?[0-9a-f-]*")


def is_public(host: str) -> bool:
    """Tells whether a host, as it stands in an address, can be reached from the internet.

    What is not plainly a public address or name is none.
    """
    name = normal(host)
    if not name:
        return False
    address = _address(name)
    if address is not None:
        return _is_global(address)
    labels = name.split(".")
    # To a browser 127.1, 2130706433, 0x7f.1 and 0177.0.0.1 are addresses; no name ends with a
    # number.
    if len(labels) < 2 or _is_number(labels[-1]):
        return False
    if any(_ends(name, each) for each in (*_LOCAL_ENDINGS, *_ROUTERS, *_OWN_MACHINE)):
        return False
    return all(_is_global(each) for each in _held(name))


def normal(host: str) -> str:
    """Returns a host as browsers understand it: percent signs undone, full-width letters, digits
    and dots as plain ones, other scripts as xn--; "" for what is none."""
    text = unquote(host.strip()).strip("[]").partition("%")[0].rstrip(".。．｡")
    if ":" in text:
        return text.lower()
    try:
        name = text.encode("idna").decode().lower()
    except UnicodeError:
        return ""
    allowed = set(string.ascii_lowercase + string.digits + "-._")
    return name if set(name) <= allowed and ".." not in name else ""


def _address(name: str) -> _IpAddress | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _is_global(address: _IpAddress) -> bool:
    """An address within an address counts as that one."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address.teredo:
            inner = address.teredo[1]
        if address in ipaddress.IPv6Network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _is_global(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_number(label: str) -> bool:
    return label.isdecimal() or bool(re.fullmatch(r"0x[0-9a-f]*", label))


def _ends(name: str, ending: str) -> bool:
    return name == ending or name.endswith("." + ending)


def _held(name: str) -> Iterator[_IpAddress]:
    """Yields the addresses that a name holds, as 192-168-0-5.sslip.io does."""
    for found in _QUAD.finditer(name):
        address = _address(found[0].replace("-", "."))
        if address is not None:
            yield address
    if not any(_ends(name, each) for each in _WILDCARDS):
        return
    for found in _HEX.finditer(name):
        yield ipaddress.IPv4Address(int(found[1], 16))
    for label in name.split("."):
        if _DASHED_V6.fullmatch(label) and (address := _address(label.replace("-", ":"))):
            yield address
