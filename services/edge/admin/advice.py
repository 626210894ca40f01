"""What a light that is not green means for the town, and what to do: for somebody who looks after
the computer besides other work and knows no part by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from kit import certificates
from services.edge.admin.copies import Copies, Light, typed
from services.edge.operation import DATABASE_AWAY

OK, WARN, BAD = "ok", "warn", "bad"
OF_STATES = {"ok": OK, "disk_low": WARN, "unknown": WARN}  # all others are red
# What people notice while a part is away, and what goes on.
MEANWHILE: dict[str, Any] = {
    "directory": _l("Nobody can sign in, and nothing can be closed or opened."),
    "multilingual": _l("Guide pages that were opened lately are still shown, others are not."),
    "itinerary": _l("Visitors can plan no day."),
    "payments": _l("The till takes cash and keeps it until payments are back. Cards and codes have"
                   " to wait."),
    "visitor_sense": _l("Visitors are not counted live. Sensors keep what they heard and hand it in"
                        " later."),
    "insights": _l("Figures stand still and are made up for later."),
    "nats": _l("One part hears late of what another did, such as a closure. Nothing is lost."),
}  # fmt: skip


@dataclass(frozen=True)
class Trouble:
    """kind: warn or bad. title: what it is. texts: what it means. steps: what to do, in order;
    those that are typed stand apart: (text, command or "")."""

    kind: str
    title: str
    texts: tuple[str, ...]
    steps: tuple[tuple[str, str], ...] = ()


def of_state(state: str) -> str:
    """Returns the light of a part or the disk by its state."""
    return OF_STATES.get(state, BAD)


def of_parts(states: Mapping[str, str], names: Mapping[str, Any]) -> list[Trouble]:
    """Returns what to do about parts that are away; one word for all of them."""
    away = [name for name, state in states.items() if name != "disk" and of_state(state) == BAD]
    if not away:
        return []
    texts = [str(MEANWHILE[name]) for name in away if name in MEANWHILE]
    if any(states[name] == DATABASE_AWAY for name in away):
        texts.append(_("The database does not answer. Often the disk is full."))
    title = _("Does not answer: %(parts)s", parts=_(", ").join(str(names[name]) for name in away))
    return [Trouble(BAD, title, tuple(texts), _starting_anew())]


def _starting_anew() -> tuple[tuple[str, str], ...]:
    return (
        (_("What stops is started again by itself, which takes about a minute. Wait, then open this"
           " page anew."), ""),
        (_("Still red after five minutes? Go to the computer that runs Meguri and type in its"
           " folder:"), typed("down")),
        (_("and, once that is done:"), typed("up --detach")),
        (_("If it does not start, it says why. Read that to whoever helps you, with the answer"
           " of:"), typed("status")),
    )  # fmt: skip


def of_disk(state: str) -> list[Trouble]:
    """Returns what to do about the disk."""
    if of_state(state) == OK:
        return []
    full = state == "disk_full"
    text = (
        _("The disk of the computer that runs Meguri is full: sales and scans may be refused. Make"
          " room there now: delete files and old copies nobody needs, none of Meguri itself.")
        if full else
        _("The disk of the computer that runs Meguri gets full. Make room there in the next days:"
          " delete files and old copies nobody needs.")
    )  # fmt: skip
    return [Trouble(BAD if full else WARN, "", (text,))]


_HOLDS: dict[str, Any] = {
    certificates.OK: _l("Good"),
    certificates.SOON: _l("Ends soon"),
    certificates.LAST: _l("Ends within days"),
    certificates.OVER: _l("Has ended"),
    certificates.NONE: _l("There is none"),
}


def certificate_lights(found: Iterable[certificates.Look]) -> list[Light]:
    """Returns a light for each certificate, with until when it holds."""
    return [
        Light(
            _("Certificate of the pages") if each.certificate.of == certificates.PAGES
            else _("Certificates between the parts"),
            _light_of(each.state), _HOLDS[each.state], each.certificate.ends,
        )
        for each in found
    ]  # fmt: skip


def _light_of(state: str) -> str:
    return OK if state == certificates.OK else BAD if state in certificates.LATE else WARN


def of_certificates(found: Iterable[certificates.Look]) -> list[Trouble]:
    """Returns what to do about certificates that end, or are not there."""
    return [
        _of_pages(each) if each.certificate.of == certificates.PAGES else _of_inside(each)
        for each in found
        if each.state != certificates.OK
    ]


def _of_pages(found: certificates.Look) -> Trouble:
    kind = _light_of(found.state)
    text = (
        _("Phones refuse to open the pages, or warn of them.")
        if found.state in {certificates.OVER, certificates.NONE}
        else _("From the day it ends on phones refuse to open the pages, or warn of them.")
    )
    if found.certificate.by == certificates.BY_HAND:
        steps = (
            (_("Ask whoever gave you the certificate for a new one. Put both files onto the"
               " computer, then type there:"), typed("down")),
            (_("and, with the names of the new files:"),
             typed("up --detach --certificate cert.pem --key key.pem")),
        )  # fmt: skip
    else:
        text += " " + _("It should have been renewed by itself.")
        steps = (
            (_("Does the name of the pages still lead to this line, and does the router still pass"
               " ports 80 and 443 to this computer? This is what is wrong most often."), ""),
            (_("Read to whoever helps you what this says:"), typed("logs proxy --no-follow")),
        )  # fmt: skip
    return Trouble(kind, _("The certificate of the pages"), (text,), steps)


def _of_inside(found: certificates.Look) -> Trouble:
    text = (
        _("The parts no longer believe one another.")
        if found.state in {certificates.OVER, certificates.NONE}
        else _("Once they end, the parts no longer believe one another and nothing works.")
    )
    steps = (
        (_("Every start makes new ones; that is all there is to do. In a quiet moment type at the"
           " computer:"), typed("down")),
        (_("and, once that is done:"), typed("up --detach")),
    )  # fmt: skip
    return Trouble(_light_of(found.state), _("The certificates between the parts"), (text,), steps)


def worst(states: Mapping[str, str], lights: Iterable[Light]) -> str:
    """Returns the light of all together."""
    found = {of_state(state) for state in states.values()} | {each.light for each in lights}
    return next((light for light in (BAD, WARN) if light in found), OK)


def lights_of(copies: Copies | None) -> tuple[Light, ...]:
    """Returns the lights of backups, none where nobody makes them here."""
    return copies.lights if copies else ()
