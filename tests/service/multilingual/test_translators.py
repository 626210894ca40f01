"""Translating machines behind real HTTP: what they are asked, what they may answer."""

import time
from collections.abc import Iterator
from typing import Any

import deepl
import pytest

from services.multilingual.gateways import translators
from services.multilingual.gateways.translators import TranslatorAway
from tests.service.multilingual import translator
from tests.service.multilingual.translator import KEY, Machine


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    monkeypatch.setattr(translators, "PAUSE_S", 0.0)
    with translator.running() as running:
        yield running


def of(machine: Machine, kind: str, target: str = "en", key: str = KEY) -> translators.Translator:
    return translators.choose(kind, machine.url, key, "ja", target)


@pytest.mark.parametrize(
    ("kind", "target", "told"),
    [
        ("deepl", "en", "EN-US"), ("deepl", "zh-Hant", "ZH-HANT"), ("deepl", "th", "TH"),
        ("libretranslate", "en", "en"), ("libretranslate", "zh-Hant", "zt"),
    ],
)  # fmt: skip
def test_texts_come_back_in_their_order_and_language(
    machine: Machine, kind: str, target: str, told: str
) -> None:
    found = of(machine, kind, target).translate(["水", "石\n池"])
    assert found == [f"[{told}] 水", f"[{told}] 石\n池"]


def test_deepls_own_client_takes_the_machine_of_these_tests_for_deepl(machine: Machine) -> None:
    """So what our requests are tested against is what DeepL's makers expect of DeepL."""
    client = deepl.DeepLClient(KEY, server_url=machine.url, send_platform_info=False)
    theirs: Any = client.translate_text(["水"], source_lang="JA", target_lang="EN-US",
                                        preserve_formatting=True)  # fmt: skip
    assert [each.text for each in theirs] == of(machine, "deepl").translate(["水"])
    (path, body, headers), (own_path, own_body, own_headers) = machine.asked
    assert own_path == path
    assert own_headers["Authorization"] == headers["Authorization"]
    for name in ("text", "source_lang", "target_lang", "preserve_formatting"):
        assert own_body[name] == body[name], name


def test_keys_are_never_in_an_address(machine: Machine) -> None:
    of(machine, "deepl").translate(["水"])
    of(machine, "libretranslate").translate(["水"])
    assert all(KEY not in path for path, _, _ in machine.asked)
    of(machine, "libretranslate", key="").translate(["水"])
    assert "api_key" not in machine.asked[-1][1]


@pytest.mark.parametrize("kind", ["deepl", "libretranslate"])
def test_a_busy_machine_is_asked_again_and_not_for_ever(machine: Machine, kind: str) -> None:
    ready = of(machine, kind)
    machine.failing = [429, 503]
    assert ready.translate(["水"])
    machine.failing = [503] * 9
    asked = len(machine.asked)
    with pytest.raises(TranslatorAway, match="503"):
        ready.translate(["水"])
    assert len(machine.asked) == asked + translators.TRIES


@pytest.mark.parametrize(
    ("status", "told"), [(403, "the key is not accepted"), (456, "used up"), (418, "418")]
)
def test_a_refusal_says_why_and_is_not_tried_again(
    machine: Machine, status: int, told: str
) -> None:
    ready = of(machine, "deepl")
    machine.failing = [status]
    with pytest.raises(TranslatorAway, match=told):
        ready.translate(["水"])
    assert len(machine.asked) == 1


