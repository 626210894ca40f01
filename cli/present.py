"""What people see of the platform's state: a progress line, a table, one address."""

import unicodedata
from typing import Any, TextIO

_MARKS = {"ok": "●", "done": "●", "starting": "◐", "waiting": "○", "restarting": "◐"}
_ROLES = {
    "clerk": "till, gate",
    "shop_owner": "own shop's sales",
    "editor": "texts",
    "reviewer": "texts of others",
    "analyst": "visitor figures",
    "accountant": "money",
    "admin": "everything",
}


class Progress:
    """One line that changes while people wait; plain lines where no terminal listens."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._last = stream, ""

    def show(self, state: dict[str, Any]) -> None:
        """Shows how far the start is."""
        components = state["components"]
        working = [c["name"] for c in components if c["health"] in {"ok", "done"}]
        awaited = [c["name"] for c in components if c["health"] not in {"ok", "done"}]
        text = f"starting … {len(working)} of {len(components)} healthy"
        if awaited:
            text += f", waiting for {', '.join(awaited[:3])}{' …' if len(awaited) > 3 else ''}"
        if text == self._last or not self._stream.isatty():
            return
        self._last = text
        print(f"\r\x1b[2K{text}", end="", file=self._stream, flush=True)

    def end(self) -> None:
        """Clears the line."""
        if self._last:
            print("\r\x1b[2K", end="", file=self._stream, flush=True)


def table(state: dict[str, Any], stream: TextIO) -> None:
    """Prints one line per component."""
    rows = [("", "component", "version", "process", "port", "health", "start")]
    rows += [
        (
            _MARKS.get(c["health"], "✗"),
            c["name"],
            c["version"],
            str(c["pid"] or ""),
            str(c["port"] or ""),
            c["health"] + (f" (restarted {c['restarts']}×)" if c["restarts"] else ""),
            f"{c['start_ms']} ms" if c["start_ms"] else "",
        )
        for c in state["components"]
    ]
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (text + " " * (size - _width(text)) for text, size in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip(), file=stream)


def welcome(state: dict[str, Any], stream: TextIO) -> None:
    """Prints the address, and the first passwords when there are any."""
    if state.get("first_logins"):
        first_logins(state["first_logins"], stream)
    if state["url"]:
        print(f"\nMeguri is at {state['url']}\n", file=stream)


def first_logins(logins: dict[str, dict[str, str]], stream: TextIO) -> None:
    """Prints the first passwords, which nobody can look up later."""
    print("\nFirst logins (shown only now; write them down):", file=stream)
    for role, login in logins.items():
        opens = _ROLES.get(role, "")
        print(f"  {login['user']:<12} {login['password']:<28} {opens}", file=stream)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
