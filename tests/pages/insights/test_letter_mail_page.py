"""The page of mails of letters, with no service behind."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from flask import Flask
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.insights.v1 import letter_service_pb2 as pb
from services.edge import cookies
from tests.pages.edge.fakes import SESSION, Failure, FakeServices
from tests.pages.insights.letters_made import WRITTEN
from tests.pages.insights.test_letter_pages import hidden
from tests.pages.insights.test_pages import Backstage, app, backstage

__all__ = ["app", "backstage"]  # fixtures
PAGE = "/insights/letter/mail"
ORIGIN = {"Origin": "http://localhost"}


def mail(state: int, error: str = "", number: int = 7, attempts: int = 1) -> pb.LetterMail:
    return pb.LetterMail(
        recipient="mori@city.example.jp", letter_number=number, state=state,  # type: ignore[arg-type] # of the enum
        attempt_count=attempts, error=error, put_time=WRITTEN,
    )  # fmt: skip


class Services(FakeServices):
    """Stand-ins that mail to one address; `refuse` is raised by every change."""

    def __init__(self) -> None:
        super().__init__()
        self.user = directory_pb.User(
            user_id="u9", login_name="mori", roles=[directory_pb.ROLE_ANALYST]
        )
        self.found = pb.ReadLetterMailResponse(
            settings=pb.LetterMailSettings(
                on=True, recipients=["mori@city.example.jp"], kinds=[pb.LETTER_KIND_MONTH],
                language="ja", page_url="https://x.example.jp/insights/letter",
            ),
            version=4, configured=True,
        )  # fmt: skip
        self.said: list[Any] = []
        self.refuse: grpc.RpcError | None = None
        self.answers |= {
            "ReadLetterMail": lambda _: self.found,
            "SaveLetterMail": lambda each: self._change(each, pb.SaveLetterMailResponse(version=5)),
            "SendTestLetter": lambda each: self._change(each, pb.SendTestLetterResponse()),
        }

    def _change(self, request: Any, answer: Any) -> Any:
        if self.refuse:
            raise self.refuse
        self.said.append(request)
        return answer


@pytest.fixture
def services(backstage: Backstage) -> Services:
    backstage.services = found = Services()
    return found


@pytest.fixture
def staff(app: Flask, services: Services) -> Iterator[FlaskClient]:
    app.extensions["meguri"].sessions.forget_all()
    with app.test_client() as client:
        client.set_cookie(cookies.SESSION.name, SESSION)
        yield client


def send(staff: FlaskClient, address: str = PAGE, **entered: str) -> Any:
    page = staff.get(f"{PAGE}?locale=en").text
    given = {name: hidden(page, name) for name in ("form_token", "request_id", "version")}
    return staff.post(f"{address}?locale=en", data={**given, **entered}, headers=ORIGIN)


@pytest.mark.parametrize("locale", ["ja", "en", "ko", "zh-Hans", "zh-Hant"])
def test_the_page_tells_what_became_of_mails(
    staff: FlaskClient, services: Services, locale: str
) -> None:
    services.found.mails.extend([
        mail(pb.LETTER_MAIL_STATE_SENT), mail(pb.LETTER_MAIL_STATE_WAITING, "unreachable"),
        mail(pb.LETTER_MAIL_STATE_FAILED, "refused_550", number=0, attempts=8),
        mail(pb.LETTER_MAIL_STATE_SENDING),
    ])  # fmt: skip
    answer = staff.get(f"{PAGE}?locale={locale}")
    assert answer.status_code == 200
    assert f'<html lang="{locale}"' in answer.text
    assert "550" in answer.text
    assert "2026-06-01 06:00" in answer.text
    assert "%(" not in answer.text
    if locale == "en":
        for words in ("Sent", "Given up", "does not answer", "Tried 8 times.", "Being sent"):
            assert words in answer.text


def test_addresses_are_kept_with_the_page_they_are_led_to(
    staff: FlaskClient, services: Services
) -> None:
    answer = send(
        staff, on="1", recipients="mori@city.example.jp; sato@city.example.jp\nabe@e.jp",
        language="en", **{"kind-week": "1"},
    )  # fmt: skip
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PAGE}?done=1")
    (wanted,) = services.said
    assert list(wanted.settings.recipients) == [
        "mori@city.example.jp", "sato@city.example.jp", "abe@e.jp",
    ]  # fmt: skip
    assert list(wanted.settings.kinds) == [pb.LETTER_KIND_WEEK]
    assert (wanted.settings.on, wanted.settings.language) == (True, "en")
    assert wanted.settings.page_url.endswith("/insights/letter")
    assert wanted.settings.page_url.startswith("http")
    assert wanted.expected_version == 4


@pytest.mark.parametrize(
    ("entered", "field"),
    [
        ({"on": "1", "kind-month": "1"}, "f-recipients"),
        ({"recipients": "mori"}, "f-recipients"),
        ({"recipients": "mori@localhost"}, "f-recipients"),
        ({"recipients": " ".join(f"a{n}@e.jp" for n in range(21))}, "f-recipients"),
        ({"on": "1", "recipients": "a@e.jp"}, "f-kind-month"),
    ],
)
def test_what_could_not_work_is_said_beside_its_field(
    staff: FlaskClient, services: Services, entered: dict[str, str], field: str
) -> None:
    answer = send(staff, **entered)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text
    assert not services.said


def test_without_a_mail_server_the_page_says_so(staff: FlaskClient, services: Services) -> None:
    services.found.configured = False
    text = staff.get(f"{PAGE}?locale=en").text
    assert "no mail server yet" in text
    assert "Send a test mail" not in text
    services.refuse = Failure(grpc.StatusCode.FAILED_PRECONDITION, "MAIL_NOT_CONFIGURED")
    answer = send(staff, on="1", recipients="a@e.jp", **{"kind-month": "1"})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("reason", "status"),
    [("VERSION_CONFLICT", 409), ("INVALID_FIELDS", 422)],
)
def test_what_the_service_refuses_is_said(
    staff: FlaskClient, services: Services, reason: str, status: int
) -> None:
    services.refuse = Failure(grpc.StatusCode.ABORTED, reason)
    assert send(staff, recipients="a@e.jp").status_code == status


def test_a_test_is_sent_to_one_of_the_list(staff: FlaskClient, services: Services) -> None:
    answer = send(staff, f"{PAGE}/test", recipient="mori@city.example.jp")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PAGE}?tested=1")
    assert services.said[0].recipient == "mori@city.example.jp"
    assert "within a minute" in staff.get(f"{PAGE}?tested=1&locale=en").text
    services.refuse = Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_MAILS")
    assert "still on their way" in send(staff, f"{PAGE}/test", recipient="x@e.jp").text
