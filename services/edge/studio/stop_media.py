"""What the pages of photos and of videos of a stop read and say alike."""

from collections.abc import Collection

import grpc
from flask import request
from flask_babel import gettext as _

from kit.client import problem_of
from services.edge import uploads
from services.edge.errors import sentence
from services.edge.pages import notify
from services.edge.whole import read_whole


class NotSure(Exception):
    """Erasing was not confirmed."""


def check_sure() -> None:
    """Errors: NotSure."""
    if "sure" not in request.form:
        raise NotSure


def say_not_sure() -> None:
    """Says it on the page that comes."""
    notify("bad", str(_("Say that you are sure: nothing brings back what was erased.")))


def say_refused(error: grpc.RpcError, known: Collection[str], size_bytes: int = 0) -> None:
    """Says on the page that comes why something was refused. known: reasons that are said so.
    size_bytes: of the file that was sent, told where it was too large.

    Errors: error itself for any other.
    """
    reason = problem_of(error).reason
    if reason not in known:
        raise error
    if size_bytes and reason.endswith("_TOO_LARGE"):
        say_too_large(reason, size_bytes)
    else:
        say(reason)


def say(reason: str) -> None:
    """Says the sentence of a reason on the page that comes."""
    notify("bad", str(sentence(reason.lower())))


def say_too_large(reason: str, size_bytes: int) -> None:
    """Says how large a file was, and the sentence of a reason."""
    notify("bad", uploads.told(size_bytes, sentence(reason.lower())))


def by_locale(prefix: str) -> dict[str, str]:
    """Returns what was typed into fields of a prefix and a locale, empty ones left out."""
    return {
        name.removeprefix(prefix): text
        for name, text in request.form.items()
        if name.startswith(prefix) and text.strip()
    }


def version() -> int:
    """Returns the version the form was made with, 0 for none."""
    return read_whole(request.form.get("version", "")) or 0


def reason() -> str:
    """Returns why nobody else looks at it, as typed."""
    return request.form.get("reason", "")
