"""The head of a request as browsers write it, read strictly: anything else is read by the server
behind the porch (porch.py).

Taken is one whole head and nothing after it: GET or HEAD, HTTP/1.1, a path of plain letters, every
line "Name: value" in printable ASCII, each name once and none that says anything of a body, of the
connection or of another protocol. So nobody can mean two requests by it, whoever reads it next.
"""

import re

HEAD_AT_MOST = 4_096  # bytes; a browser's has about 800
LINES_AT_MOST = 64
REMEMBERED, REMEMBERED_LENGTH = 1_000, 100  # of what many requests say: stops, hosts, names
# What is left of a head without its printable characters, by its number of lines.
_ENDS = [b"\r\n" * count for count in range(LINES_AT_MOST)]
_PRINTABLE = bytes(range(0x20, 0x7F))
_TARGET = re.compile(r"(/[A-Za-z0-9._~/-]*)(?:\?([A-Za-z0-9._~=&+-]*))?").fullmatch
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*").fullmatch
_HOST = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?").fullmatch
METHODS = ("GET", "HEAD")
KEPT_OPEN = "keep-alive"  # the only thing a plain head may say of its connection
# A head with one of these is about more than the page it asks for (RFC 9112, 6; RFC 9110, 7.6).
NOT_PLAIN = frozenset({
    "content-length", "expect", "http2-settings", "keep-alive", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade",
})  # fmt: skip

First = tuple[str, str, str]  # method, path, query
_firsts: dict[str, First] = {}
_hosts: set[str] = set()
_keys: dict[str, str] = {}  # as a name is written -> in small letters


class Lines(dict[str, str]):
    """The header lines of a plain head, by name in small letters; none is there twice."""

    def get_all(self, name: str) -> list[str]:
        """Returns every line of a name."""
        return [self[name]] if name in self else []


Head = tuple[str, str, str, Lines]  # method, path, query, lines


def read(data: bytes) -> Head | None:
    """Returns a plain head, None for anything else. data: all that came and was not answered."""
    if len(data) > HEAD_AT_MOST or data[-4:] != b"\r\n\r\n":
        return None
    lines = str(data, "latin-1").split("\r\n")
    # Line ends are the only bytes beside printable ASCII, and each is whole.
    if len(lines) > LINES_AT_MOST or data.translate(None, _PRINTABLE) != _ENDS[len(lines) - 1]:
        return None
    first = _firsts.get(lines[0]) or _first(lines[0])
    found = Lines()
    try:
        for line in lines[1:-2]:
            name, value = line.split(": ", 1)
            key = _keys.get(name) or _key(name)
            if not key or key in found:
                return None
            found[key] = value.strip()
    except ValueError:
        return None
    host, kept = found.get("host", ""), found.get("connection", KEPT_OPEN)
    if first is None or kept.lower() != KEPT_OPEN or not (host in _hosts or _is_host(host)):
        return None
    method, path, query = first
    return method, path, query, found


def _first(line: str) -> First | None:
    """Returns method, path and query of a first line, None for one that no plain head has."""
    method, _, rest = line.partition(" ")
    target, _, version = rest.partition(" ")
    parts = _TARGET(target)
    if parts is None or version != "HTTP/1.1" or method not in METHODS:
        return None
    found = (method, parts[1], parts[2] or "")
    # With a query it may be anybody's own.
    if "?" not in target and len(line) <= REMEMBERED_LENGTH and len(_firsts) < REMEMBERED:
        _firsts[line] = found
    return found


def _is_host(host: str) -> bool:
    if _HOST(host) is None:
        return False
    if len(host) <= REMEMBERED_LENGTH and len(_hosts) < REMEMBERED:
        _hosts.add(host)
    return True


def _key(name: str) -> str:
    """Returns a name in small letters, "" for one that no plain head has."""
    key = name.lower()
    if _NAME(name) is None or key in NOT_PLAIN:
        return ""
    if len(name) <= REMEMBERED_LENGTH and len(_keys) < REMEMBERED:
        _keys[name] = key
    return key