def test_a_redirect_does_not_carry_the_key_elsewhere(machine: Machine) -> None:
    with translator.running() as elsewhere:
        machine.headers, machine.failing = {"Location": elsewhere.url}, [302]
        with pytest.raises(TranslatorAway, match="302"):
            of(machine, "deepl").translate(["水"])
        assert elsewhere.asked == []


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"translations": [{"text": 1}]}', b'{"translations": null}',
     b'{"translations": [{"text": "a"}, {"text": "b"}]}', b'{"translatedText": "a"}',
     b"\xff\xfe", b"[" * 100_000, b'{"translations": ' + b"[" * 100_000,
     b"x" * (translators.MAX_BYTES + 5)],
    ids=lambda body: str(body[:40]),
)  # fmt: skip
@pytest.mark.parametrize("kind", ["deepl", "libretranslate"])
def test_nonsense_is_not_taken_for_a_translation(machine: Machine, kind: str, body: bytes) -> None:
    ready = of(machine, kind)
    machine.body = body
    with pytest.raises(TranslatorAway):
        ready.translate(["水"])


@pytest.mark.parametrize("at", ["head", "body"])
def test_an_answer_that_comes_drop_by_drop_has_an_end(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    monkeypatch.setattr(translators, "WHOLE_S", 0.3)
    machine.drip = at
    began = time.monotonic()
    with pytest.raises(TranslatorAway, match="does not answer"):
        of(machine, "deepl").translate(["水"])
    assert time.monotonic() - began < 3


def test_languages_that_are_no_words_are_left_out(machine: Machine) -> None:
    machine.body = b'[{"code": ["ja"]}, {"code": {}}, {"code": "ja", "targets": [["en"], {}]}]'
    with pytest.raises(TranslatorAway, match="en"):
        of(machine, "libretranslate")


@pytest.mark.parametrize(
    "address",
    ["https://me:secret@a.example", "https://secret@a.example", "https://a.example/?key=secret",
     "https://a.example/#secret"],
)  # fmt: skip
def test_an_address_holds_no_secret_for_it_is_shown(address: str) -> None:
    with pytest.raises(TranslatorAway, match="--key-file") as told:
        translators.choose("deepl", address, KEY, "ja", "en")
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("key", ["secret\nmore", "secret\r\nX: y", "鍵", "secret\ufffd", "a\0"])
def test_a_key_is_one_line_and_a_wrong_one_is_not_shown(machine: Machine, key: str) -> None:
    with pytest.raises(TranslatorAway, match="of the key") as told:
        of(machine, "deepl", key=key)
    assert "secret" not in str(told.value)
    assert machine.asked == []


@pytest.mark.parametrize("target", ["ko", "de"])
def test_a_language_that_is_not_there_is_told_before_anything_is_sent(
    machine: Machine, target: str
) -> None:
    with pytest.raises(TranslatorAway, match=target):
        of(machine, "libretranslate", target)
    assert [path for path, _, _ in machine.asked] == ["/languages"]


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "translate.example", "ftp://x.example", "http://", "http://[x"],
)
def test_only_addresses_of_the_web_are_asked(address: str) -> None:
    with pytest.raises(TranslatorAway, match="http"):
        translators.choose("deepl", address, KEY, "ja", "en")


def test_nobody_there_is_said(machine: Machine) -> None:
    with pytest.raises(TranslatorAway, match="does not answer"):
        translators.choose("deepl", "http://127.0.0.1:9", KEY, "ja", "en").translate(["水"])


@pytest.mark.parametrize(("told", "wait"), [("3", 3.0), ("9999", 30.0), ("soon", 4.0), ("", 4.0)])
def test_it_waits_as_long_as_it_is_told_within_reason(told: str, wait: float) -> None:
    assert translators._wait_s(told, 3) == wait


@pytest.mark.parametrize(
    "address", ["http://api.example.org", "http://8.8.8.8:5000", "http://localhost.example.org"]
)
def test_a_key_leaves_the_house_under_https_alone(address: str) -> None:
    with pytest.raises(TranslatorAway, match="begins with https://"):
        translators.check_address(address, secret=True)
    translators.check_address(address, secret=False)


@pytest.mark.parametrize(
    "address", ["https://api.example.org", "http://localhost:5000", "http://192.168.1.9:5000",
                "http://[::1]:5000"]
)  # fmt: skip
def test_a_key_goes_to_https_and_within_the_house(address: str) -> None:
    translators.check_address(address, secret=True)
