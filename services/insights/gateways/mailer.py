"""Sending mail by SMTP, in a thread: the standard library's client waits.

`MEGURI_SMTP_URL` is smtps://user@host:465 (TLS from the start), smtp://user@host:587 (STARTTLS,
asked for and never left out), or smtp+plain://host:25 for a server on this machine alone.
"""

import asyncio
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kit.config import ConfigError
from services.insights.domain.letter_mail import is_address
from services.insights.domain.letter_words import MailText

TIMEOUT_S = 20.0
_PORTS = {"smtps": 465, "smtp": 587, "smtp+plain": 25}
_HERE = ("127.0.0.1", "localhost", "::1")


class MailNotSent(Exception):
    """A mail did not go. reason: a short code without any secret; final: never will."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.final = reason, final


@dataclass(frozen=True)
class Server:
    """Where mail is handed in. password_file: read at each sending, so that it can be changed."""

    way: str
    host: str
    port: int
    user: str
    password_file: Path | None
    sender: str
    ca_file: Path | None = None


def server_of(environment: Mapping[str, str]) -> Server | None:
    """Returns the server of this installation, None where none is set. Errors: ConfigError."""
    url = environment.get("MEGURI_SMTP_URL", "")
    if not url:
        return None
    sender = environment.get("MEGURI_SMTP_FROM", "")
    if not is_address(sender):
        raise ConfigError("MEGURI_SMTP_FROM is no mail address")
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError) as error:
        raise ConfigError("MEGURI_SMTP_URL is no address of a mail server") from error
    if not parts.hostname or parts.password is not None or parts.path not in {"", "/"}:
        raise ConfigError("MEGURI_SMTP_URL is to name a host, and no password")
    if parts.scheme == "smtp+plain" and parts.hostname not in _HERE:
        raise ConfigError("MEGURI_SMTP_URL without TLS is for a server on this machine alone")
    password, ca = (
        Path(environment[name]) if environment.get(name) else None
        for name in ("MEGURI_SMTP_PASSWORD_FILE", "MEGURI_SMTP_CA_FILE")
    )  # fmt: skip
    user = unquote(parts.username or "")
    if bool(user) != bool(password):
        raise ConfigError("MEGURI_SMTP_PASSWORD_FILE and a user in MEGURI_SMTP_URL go together")
    return Server(parts.scheme, parts.hostname, port, user, password, sender, ca)


async def send(server: Server, recipient: str, mail: MailText, message_id: str) -> None:
    """Hands a mail in. Errors: MailNotSent."""
    await asyncio.to_thread(_send, server, recipient, mail, message_id)


def message(server: Server, recipient: str, mail: MailText, message_id: str) -> EmailMessage:
    """Returns a mail with text and HTML. message_id: the same each time it is tried."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = server.sender, recipient, mail.subject
    made["Date"] = formatdate(usegmt=True)
    made["Message-ID"] = f"<{message_id}@{server.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday note answers it
    made.set_content(mail.text)
    made.add_alternative(mail.html, subtype="html")
    return made


def _send(server: Server, recipient: str, mail: MailText, message_id: str) -> None:
    made = message(server, recipient, mail, message_id)
    try:
        with _connected(server) as client:
            client.send_message(made)
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise MailNotSent(f"refused_{code}", final=code >= 500) from error
    except smtplib.SMTPAuthenticationError as error:
        raise MailNotSent("login") from error
    except smtplib.SMTPResponseException as error:
        raise MailNotSent(f"refused_{error.smtp_code}") from error
    except ssl.SSLError as error:
        raise MailNotSent("tls") from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailNotSent("unreachable") from error


def _connected(server: Server) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=server.ca_file)
    if server.way == "smtps":
        client: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=TIMEOUT_S, context=context
        )
    else:
        client = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
    try:
        if server.way == "smtp":
            client.starttls(context=context)
        if server.user and server.password_file:
            client.login(server.user, server.password_file.read_text().strip())
    except BaseException:
        client.close()
        raise
    return client
