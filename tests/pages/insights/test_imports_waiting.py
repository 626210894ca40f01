"""Drafts of imports that somebody looked at and neither kept nor threw away."""

from flask.testing import FlaskClient

from tests.pages.insights.test_imports_pages import (
    DRAFT,
    PAGE,
    Services,
    app,
    backstage,
    services,
    staff,
)

__all__ = ["app", "backstage", "services", "staff"]  # fixtures


def test_a_draft_that_waits_is_found_again(staff: FlaskClient, services: Services) -> None:
    assert "not kept yet" not in staff.get(f"{PAGE}?locale=en").text
    draft = services.found.drafts.add(draft_id="d1", file_name="<入込>.xlsx")
    draft.said_time.FromJsonString("2026-05-01T23:00:00Z")
    draft.until_time.FromJsonString("2026-05-02T23:00:00Z")
    text = staff.get(f"{PAGE}?locale=en").text
    assert f'href="{DRAFT}">&lt;入込&gt;.xlsx</a>' in text
    assert "sent 2026-05-02 08:00, waits until 2026-05-03 08:00" in text
