"""Forms as a browser sends them, with files."""

from typing import Any

from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart


def sent(data: dict[str, Any]) -> dict[str, Any]:
    """Returns what a client of tests is given for a form with files. Written here: the client would
    keep a large body in a file that it never closes."""
    for name, value in data.items():
        if isinstance(value, tuple):  # stream, name and perhaps the kind of a file
            stream, file_name, *kind = value
            data = data | {name: FileStorage(stream, file_name, content_type=(*kind, None)[0])}
    boundary, body = encode_multipart(data)
    return {"data": body, "content_type": f"multipart/form-data; boundary={boundary}"}
