"""Which addresses a visitor's phone can reach, in all the ways in which they can be written."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.public_address import Unreached, ending, normal, why_unreached

PRIVATE = st.sampled_from(["10.0.0.0/8", "127.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12"]).flatmap(
    lambda net: st.ip_addresses(v=4, network=net)
)
# Of no server (RFC 6890 and what came after it), by Python called global or not.
NOBODYS = st.sampled_from([
    "0.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24",
    "192.88.99.0/24", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4", "::/8", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:20::/28",
    "2001:db8::/32", "2002::/16", "3fff::/20", "4000::/2", "5f00::/16", "fc00::/7", "fe80::/10",
    "fec0::/10", "ff00::/8",
]).flatmap(lambda network: st.ip_addresses(network=network))  # fmt: skip
LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True).filter(
    lambda label: not label.startswith("xn--")
)
QUADS = st.ip_addresses(v=4).map(lambda address: str(address).replace(".", "-"))
WIDE = str.maketrans("0123456789.", "０１２３４５６７８９．")


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "guide.localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "::1",
        "[::1]", "fd00::1", "fe80::1%eth0", "10.1.2.3", "172.16.0.1", "192.168.0.5", "100.64.0.1",
        "169.254.1.1", "cave-server", "cave.local", "cave.lan.", "CAVE.Home.Arpa", "a.test",
        "0.0.0.0", "",  # noqa: S104 - nothing is bound to it
        # As numbers, of which the last part alone would be a name.
        "0x7f.1", "127.0.0.0x1", "127.0.0.0x", "0177.0.0.1", "guide.0xcafe", "8.8.8.010",
        "017700000001", "1.2.3.4.5", "999.1.1.1",
        # Routers and offices.
        "router.fritz.box", "fritz.box", "nas.home", "pos.internal", "x.corp", "aterm.me",
        "routerlogin.net", "x.mail", "guide.example", "guide.example.com", "1.0.0.127.in-addr.arpa",
        "abc.onion", "x.alt",
        # Names that hold an address.
        "127.0.0.1.nip.io", "app.10-0-0-5.sslip.io", "192-168-1-250.nip.io", "7f000001.nip.io",
        "app-c0a801fa.nip.io", "--1.sslip.io", "fd00--1.sslip.io", "guide.localtest.me", "lvh.me",
        "192-168-0-5.0123456789abcdef0123456789abcdef.plex.direct",
        # Endings that nobody on the internet has, and names only members are told.
        "guide.intra", "guide.zz", "guide.jpp", "guide.xn--zzzz", "guide.ts.net",
        "cave.tail1234.ts.net", "shop.netbird.cloud",
        # Full-width, other dots, percent signs.
        "１２７．０．０．１", "guide。local", "guide．ｌａｎ", "guide｡home", "ｌｏｃａｌｈｏｓｔ",
        "127%2e0%2e0%2e1", "guide%2Elan", "⑩.0.0.1", "a..jp", "-.b c.jp", "xn--.jp" + "a" * 70,
        # Within IPv6, and what is nobody's.
        "::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::a00:1",
        "2001:0:4136:e378:8000:63bf:f5ff:fffe",
        "224.0.0.1", "240.0.0.1", "ff02::1", "203.0.113.5", "2001:db8::1", "fec0::1",
        "192.88.99.1", "::8.8.8.8", "64:ff9b::808:808",
        "a" * 60 + ("." + "b" * 60) * 4 + ".jp",
    ],
)  # fmt: skip
def test_what_no_visitor_can_reach(host: str) -> None:
    assert why_unreached(host) is not None


@pytest.mark.parametrize(
    "host",
    [
        "guide.example.jp", "GUIDE.Example.JP.", "8.8.8.8", "2606:4700::1111", "[2606:4700::1111]",
        "秋芳洞.jp", "xn--pckjp4dudxftf.xn--tckwe", "guide．example。jp",
        "8.8.8.8.nip.io", "08080808.nip.io", "cafe0001.example.jp", "localnews.jp", "homelan.jp",
        "fritz.box.jp", "1.example.jp", "example.co.jp", "akiyoshido.tokyo",
        "2606-4700--1111.sslip.io", "10-1-2-3.city.mine.lg.jp", "10.0.0.1.example.jp",
        "7f000001.city.mine.lg.jp", "guide.gov.uk", "guide.kawasaki.jp", "foo.ck", "観光.みんな",
        "::ffff:8.8.8.8", "wwwts.net",
    ],
)  # fmt: skip
def test_what_visitors_reach(host: str) -> None:
    assert why_unreached(host) is None


@given(PRIVATE, st.sampled_from(["nip.io", "sslip.io"]))
def test_no_way_of_writing_a_private_address_passes(
    address: ipaddress.IPv4Address, wildcard: str
) -> None:
    parts = str(address).split(".")
    written = [
        str(address), str(int(address)), hex(int(address)), f"0{int(address):o}",
        ".".join(f"0x{int(part):x}" for part in parts),
        ".".join(f"0{int(part):o}" for part in parts),
        f"{parts[0]}.{int(address) & 0xFFFFFF}", str(address).translate(WIDE),
        f"{address}.{wildcard}", f"app.{str(address).replace('.', '-')}.{wildcard}",
        f"::ffff:{address}", "".join(f"%{ord(each):02x}" for each in str(address)),
    ]  # fmt: skip
    for each in written:
        assert why_unreached(each) is not None, each


@given(st.text(max_size=80))
def test_no_text_is_too_odd_to_be_answered(text: str) -> None:
    assert why_unreached(text) in (None, *Unreached)
    assert normal(normal(text)) == normal(text)


@given(NOBODYS)
def test_an_address_of_no_server_is_not_public(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    assert why_unreached(str(address)) is Unreached.LOCAL


@given(st.lists(LABELS | QUADS, min_size=1, max_size=4), st.sampled_from(["jp", "lg.jp", "みんな"]))
def test_an_ordinary_name_is_public_whatever_digits_are_in_it(labels: list[str], last: str) -> None:
    assert why_unreached(".".join(["guide", *labels, last])) is None  # as "co.jp" may be


@given(LABELS, LABELS)
def test_only_endings_that_exist_are_public(label: str, last: str) -> None:
    # None that exists ends with a digit and a letter, and none of those is a number.
    invented = f"{last}0x"
    assert why_unreached(f"{label}.{invented}") is Unreached.ENDING
    assert ending(f"{label}.{invented}.") == invented


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("guide.lan", Unreached.LOCAL), ("guide.intra", Unreached.LOCAL),
        ("127.1", Unreached.LOCAL), ("127.0.0.0x1", Unreached.LOCAL),
        ("10.0.0.1.nip.io", Unreached.LOCAL), ("guide.jpp", Unreached.ENDING),
        ("cave.tail1234.ts.net", Unreached.MEMBERS), ("a..jp", Unreached.NO_HOST),
        ("-a.jp", Unreached.NO_HOST), ("a-.jp", Unreached.NO_HOST), ("_a.jp", Unreached.NO_HOST),
        ("a" * 64 + ".jp", Unreached.NO_HOST),
        ("", Unreached.NO_HOST), ("guide.example.jp", None),
        ("co.jp", Unreached.SUFFIX), ("CO.JP.", Unreached.SUFFIX), ("lg.jp", Unreached.SUFFIX),
        ("ｃｏ。ｊｐ", Unreached.SUFFIX), ("hagi.yamaguchi.jp", Unreached.SUFFIX),
        ("yamaguchi.jp", Unreached.SUFFIX), ("co.uk", Unreached.SUFFIX),
        ("city.kawasaki.jp", None), ("city.hagi.yamaguchi.jp", None), ("guide.co.jp", None),
    ],
)  # fmt: skip
def test_it_is_told_why(host: str, why: Unreached | None) -> None:
    assert why_unreached(host) is why
