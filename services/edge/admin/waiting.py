"""What waits for whoever runs the machine: its backups, its certificates and its disk."""

from collections.abc import Iterator

from flask_babel import gettext as _

from kit import backups, certificates, disk
from kit.roles import ADMINS
from services.edge.parts import parts
from services.edge.waiting import Source, Task


def sources() -> tuple[Source, ...]:
    """Returns the rooms of operation."""
    return (Source(_("The computer"), ADMINS, machine),)


def machine() -> Iterator[Task]:
    """The computer itself: backups, certificates, its disk."""
    data = parts().settings.data_dir
    found = backups.look(data)
    if found is not None and (
        found.state in {backups.FAILED, backups.OLD}
        or found.copy_state not in {backups.OK, backups.COPY_DUE}
    ):
        late = found.state == backups.OLD or found.copy_state == backups.COPY_OLD
        yield Task(
            "backups", "download",
            _("Backups lie on this computer alone") if found.copy_state == backups.COPY_NONE
            else _("The backup needs somebody"),
            _("The page of operation says what to do."), 3, "/admin#copies", late=late,
        )  # fmt: skip
    ending = [each.state for each in certificates.look(data) if each.state != certificates.OK]
    if ending:
        yield Task(
            "certificates", "lock", _("A certificate needs somebody"),
            _("The page of operation says what to do."), 5, "/admin#certificates",
            late=any(state in certificates.LATE for state in ending),
        )  # fmt: skip
    if disk.look(data).state != disk.OK:
        yield Task(
            "disk", "warning", _("The disk of the computer gets full"),
            _("Delete files and old copies that nobody needs."), 10, "/admin", late=True,
        )  # fmt: skip
