"""Addresses, pauses and the words of a mail."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.config import ConfigError
from kit.pure.errors import InvalidFields
from services.insights.domain.effect import Effect, Verdict
from services.insights.domain.letter import Earlier, Letter, LetterKind
from services.insights.domain.letter_mail import (
    MOST_ATTEMPTS,
    MailSettings,
    checked,
    is_address,
    pause_after,
)
from services.insights.domain.letter_words import _EN, _JA, check_mail, letter_mail
from services.insights.domain.proposal import Action, Proposal
from services.insights.gateways.mailer import message, server_of

PAGE = "https://meguri.example.jp/insights/letter"
ON = MailSettings(on=True, recipients=("mori@city.example.jp",), page_url=PAGE)
SERVER = {"MEGURI_SMTP_URL": "smtp://u@mail.example.jp", "MEGURI_SMTP_FROM": "m@example.jp"}


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("mori@city.example.jp", True),
        ("o'neil+x@example.com", True),
        ("mori@localhost", False),
        ("mori", False),
        ("a@b@example.jp", False),
        ("mori@example.jp, b@example.jp", False),
        ("mori@example.jp\nBcc: all@example.jp", False),
        ("森@example.jp", False),
        ('"a b"@example.jp', False),
        (".mori@example.jp", False),
        ("mori@-example.jp", False),
        ("x" * 65 + "@example.jp", False),
        ("m@" + "a." * 130 + "jp", False),
    ],
)
def test_an_address_is_one_and_nothing_else(text: str, *, fine: bool) -> None:
    assert is_address(text) is fine


@given(st.text(max_size=40))
def test_whatever_passes_cannot_end_a_header(text: str) -> None:
    for address in (text, f"{text}@example.jp", f"a@{text}.jp"):
        if is_address(address):
            assert address.isascii()
            assert not set(address) & set('\r\n ,;:<>"()')
            assert address.count("@") == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (MailSettings(on=True, page_url=PAGE), "recipients"),
        (MailSettings(recipients=("mori",), page_url=PAGE), "recipients"),
        (MailSettings(recipients=tuple(f"a{n}@e.jp" for n in range(21)), page_url=PAGE),
         "recipients"),
        (MailSettings(on=True, recipients=("a@e.jp",), kinds=(), page_url=PAGE), "kinds"),
        (MailSettings(language="fr", page_url=PAGE), "language"),
        (MailSettings(page_url="javascript:alert(1)"), "page_url"),
        (MailSettings(page_url=f"{PAGE}/x?y"), "page_url"),
        (MailSettings(), "page_url"),
    ],
)  # fmt: skip
def test_settings_that_could_not_work_are_refused(given: MailSettings, field: str) -> None:
    with pytest.raises(InvalidFields) as caught:
        checked(given)
    assert field in str(caught.value.fields)


def test_each_address_is_kept_once() -> None:
    twice = MailSettings(recipients=(" a@e.jp", "a@e.jp", "", "b@e.jp"), page_url=PAGE)
    assert checked(twice).recipients == ("a@e.jp", "b@e.jp")
    assert checked(ON) == ON


def test_it_is_tried_again_later_and_later_and_given_up_in_the_end() -> None:
    pauses = [pause_after(n) for n in range(1, MOST_ATTEMPTS + 1)]
    told = [pause for pause in pauses if pause]
    assert told == sorted(told)
    assert told[0] == timedelta(minutes=1)
    assert max(told) <= timedelta(days=1)
    assert pauses[-1] is None


def test_both_languages_have_all_words() -> None:
    assert _JA.keys() == _EN.keys()
    assert set(Action) <= set(_JA)


LETTER = Letter(
    7, LetterKind.MONTH, "2026-05-01", "2026-05-31", "2026-05-01",
    (Proposal(Action.SIGN_AT_STOP, "K7Q2X", {"ja": "黄金柱 <b>", "en": "Golden\nPillar"}, count=4),
     Proposal(Action.MOVE_BUS, count=93)),
    earlier=(
        Earlier(3, Proposal(Action.SHOW_SPOT, "spring", {"ja": "弁天池"}), "Mori", "2026-04-01",
                Effect(Verdict.TOLD, 12.4, 3.2, 21.0)),
        Earlier(3, Proposal(Action.MOVE_BUS), "Mori", "2026-04-01", Effect(Verdict.TOO_EARLY)),
    ),
)  # fmt: skip


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_mail_names_what_is_proposed_and_leads_on(language: str) -> None:
    mail = letter_mail(LETTER, language, PAGE)
    assert "\n" not in mail.subject
    assert "2" in mail.subject
    for part in (mail.text, mail.html):
        assert f"{PAGE}/7" in part
        assert f"{PAGE}/mail" in part
        assert "12" in part
        assert "3.2" in part
        assert "93" not in part  # figures of the area stay in the house
    assert "<b>" not in mail.html
    assert ("黄金柱" if language == "ja" else "Golden Pillar") in mail.text
    assert PAGE in check_mail(language, PAGE).text


def test_a_week_a_demo_and_nothing_to_propose_are_said() -> None:
    week = Letter(8, LetterKind.WEEK, "2026-05-25", "2026-05-31", "2026-05-04", demo=True)
    mail = letter_mail(week, "en", PAGE)
    assert mail.subject == "Letter of the week, May 31, 2026: proposals: 0"
    assert mail.text.startswith("Demo data.")
    assert "This letter proposes nothing." in mail.text


def test_a_message_has_both_parts_and_the_same_id_each_time() -> None:
    server = server_of({**SERVER, "MEGURI_SMTP_PASSWORD_FILE": "/run/secret"})
    assert server is not None
    made = [message(server, "a@e.jp", letter_mail(LETTER, "ja", PAGE), "0-1") for _ in range(2)]
    assert made[0]["Message-ID"] == made[1]["Message-ID"] == "<0-1@example.jp>"
    assert [part.get_content_type() for part in made[0].iter_parts()] == ["text/plain", "text/html"]
    assert made[0]["To"] == "a@e.jp"


def test_without_a_server_there_is_none() -> None:
    assert server_of({}) is None
    assert server_of({"MEGURI_SMTP_URL": ""}) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"MEGURI_SMTP_FROM": "nobody"},
        {"MEGURI_SMTP_URL": "http://mail.example.jp"},
        {"MEGURI_SMTP_URL": "smtp://u:secret@mail.example.jp"},
        {"MEGURI_SMTP_URL": "smtp://"},
        {"MEGURI_SMTP_URL": "smtp://mail.example.jp:x"},
        {"MEGURI_SMTP_URL": "smtp+plain://mail.example.jp"},
        {},  # a user without a password
    ],
)
def test_a_server_that_could_not_work_names_its_setting(wrong: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="MEGURI_SMTP") as caught:
        server_of({**SERVER, **wrong})
    assert "secret" not in str(caught.value)
