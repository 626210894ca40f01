"""Which addresses and host names a phone of a visitor can reach: those of the internet, in
whatever way they are written.

Which endings of names exist is not ours to know: the Public Suffix List says it (publicsuffixlist,
of a dated release; nothing is fetched). Whoever has an ending that is younger says so by force.
"""

import ipaddress
import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cache
from urllib.parse import unquote

from publicsuffixlist import PublicSuffixList

_IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class Unreached(StrEnum):
    """Why no phone of a visitor reaches a host."""

    LOCAL = "local"  # this machine, a local network
    ENDING = "ending"  # no name on the internet ends so
    SUFFIX = "suffix"  # names are given out below it, such as co.jp
    MEMBERS = "members"  # of a private network that devices are let into one by one
    NO_HOST = "no_host"  # no host can be written so


# Names that are no place on the internet (RFC 2606, 6761, 6762, 7686, 8375, 9476; .internal by
# ICANN), and what offices and routers invent. What is missing here is told as an unknown ending.
_LOCAL = (
    "localhost", "local", "localdomain", "lan", "home", "internal", "intra", "intranet", "corp",
    "mail", "private", "test", "invalid", "example", "example.com", "example.net", "example.org",
    "arpa", "onion", "alt", "domain", "workgroup", "router", "dhcp", "i2p",
)  # fmt: skip
# Names with which routers answer for themselves, though some are registered.
_ROUTERS = (
    "fritz.box", "easy.box", "routerlogin.net", "routerlogin.com", "tplinkwifi.net",
    "tplinklogin.net", "asusrouter.com", "router.asus.com", "miwifi.com", "aterm.me",
    "setup.ubnt.com", "orbilogin.com", "mywifiext.net",
)  # fmt: skip
# Names for trials, all of which lead to the machine that asks.
_OWN_MACHINE = (
    "localtest.me", "lvh.me", "vcap.me", "lacolhost.com", "traefik.me", "localho.st", "local.gd",
    "localhost.direct",
)  # fmt: skip
# Names that private networks of machines give their members, answered to those alone. Tailscale
# can let the world in (Funnel): whoever does may print by force, for a stranger's phone is refused
# by every such name that has it off, and it is off until somebody turns it on.
_MEMBERS = ("ts.net", "beta.tailscale.net", "netbird.cloud")
# Services whose names hold the address they lead to. Of every other name digits say nothing.
_WILDCARDS = (
    "nip.io", "sslip.io", "xip.io", "backname.io", "ip.addr.tools", "my.local-ip.co",
    "local-ip.sh", "plex.direct",
)  # fmt: skip
_QUAD = re.compile(r"(?<![0-9])[0-9]{1,3}(?:([.-])[0-9]{1,3})(?:\1[0-9]{1,3}){2}(?![0-9])")
_HEX = re.compile(r"(?:^|[.-])([0-9a-f]{8})(?=[.-]|$)")
_DASHED_V6 = re.compile(r"[0-9a-f-]*--?[0-9a-f-]*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_NAME_CHARACTERS = 253
# A part of a host name (RFC 1123, 2.1); an underscore stands in names of no host.
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")

# What ipaddress calls global, or calls so in some releases of Python, and no server has. Of IPv6
# only 2000::/3 is given out at all (IANA), so what lies outside needs no list.
_GIVEN_V6 = ipaddress.IPv6Network("2000::/3")
_NOBODYS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # assignments to protocols, two of them global (RFC 6890, 7723, 8155)
        "192.31.196.0/24", "192.175.48.0/24",  # AS112: they swallow questions (RFC 7534, 7535)
        "192.52.193.0/24",  # relays of multicast (RFC 7450)
        "192.88.99.0/24",  # relays of 6to4, taken back (RFC 7526)
        "2001::/23",  # assignments to protocols: Teredo, ORCHID, benchmarks (RFC 2928)
        "2002::/16",  # 6to4, which went with its relays
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # for documents (RFC 9637)
    )
)  # fmt: skip


