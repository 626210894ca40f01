"""What people see of the platform's state: a progress line, a table, one address."""

from typing import Any, TextIO

from cli import terminal, words
from cli.words import N_, _

_MARKS = {"ok": "●", "done": "●", "starting": "◐", "waiting": "○", "restarting": "◐"}
# Shown on pages and in the terminal; whoever has the login changes it.
ROLE_NAMES = {
    "clerk": N_("Clerk"), "shop_owner": N_("Shop owner"), "editor": N_("Editor"),
    "reviewer": N_("Reviewer"), "analyst": N_("Analyst"), "accountant": N_("Accountant"),
    "admin": N_("Admin"),
}  # fmt: skip
_ROLES = {
    "clerk": N_("till, gate"),
    "shop_owner": N_("own shop's sales"),
    "editor": N_("texts"),
    "reviewer": N_("texts of others"),
    "analyst": N_("visitor figures"),
    "accountant": N_("money"),
    "admin": N_("everything"),
}


_HEALTH = {
    "ok": N_("ok"), "done": N_("done"), "starting": N_("starting"), "waiting": N_("waiting"),
    "restarting": N_("restarting"), "silent": N_("silent"), "failing": N_("failing"),
    "stopped": N_("stopped"),
}  # fmt: skip


class Progress:
    """One line that changes while people wait; plain lines where no terminal listens."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._last = stream, ""

    def show(self, state: dict[str, Any]) -> None:
        """Shows how far the start is."""
        components = state["components"]
        working = [c["name"] for c in components if c["health"] in {"ok", "done"}]
        awaited = [c["name"] for c in components if c["health"] not in {"ok", "done"}]
        text = _("starting … %(ready)d of %(all)d healthy") % {
            "ready": len(working), "all": len(components),
        }  # fmt: skip
        if awaited:
            names = ", ".join(awaited[:3]) + (" …" if len(awaited) > 3 else "")
            text += _(", waiting for %(names)s") % {"names": names}
        if text == self._last or not self._stream.isatty():
            return
        self._last = text
        terminal.redraw(self._stream, text)

    def end(self) -> None:
        """Clears the line."""
        if self._last:
            terminal.redraw(self._stream)


def table(state: dict[str, Any], stream: TextIO) -> None:
    """Prints one line per component."""
    rows = [("", _("component"), _("version"), _("process"), _("port"), _("health"), _("start"))]
    rows += [
        (
            _MARKS.get(c["health"], "✗"),
            c["name"],
            c["version"],
            str(c["pid"] or ""),
            _port(c, state.get("evaded", {})),
            _health(c),
            f"{c['start_ms']} ms" if c["start_ms"] else "",
        )
        for c in state["components"]
    ]
    widths = [max(terminal.width(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (
            text + " " * (size - terminal.width(text))
            for text, size in zip(row, widths, strict=True)
        )
        print("  ".join(cells).rstrip(), file=stream)
    for component in state["components"]:
        if component.get("stolen_port"):
            print("\n" + _thief(component), file=stream)


def _thief(component: dict[str, Any]) -> str:
    """Returns who keeps a component from coming back, and what to do."""
    told = {"name": component["name"], "port": component["stolen_port"]}
    if by := component["stolen_by"]:
        text = _("Port %(port)d of %(name)s was taken by %(by)s. Others know this port, so it is "
                 "kept: end that program, and %(name)s comes back by itself.")  # fmt: skip
        return text % {**told, "by": by}
    text = _("Port %(port)d of %(name)s was taken by another program. Others know this port, so it "
             "is kept: find the program as root with ss -ltnp and end it, and %(name)s comes back "
             "by itself.")  # fmt: skip
    return text % told


def _port(component: dict[str, Any], evaded: dict[str, int]) -> str:
    taken = evaded.get(component["name"])
    if not taken or not component["port"]:
        return str(component["port"] or "")
    return _("%(port)d (%(taken)d is taken)") % {"port": component["port"], "taken": taken}


def _health(component: dict[str, Any]) -> str:
    word = _(_HEALTH[component["health"]]) if component["health"] in _HEALTH else ""
    text = word or str(component["health"])
    if component["restarts"]:
        text += " " + _("(restarted %(times)d×)") % {"times": component["restarts"]}
    return text


def welcome(state: dict[str, Any], stream: TextIO) -> None:
    """Prints the address, and the first passwords when there are any."""
    if state.get("first_logins"):
        first_logins(state["first_logins"], stream)
    if "disk" in state:
        disk(state["disk"], stream)
    if state["url"]:
        print("\n" + _("Meguri is at %(url)s") % {"url": state["url"]} + "\n", file=stream)
    if taken := state.get("evaded", {}).get("edge"):
        text = _("Port %(taken)d was used by another program, so the pages are on port %(port)d.")
        print(text % {"taken": taken, "port": state["ports"]["edge"]} + "\n", file=stream)
    if kept := state.get("kept_port"):
        text = _("The pages stay on port %(port)d, as at the last start; --port chooses another.")
        print(text % {"port": kept} + "\n", file=stream)


def disk(room: dict[str, Any], stream: TextIO) -> None:
    """Says when the disk has little room, and what to do; nothing while it has enough."""
    if room["state"] == "ok":
        return
    text = {
        "disk_low": N_("The disk of %(folder)s has only %(free)s MB left. Make room before it is"
                       " full: delete files and old copies (*.before-restore-*) nobody needs."),
        "disk_full": N_("The disk of %(folder)s is full (%(free)s MB left): sales and scans may be"
                        " refused. Delete files nobody needs now, never files inside %(folder)s;"
                        " then see ./meguri status"),
    }[room["state"]]  # fmt: skip
    free = f"{room['free_bytes'] // 1024**2:,}"
    told = words.hinted(_(text) % {"folder": room["folder"], "free": free})
    print("\n" + told + "\n", file=stream)


def advice(state: dict[str, Any], stream: TextIO) -> None:
    """Says that all parts work, or what to do about those that do not."""
    ill = [each["name"] for each in state["components"] if each["health"] != "ok"]
    if not ill:
        if state["phase"] == "ready" and state["disk"]["state"] == "ok":
            print(_("All parts work."), file=stream)
        return
    text = _("Not well: %(names)s. What stops is started again by itself; look again in a minute"
             " with ./meguri status. If it stays so, start everything anew: ./meguri down, then"
             " ./meguri up --detach. Whoever helps you wants to see ./meguri logs %(first)s"
             " --no-follow")  # fmt: skip
    print(words.hinted(text % {"names": ", ".join(ill), "first": ill[0]}), file=stream)


def first_logins(logins: dict[str, dict[str, str]], stream: TextIO) -> None:
    """Prints the first passwords, which nobody can look up later."""
    print("\n" + _("First logins (shown only now; write them down):"), file=stream)
    for role, login in logins.items():
        opens = f"{_(ROLE_NAMES[role])}: {_(_ROLES[role])}" if role in _ROLES else ""
        print(f"  {login['user']:<12} {login['password']:<28} {opens}", file=stream)
