"""Requests that hold a secret: it stays out of the hash they are known by."""

from typing import Any

from google.protobuf.message import Message

from kit.requests import RequestKey
from kit.rpc import request_key

# What could be tried offline, and where a call came from, which may be another network at the
# second try.
_LEFT_OUT = (
    "password", "current_password", "new_password", "code", "sender", "known_browser",
)  # fmt: skip


def key_without_secret(request: Any) -> RequestKey:
    """Returns the key of a request, its secrets left out of the stored hash of the body."""
    bare = type(request)()
    bare.CopyFrom(request)
    for name in _LEFT_OUT:
        if name in bare.DESCRIPTOR.fields_by_name:
            bare.ClearField(name)
    message: Message = bare
    return request_key(message)
