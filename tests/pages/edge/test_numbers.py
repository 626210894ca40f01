"""Numbers that strangers write are read in the digits of the pages, in no others."""

from collections.abc import Callable

import pytest
from flask import Flask

from services.edge.admin import people
from services.edge.studio import desk, drafts, routes, survey

THREES = ["٣", "３", "३", "²", "-3", "3.0", " 3", ""]
FIELDS: list[tuple[Callable[[], int], int]] = [
    (people.form_version, 0),
    (survey._version, -1),
    (lambda: routes._number("version"), 0),
]


@pytest.mark.parametrize("text", THREES)
@pytest.mark.parametrize(("read", "nonsense"), FIELDS)
def test_a_version_in_other_digits_is_that_of_no_form(
    read: Callable[[], int], nonsense: int, text: str
) -> None:
    flask = Flask("test")
    with flask.test_request_context("/", method="POST", data={"version": text}):
        assert read() == nonsense
    with flask.test_request_context("/", method="POST", data={"version": "3"}):
        assert read() == 3


@pytest.mark.parametrize("text", THREES)
def test_a_revision_in_other_digits_is_that_of_no_text(text: str) -> None:
    assert desk._number(text) == 0
    assert drafts._parse(f"8WXC3:{text}:1") is None
    assert drafts._parse(f"8WXC3:1:{text}") is None
    found = drafts._parse("8WXC3:3:1")
    assert found is not None
    assert (found.revision, found.replaced_revision, desk._number("3")) == (3, 1, 3)
