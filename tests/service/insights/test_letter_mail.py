"""Mails of letters, with real PostgreSQL and a real SMTP server."""

import asyncio
import datetime as dt
import ipaddress
import ssl
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kit.clock import ManualClock
from kit.db import Database
from kit.pure.errors import InvalidFields, VersionConflict
from kit.requests import RequestKey
from meguri.directory.v1 import directory_events_pb2 as directory
from services.insights.app import letter_mail, letter_writing
from services.insights.app.deps import Deps
from services.insights.app.letter_mail import MailNotConfigured, TooManyMails
from services.insights.domain.letter import LetterKind
from services.insights.domain.letter_mail import MailSettings, MailState
from services.insights.domain.letter_words import MailText
from services.insights.gateways import mailer
from services.insights.gateways.mailer import MailNotSent, Server
from tests.service.insights.conftest import NOON
from tests.service.insights.said import Ear, said
from tests.service.insights.test_letters import DAY, Asked, days_of

PAGE = "https://meguri.example.jp/insights/letter"
MORI, SATO = "mori@city.example.jp", "sato@city.example.jp"
ON = MailSettings(on=True, recipients=(MORI, SATO), page_url=PAGE)
PASSWORD = "a secret of the mail server"


class Box:
    """Keeps what comes; refuses recipients in `refused`, and everything while `busy`."""

    def __init__(self) -> None:
        self.came: list[EmailMessage] = []
        self.refused: dict[str, str] = {}
        self.busy = False

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        if self.busy:
            return "451 later"
        content = envelope.content
        assert isinstance(content, bytes)
        found = message_from_bytes(content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.came.append(found)
        return "250 OK"


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(
            [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, own = tmp_path / "server.pem", tmp_path / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    own.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, own)
    return pem, context


def login(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    fits = given.password.decode() == PASSWORD
    return AuthResult(success=fits, handled=fits)


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def server(
    box: Box, certificate: tuple[Path, ssl.SSLContext], tmp_path: Path, unused_tcp_port: int
) -> Iterator[Server]:
    """A mail server that asks for STARTTLS and a login."""
    pem, context = certificate
    (tmp_path / "password").write_text(PASSWORD + "\n")
    running = Controller(
        box, hostname="127.0.0.1", port=unused_tcp_port, tls_context=context, require_starttls=True,
        authenticator=login, auth_required=True,
    )  # fmt: skip
    running.start()
    yield Server(
        "smtp", "127.0.0.1", unused_tcp_port, "meguri", tmp_path / "password", "m@example.jp", pem
    )
    running.stop()


@pytest.fixture
def deps(database: Database, clock: ManualClock) -> Deps:
    return Deps(db=database, clock=clock)


def key() -> RequestKey:
    return RequestKey("mori", str(uuid.uuid4()), b"x" * 32)


def through(server: Server) -> letter_mail.Send:
    async def send(recipient: str, mail: MailText, message_id: str) -> None:
        await mailer.send(server, recipient, mail, message_id)

    return send


async def save(deps: Deps, settings: MailSettings = ON, version: int = 0, **more: Any) -> int:
    given = {"configured": True, **more}
    return await letter_mail.save(deps, key(), "mine", version, settings, **given)


async def states(deps: Deps) -> list[tuple[str, str, int]]:
    desk = await letter_mail.read(deps, "mine")
    return sorted((one.recipient, one.state.value, one.attempts) for one in desk.mails)


async def written(deps: Deps, ear: Ear) -> int:
    await ear.hear(days_of(NOON - DAY * 50, NOON - DAY))
    return await letter_writing.write_asked(deps, Asked(), key(), "mine", LetterKind.MONTH)


async def test_a_letter_is_mailed_once_to_each_with_text_and_html(
    deps: Deps, ear: Ear, server: Server, box: Box
) -> None:
    await save(deps)
    number = await written(deps, ear)
    assert await letter_mail.send_due(deps, through(server)) == 2
    assert await letter_mail.send_due(deps, through(server)) == 0
    assert sorted(mail["To"] for mail in box.came) == [MORI, SATO]
    mail = box.came[0]
    assert mail["From"] == "m@example.jp"
    assert "2026年4月" in mail["Subject"]
    for part in ("plain", "html"):
        body = mail.get_body((part,))
        assert body is not None
        assert f"{PAGE}/{number}" in body.get_content()
        assert f"{PAGE}/mail" in body.get_content()
    assert await states(deps) == [(MORI, "sent", 1), (SATO, "sent", 1)]


async def test_nothing_is_mailed_while_it_is_off_or_of_another_kind(deps: Deps, ear: Ear) -> None:
    assert (await letter_mail.read(deps, "mine")).settings.on is False
    await save(deps, MailSettings(on=True, recipients=(MORI,), kinds=(LetterKind.WEEK,),
                                  page_url=PAGE))  # fmt: skip
    await written(deps, ear)
    assert await states(deps) == []


async def test_what_does_not_go_is_tried_later_without_telling_secrets(
    deps: Deps, ear: Ear, clock: ManualClock, server: Server, box: Box
) -> None:
    await save(deps)
    await written(deps, ear)
    box.busy = True
    box.refused = {SATO: "550 nobody here by that name"}
    assert await letter_mail.send_due(deps, through(server)) == 0
    assert await states(deps) == [(MORI, "waiting", 1), (SATO, "failed", 1)]
    errors = {one.recipient: one.error for one in (await letter_mail.read(deps, "mine")).mails}
    assert errors == {MORI: "refused_451", SATO: "refused_550"}
    box.busy = False
    assert await letter_mail.send_due(deps, through(server)) == 0  # a minute later, not now
    clock.advance(timedelta(minutes=1))
    assert await letter_mail.send_due(deps, through(server)) == 1
    assert await states(deps) == [(MORI, "sent", 2), (SATO, "failed", 1)]


async def test_it_is_given_up_in_the_end(deps: Deps, ear: Ear, clock: ManualClock) -> None:
    await save(deps, MailSettings(on=True, recipients=(MORI,), page_url=PAGE))
    await written(deps, ear)

    async def away(_recipient: str, _mail: MailText, _message_id: str) -> None:
        raise MailNotSent("unreachable")

    for _ in range(9):
        await letter_mail.send_due(deps, away)
        clock.advance(timedelta(days=1))
    ((_who, state, _attempts),) = await states(deps)
    assert state == "failed"


async def test_who_dies_between_sending_and_noting_sends_again_with_the_same_id(
    deps: Deps, ear: Ear, clock: ManualClock, server: Server, box: Box
) -> None:
    await save(deps, MailSettings(on=True, recipients=(MORI,), page_url=PAGE))
    await written(deps, ear)

    class Killed(BaseException):
        pass

    async def dies(recipient: str, mail: MailText, message_id: str) -> None:
        await mailer.send(server, recipient, mail, message_id)
        raise Killed

    with pytest.raises(Killed):
        await letter_mail.send_due(deps, dies)
    assert await states(deps) == [(MORI, "sending", 1)]
    assert await letter_mail.send_due(deps, through(server)) == 0  # whoever has it may be at it
    clock.advance(letter_mail.SENDING)
    assert await letter_mail.send_due(deps, through(server)) == 1
    assert len(box.came) == 2
    assert box.came[0]["Message-ID"] == box.came[1]["Message-ID"]


async def test_two_who_send_at_once_send_each_mail_once(
    deps: Deps, ear: Ear, server: Server, box: Box
) -> None:
    await save(deps)
    await written(deps, ear)
    both = await asyncio.gather(
        letter_mail.send_due(deps, through(server)), letter_mail.send_due(deps, through(server))
    )
    assert sum(both) == 2
    assert len(box.came) == 2


async def test_who_is_taken_out_gets_nothing_that_still_waits(deps: Deps, ear: Ear) -> None:
    await save(deps)
    await written(deps, ear)
    await save(deps, MailSettings(on=True, recipients=(SATO,), page_url=PAGE), 1)
    assert await states(deps) == [(SATO, "waiting", 0)]
    await save(deps, MailSettings(recipients=(SATO,), page_url=PAGE), 2)
    assert await states(deps) == []


async def test_an_old_letter_is_no_news(
    deps: Deps, ear: Ear, clock: ManualClock, server: Server, box: Box
) -> None:
    await save(deps)
    await written(deps, ear)
    clock.advance(letter_mail.TOO_OLD + timedelta(hours=1))
    assert await letter_mail.send_due(deps, through(server)) == 0
    assert {state for _who, state, _n in await states(deps)} == {MailState.FAILED.value}
    assert not box.came


async def test_a_test_goes_to_those_in_the_list_alone(deps: Deps, server: Server, box: Box) -> None:
    with pytest.raises(MailNotConfigured):
        await letter_mail.test(deps, key(), "mine", MORI, configured=False)
    with pytest.raises(InvalidFields):
        await letter_mail.test(deps, key(), "mine", MORI, configured=True)
    await save(deps, MailSettings(recipients=(MORI,), page_url=PAGE))  # off is enough for a test
    for _ in range(letter_mail.MOST_TESTS):
        await letter_mail.test(deps, key(), "mine", MORI, configured=True)
    with pytest.raises(TooManyMails):
        await letter_mail.test(deps, key(), "mine", MORI, configured=True)
    assert await letter_mail.send_due(deps, through(server)) == letter_mail.MOST_TESTS
    assert "試験" in box.came[0]["Subject"]


async def test_settings_have_a_version_and_need_a_server(deps: Deps) -> None:
    with pytest.raises(MailNotConfigured):
        await save(deps, configured=False)
    assert await save(deps, MailSettings(page_url=PAGE), configured=False) == 1
    assert await save(deps, MailSettings(page_url=PAGE)) == 1
    with pytest.raises(VersionConflict):
        await save(deps)
    with pytest.raises(InvalidFields):
        await save(deps, MailSettings(on=True, page_url=PAGE), 1)


async def test_a_dropped_area_mails_nothing(
    deps: Deps, ear: Ear, clock: ManualClock, server: Server
) -> None:
    await save(deps)
    await written(deps, ear)
    clock.advance(timedelta(seconds=1))
    await ear.hear([said("directory", "area_dropped", directory.AreaDropped(), clock.now())])
    assert await letter_mail.send_due(deps, through(server)) == 0
    assert (await letter_mail.read(deps, "mine")).settings == MailSettings()


async def test_who_was_mailed_what_is_forgotten_after_three_months(
    deps: Deps, ear: Ear, clock: ManualClock
) -> None:
    await save(deps)
    await written(deps, ear)
    clock.advance(letter_mail.KEPT + DAY)
    await ear.hear(days_of(clock.now() - DAY * 50, clock.now() - DAY))
    await letter_writing.write_asked(deps, Asked(), key(), "mine", LetterKind.MONTH)
    mails = (await letter_mail.read(deps, "mine")).mails
    assert {one.letter_number for one in mails} == {2}


TEXT = MailText("Subject", "text", "<p>text</p>")


async def test_a_wrong_password_a_wrong_certificate_and_no_server_are_told_apart(
    server: Server, tmp_path: Path, unused_tcp_port_factory: Callable[[], int], box: Box
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("guessed")

    async def reason(**other: Any) -> str:
        given = {**vars(server), **other}
        with pytest.raises(MailNotSent) as caught:
            await mailer.send(Server(**given), MORI, TEXT, "0-1")
        return caught.value.reason

    assert await reason(password_file=wrong) == "login"
    assert await reason(ca_file=None) == "tls"
    assert await reason(way="smtps") == "tls"
    assert await reason(port=unused_tcp_port_factory()) == "unreachable"
    assert await reason(password_file=tmp_path / "missing") == "unreachable"
    assert not box.came


async def test_tls_from_the_start_and_a_server_on_this_machine(
    box: Box, certificate: tuple[Path, ssl.SSLContext], unused_tcp_port_factory: Callable[[], int]
) -> None:
    pem, context = certificate
    for way, own in (("smtps", context), ("smtp+plain", None)):
        port = unused_tcp_port_factory()
        running = Controller(box, hostname="127.0.0.1", port=port, ssl_context=own)
        running.start()
        try:
            there = Server(way, "127.0.0.1", port, "", None, "m@example.jp", pem)
            await mailer.send(there, MORI, TEXT, way)
        finally:
            running.stop()
    assert [mail["Message-ID"] for mail in box.came] == [
        "<smtps@example.jp>", "<smtp+plain@example.jp>",
    ]  # fmt: skip
