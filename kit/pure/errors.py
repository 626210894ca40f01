"""Named refusals: errors a caller can understand and act on."""

from collections.abc import Sequence


class Refusal(Exception):
    """Base of the named errors of a domain.

    The text is one English sentence that says what to do; programs read the reason that the
    service's api.py maps the class to, and people read a translation made at the edge.
    """


class InvalidFields(Refusal):
    """One or more fields cannot be used; nothing was changed.

    fields: pairs of field name (as in the request) and an English sentence.
    """

    def __init__(self, fields: Sequence[tuple[str, str]]) -> None:
        self.fields = tuple(fields)
        super().__init__("; ".join(f"{name}: {text}" for name, text in self.fields))


class NotFound(Refusal):
    """The thing named in the request does not exist in this area."""


class VersionConflict(Refusal):
    """Somebody else changed the thing since the caller read it; read it again."""
