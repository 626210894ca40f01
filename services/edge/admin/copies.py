"""Are there backups, and does one lie elsewhere? For somebody who never thinks of them."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from kit import backups
from services.edge.parts import parts

_LIGHTS = {
    backups.OK: "ok", backups.DUE: "warn", backups.FAILED: "warn", backups.OLD: "bad",
    backups.COPY_NONE: "warn", backups.COPY_FAILED: "warn", backups.COPY_OLD: "bad",
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


@dataclass(frozen=True)
class Light:
    """One lamp: name, ok, warn or bad, what it says, when that was."""

    name: str
    light: str
    word: str
    time: Any


@dataclass(frozen=True)
class Copies:
    """lights: of the backup and of the copy elsewhere. notices: (warn or bad, what to do)."""

    lights: tuple[Light, Light]
    notices: tuple[tuple[str, str], ...]


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


def _about_backups(found: backups.Look) -> list[tuple[str, str]]:
    if found.state in {backups.OK, backups.DUE}:
        return []
    why = str(_WHY.get(found.record.problem, ""))
    text = why or _("Ask whoever looks after the computer to read ./meguri logs backup there.")
    return [(_LIGHTS[found.state], text)]


def _about_copies(found: backups.Look) -> list[tuple[str, str]]:
    if found.copy_state == backups.OK:
        return []
    texts = []
    if found.copy_state == backups.COPY_OLD:
        texts.append(_("If this computer breaks now, all that came since the last copy is lost."))
    if found.record.folder:
        texts.append(str(_WHY.get(found.record.copy_problem, "")))
    else:
        texts.append(_("Put a USB stick or a disk into the computer that runs Meguri, then type"
                       " there once: ./meguri up --backup-to FOLDER"))  # fmt: skip
    return [(_LIGHTS[found.copy_state], " ".join(text for text in texts if text))]
