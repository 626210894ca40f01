"""Every text of ours stands in every catalog that is to have it."""

from cli import locale


def test_no_catalog_of_ours_lacks_a_text() -> None:
    assert locale.check() == ""
