"""Bodies that parse, or nearly, and still cannot be taken."""

import pytest
from flask import Flask

from services.edge.errors import Problem, json_body


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"a": ' * 50_000, b'{"note": "\\ud800"}', b"\xff\xfe", b"", b"[]"]
)
def test_a_body_no_service_could_take_is_refused(body: bytes) -> None:
    with (
        Flask("test").test_request_context("/", method="POST", data=body),
        pytest.raises(Problem) as refused,
    ):
        json_body()
    assert (refused.value.status, refused.value.reason) == (400, "malformed_json")
