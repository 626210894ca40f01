"""Are there backups, and does one lie elsewhere? For somebody who never thinks of them."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from kit import backups
from services.edge.parts import parts

_LIGHTS = {
    backups.OK: "ok", backups.DUE: "wait", backups.FAILED: "warn", backups.OLD: "bad",
    backups.COPY_NONE: "warn", backups.COPY_DUE: "wait", backups.COPY_FAILED: "warn",
    backups.COPY_OLD: "bad",
}  # fmt: skip
_WORDS: dict[str, Any] = {
    backups.OK: _l("Every night"),
    backups.DUE: _l("The first one comes by itself"),
    backups.FAILED: _l("The last one failed"),
    backups.OLD: _l("None for two days"),
}
_COPY_WORDS: dict[str, Any] = {
    backups.OK: _l("Every night"),
    backups.COPY_NONE: _l("Not chosen yet"),
    backups.COPY_DUE: _l("The first one comes by itself"),
    backups.COPY_FAILED: _l("The last copy failed"),
    backups.COPY_OLD: _l("None for a week"),
}
_WHY: dict[str, Any] = {
    "disk_low": _l("The disk has too little room for another backup. Delete files and old copies"
                   " that nobody needs, none of Meguri itself."),
    "disk_full": _l("The disk or the stick is full. Delete what nobody needs there."),
    "medium_away": _l("The USB stick or disk is not in the computer. Put it in: the copy is made"
                      " within the hour."),
    "medium_same_disk": _l("The folder chosen for copies lies on the computer's own disk. Perhaps"
                           " the stick is not in."),
    "file_too_large": _l("The stick takes no file of this size. Format it anew as exFAT."),
}  # fmt: skip


_USUAL = Path(__file__).resolve().parents[3] / "var"


def typed(command: str) -> str:
    """Returns what is typed at the computer, on the data folder that is in use there."""
    data = parts().settings.data_dir.resolve()
    return f"./meguri {command}" + ("" if data == _USUAL else f" --data {shlex.quote(str(data))}")


class Notice(NamedTuple):
    """kind: warn or bad. text: what to do. command: what is typed for it at the computer, or ""."""

    kind: str
    text: str
    command: str = ""


@dataclass(frozen=True)
class Light:
    """One lamp: name; ok, wait (nothing to do), warn or bad; what it says; when that was."""

    name: str
    light: str
    word: str
    time: Any


@dataclass(frozen=True)
class Copies:
    """lights: of the backup and of the copy elsewhere. notices: what to do about them."""

    lights: tuple[Light, Light]
    notices: tuple[Notice, ...]


def shown() -> Copies | None:
    """Returns what the page shows; None where backups are somebody else's business."""
    found = backups.look(parts().settings.data_dir)
    if found is None:
        return None
    record = found.record
    return Copies(
        (
            Light(_("Backup"), _LIGHTS[found.state], _WORDS[found.state], record.made_time),
            Light(_("Copy on another disk"), _LIGHTS[found.copy_state],
                  _COPY_WORDS[found.copy_state], record.copied_time),
        ),
        (*_about_backups(found), *_about_copies(found)),
    )  # fmt: skip


def _about_backups(found: backups.Look) -> list[Notice]:
    if found.state in {backups.OK, backups.DUE}:
        return []
    why = str(_WHY.get(found.record.problem, ""))
    if why:
        return [Notice(_LIGHTS[found.state], why)]
    text = _("Try it once more at the computer. It says why it fails; read that to whoever helps"
             " you:")  # fmt: skip
    return [Notice(_LIGHTS[found.state], text, typed("backup --nightly"))]


def _about_copies(found: backups.Look) -> list[Notice]:
    if found.copy_state in {backups.OK, backups.COPY_DUE}:
        return []
    texts, command = [], ""
    if found.copy_state == backups.COPY_OLD:
        texts.append(_("If this computer breaks now, all that came since the last copy is lost."))
    if found.record.folder:
        texts.append(str(_WHY.get(found.record.copy_problem, "")))
    else:
        texts.append(_("Put a USB stick or a disk into the computer that runs Meguri, then type"
                       " there once, with the folder in which it appears:"))  # fmt: skip
        command = typed("up --detach --backup-to /media/stick")
    return [Notice(_LIGHTS[found.copy_state], " ".join(text for text in texts if text), command)]