def why_unreached(host: str) -> Unreached | None:
    """Returns why a host, as it stands in an address, cannot be reached from the internet.

    None where it can be. What is not plainly a public address or name is none.
    """
    name = normal(host)
    if not name:
        return Unreached.NO_HOST
    address = _address(name)
    if address is not None:
        return None if is_public_address(address) else Unreached.LOCAL
    if any(_ends(name, each) for each in _MEMBERS):
        return Unreached.MEMBERS
    # To a browser 127.1, 2130706433, 0x7f.1 and 0177.0.0.1 are addresses; no name ends so.
    is_number = _NUMBER.fullmatch(name.rpartition(".")[2])
    if is_number or "." not in name or any(
        _ends(name, each) for each in (*_LOCAL, *_ROUTERS, *_OWN_MACHINE)
    ):  # fmt: skip
        return Unreached.LOCAL
    if not all(is_public_address(each) for each in _held(name)):
        return Unreached.LOCAL
    return _no_ending(name)


def is_public_address(address: _IpAddress) -> bool:
    """Tells whether an address is one of the internet's. A mapped one counts as what it holds."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public_address(address.ipv4_mapped)
        if address not in _GIVEN_V6:
            return False
    is_nobodys = any(address in each for each in _NOBODYS if each.version == address.version)
    return (
        address.is_global and not address.is_multicast and not address.is_reserved
        and not is_nobodys
    )  # fmt: skip


def is_literal(host: str) -> bool:
    """Tells whether a host is an IP address itself, which nobody resolves."""
    return _address(host.partition("%")[0]) is not None


def networks_of(text: str) -> list[str]:
    """Returns the networks of a setting, with commas between."""
    return [each.strip() for each in text.split(",") if each.strip()]


def may_be_reached(address: str, allowed: Sequence[str]) -> bool:
    """Tells whether we may knock at an IP address: public ones, and networks that were allowed.

    Else whoever may name an address could have us knock at doors behind our own wall.
    """
    found = _address(address.partition("%")[0])
    if found is None:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if any(found in ipaddress.ip_network(network) for network in allowed):
        return True
    return is_public_address(found)


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
    is_name = len(name) <= _NAME_CHARACTERS and all(map(_LABEL.fullmatch, name.split(".")))
    return name if is_name else ""


def ending(host: str) -> str:
    """Returns the last part of a host name, such as "jp"."""
    return normal(host).rpartition(".")[2]


@cache
def _endings() -> PublicSuffixList:
    """Reads the list, when it is first asked for: that takes 40 ms."""
    return PublicSuffixList(accept_unknown=False, only_icann=True)


def _no_ending(name: str) -> Unreached | None:
    """Returns what is wrong with the ending of a name. Below some endings, such as .ck, every name
    is one by itself: among those are some with a site of their own, so they pass."""
    suffix = _endings().publicsuffix(name)
    if suffix is None:
        return Unreached.ENDING
    beside = f"nobody-has-this-name.{name.partition('.')[2]}"
    is_listed = suffix == name and _endings().publicsuffix(beside) != beside
    return Unreached.SUFFIX if is_listed else None


def _address(name: str) -> _IpAddress | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _ends(name: str, last: str) -> bool:
    return name == last or name.endswith("." + last)


def _held(name: str) -> Iterator[_IpAddress]:
    """Yields the addresses that a name holds, as 192-168-0-5.sslip.io does."""
    if not any(_ends(name, each) for each in _WILDCARDS):
        return
    for found in _QUAD.finditer(name):
        address = _address(found[0].replace("-", "."))
        if address is not None:
            yield address
    for found in _HEX.finditer(name):
        yield ipaddress.IPv4Address(int(found[1], 16))
    for label in name.split("."):
        if _DASHED_V6.fullmatch(label) and (address := _address(label.replace("-", ":"))):
            yield address
