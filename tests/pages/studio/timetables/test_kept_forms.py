"""A login that expires while somebody types: every form of these pages goes on after signing in."""

import io

import pytest

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from tests.pages.studio.timetables.conftest import Studio, changed, form_of

LINE = "/studio/timetables/shuho"


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/studio/timetables/new", {"name_ja": "書きかけ"}),
        (LINE, {"operator": "書きかけ"}),
        (f"{LINE}/confirm", {"by": "書きかけ"}),
        ("/studio/ways", {"taxi_source_0": "書きかけ", "taxi_name_0_ja": "社"}),
        ("/studio/pins/bus-center", {"latitude": "書きかけ"}),
        ("/studio/pins/shop/tea", {"latitude": "書きかけ"}),
    ],
)
def test_what_was_typed_is_there_after_signing_in(
    studio: Studio, path: str, typed: dict[str, str]
) -> None:
    fields = [*changed(studio.fields(path), **typed), ("action", "save")]
    studio.client.delete_cookie("meguri_session", domain="guide.example.jp")
    asked = studio.send(path, fields, 401).text
    studio.services.answers["SignIn"] = lambda _: directory_pb.SignInResponse(
        user=studio.services.user, session_id="another"
    )
    signed = changed(form_of(asked), login_name="hanako", password="x")
    page = studio.send("/login", signed).text
    assert 'value="書きかけ"' in page
    assert "not kept yet" in page
    # The request id stays, so that a form that was taken after all is not done twice.
    assert dict(form_of(page))["request_id"] == dict(fields)["request_id"]
    studio.services.user.roles[:] = [directory_pb.ROLE_REVIEWER]
    answer = studio.send("/login", signed, 303)
    assert "書きかけ" not in answer.text


def test_a_file_is_not_kept(studio: Studio) -> None:
    path = "/studio/timetables/feed"
    fields = [*changed(studio.fields(path), id="bocho"), ("action", "look")]
    studio.client.delete_cookie("meguri_session", domain="guide.example.jp")
    page = studio.send(path, fields, 401, archive=(io.BytesIO(b"PK"), "gtfs.zip")).text
    assert "What you typed is kept" not in page
