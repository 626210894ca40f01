"""The head of a request as browsers write it, read strictly: anything else is read by the server
behind the porch (porch.py).

Taken is one whole head and nothing after it: GET or HEAD, HTTP/1.1, a path of plain letters, every
line "Name: value" in printable ASCII, each name once and none that says anything of a body, of the
connection or of another protocol. So nobody can mean two requests by it, whoever reads it next.
"""

import re

HEAD_AT_MOST = 4_096  # bytes; a browser's has about 800
LINES_AT_MOST = 64
NAMES_REMEMBERED = 256
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
    found = Lines()
    try:
        method, target, version = lines[0].split(" ")
        for line in lines[1:-2]:
            name, value = line.split(": ", 1)
            key = _keys.get(name) or _key(name)
            if not key or key in found:
                return None
            found[key] = value.strip()
    except ValueError:
        return None
    parts = _TARGET(target)
    if (
        parts is None
        or version != "HTTP/1.1"
        or method not in METHODS
        or found.get("connection", KEPT_OPEN).lower() != KEPT_OPEN
        or _HOST(found.get("host", "")) is None
    ):
        return None
    return method, parts[1], parts[2] or "", found


def _key(name: str) -> str:
    """Returns a name in small letters, "" for one that no plain head has."""
    key = name.lower()
    if _NAME(name) is None or key in NOT_PLAIN:
        return ""
    if len(_keys) < NAMES_REMEMBERED:
        _keys[name] = key
    return key
