"""Machines that translate, by the address of their server: LibreTranslate, DeepL.

Both are asked over plain HTTP as their makers describe it (docs.libretranslate.com;
developers.deepl.com, API v2). A redirect is not followed: it would carry the key elsewhere.
"""

import json
import queue
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPException
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import urlsplit

from kit.pure.errors import Refusal

DEADLINE_S = 30.0  # of each piece that comes
WHOLE_S = 60.0  # of an answer: one that comes drop by drop would never end
MAX_BYTES = 2_000_000
TRIES = 3
BUSY = (429, 500, 502, 503, 504, 529)
PAUSE_S, PAUSE_MOST_S = 1.0, 30.0
TEXTS_AT_ONCE = 50  # DeepL takes no more in one request
REFUSED = {
    400: "it does not take this request",
    401: "the key is not accepted",
    403: "the key is not accepted",
    413: "the text is too large for it",
    456: "what the key may translate this month is used up",
}

# Where a server's own name of a language is another than BCP 47 says.
DEEPL_TARGETS = {"en": "EN-US", "pt": "PT-PT"}
LIBRE_NAMES = {"zh-Hans": ("zh-Hans", "zh"), "zh-Hant": ("zh-Hant", "zt")}


class TranslatorAway(Refusal):
    """The server does not translate; the text says why."""


class Translator(Protocol):
    """A machine for one pair of languages. name: noted with each draft it makes."""

    name: str

    def translate(self, texts: Sequence[str]) -> list[str]:
        """Returns as many texts as it was given, at most TEXTS_AT_ONCE. Errors: TranslatorAway."""
        ...


def choose(kind: str, address: str, key: str, source: str, target: str) -> Translator:
    """Returns the machine behind an address. kind: libretranslate or deepl. source, target:
    BCP 47. Errors: TranslatorAway, also where it does not know the languages."""
    check_address(address, secret=bool(key))
    if not (key.isascii() and key.isprintable()):
        raise TranslatorAway("the file of the key holds more than one line of letters and digits")
    made: type[LibreTranslate] | type[DeepL] = DeepL if kind == "deepl" else LibreTranslate
    return made(_Server(address), key, source, target)


def check_address(address: str, *, secret: bool) -> None:
    """Refuses addresses that hold a secret: they are shown, and logged; and such as would carry
    one in the clear to another network than this. secret: whether a key goes along.

    Errors: TranslatorAway.
    """
    try:
        told = urlsplit(address)
        known = told.scheme in ("http", "https") and bool(told.hostname)
    except ValueError:
        known = False
    if not known:
        raise TranslatorAway("the address of a translator begins with http:// or https://")
    if "@" in told.netloc or told.query or told.fragment:
        raise TranslatorAway(
            "the address of a translator holds no name, no password and no question mark; a key"
            " belongs into the file that --key-file names"
        )
    if secret and told.scheme == "http" and not _is_near(told.hostname or ""):
        raise TranslatorAway(
            "a key goes only to an address that begins with https://, or to this house's own"
            " network: anybody on the way could read it"
        )


def _is_near(host: str) -> bool:
    """Tells whether a host is this machine or one of the own network, by its address."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost"


class DeepL:
    """POST /v2/translate with the key in a header."""

    name = "DeepL"

    def __init__(self, server: "_Server", key: str, source: str, target: str) -> None:
        self._server = server
        self._headers = {"Authorization": f"DeepL-Auth-Key {key}"}
        self._languages = {
            "source_lang": source.partition("-")[0].upper(),
            "target_lang": DEEPL_TARGETS.get(target, target.upper()),
        }

    def translate(self, texts: Sequence[str]) -> list[str]:
        """See Translator."""
        # Every paragraph as it is: sentences joined or parted would no longer fit the source.
        body = {"text": list(texts), "preserve_formatting": True, **self._languages}
        answer = self._server.post("/v2/translate", body, self._headers)
        found: Any = answer.get("translations") if isinstance(answer, dict) else None
        told = [each.get("text") for each in found] if _are(found, dict) else None
        return _checked(told, texts)


class LibreTranslate:
    """POST /translate with the key in the body; what it knows is said at /languages."""

    name = "LibreTranslate"

    def __init__(self, server: "_Server", key: str, source: str, target: str) -> None:
        self._server, self._key = server, key
        known = server.get("/languages")
        if not _are(known, dict):
            raise TranslatorAway("the translator does not say which languages it knows")
        codes = [each for each in known if isinstance(each.get("code"), str)]
        targets = {each["code"]: each.get("targets") for each in codes}
        self._source = _first(LIBRE_NAMES.get(source, (source,)), targets, source)
        reached = targets[self._source]
        names = reached if isinstance(reached, list) else list(targets)
        self._target = _first(LIBRE_NAMES.get(target, (target,)), names, target)

    def translate(self, texts: Sequence[str]) -> list[str]:
        """See Translator."""
        body = {"q": list(texts), "source": self._source, "target": self._target, "format": "text"}
        answer = self._server.post(
            "/translate", body | ({"api_key": self._key} if self._key else {})
        )
        return _checked(answer.get("translatedText") if isinstance(answer, dict) else None, texts)


class _Server:
    """Asks one server; tries again, a few times, while it is busy."""

    def __init__(self, address: str, pause: Callable[[float], None] = time.sleep) -> None:
        self._address, self._pause = address.rstrip("/"), pause
        self._opener = urllib.request.build_opener(_NoRedirect)

    def get(self, path: str) -> Any:
        return self._ask(urllib.request.Request(self._address + path))  # noqa: S310 - looked at

    def post(self, path: str, body: Mapping[str, object], headers: Mapping[str, str] = {}) -> Any:
        given = {"Content-Type": "application/json", "User-Agent": "meguri", **headers}
        data = json.dumps(body).encode()
        return self._ask(urllib.request.Request(self._address + path, data, given))  # noqa: S310 - looked at

    def _ask(self, request: urllib.request.Request) -> Any:
        for attempt in range(1, TRIES + 1):
            try:
                return _json(_within(WHOLE_S, lambda: self._fetch(request)))
            except urllib.error.HTTPError as error:
                error.close()
                if error.code not in BUSY or attempt == TRIES:
                    why = REFUSED.get(error.code, f"it answers {error.code}")
                    raise TranslatorAway(f"the translator at {self._address}: {why}") from error
                self._pause(_wait_s(error.headers.get("Retry-After", ""), attempt))
            except (OSError, HTTPException, ValueError) as error:
                raise TranslatorAway(
                    f"the translator at {self._address} does not answer"
                ) from error
        raise AssertionError("every attempt ends above")

    def _fetch(self, request: urllib.request.Request) -> bytes:
        with self._opener.open(request, timeout=DEADLINE_S) as answer:
            content: bytes = answer.read(MAX_BYTES + 1)
        return content


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _within(most_s: float, work: Callable[[], bytes]) -> bytes:
    """Returns what the work returns. Errors: its own; TimeoutError, and then its thread is left
    behind: nothing else ends a head that is sent letter by letter."""
    done: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()

    def run() -> None:
        try:
            done.put(work())
        except Exception as error:  # noqa: BLE001 - raised again below
            done.put(error)

    threading.Thread(target=run, name="translator", daemon=True).start()
    try:
        found = done.get(timeout=most_s)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(found, Exception):
        raise found
    return found


def _wait_s(told: str, attempt: int) -> float:
    asked = float(told) if told.isascii() and told.isdecimal() else PAUSE_S * 2 ** (attempt - 1)
    return min(asked, PAUSE_MOST_S)


def _json(content: bytes) -> Any:
    if len(content) > MAX_BYTES:
        raise TranslatorAway("the translator sent more than these texts can need")
    try:
        return json.loads(content)
    except RecursionError:
        raise TranslatorAway(
            "the translator answered with something else than these texts"
        ) from None


def _first(names: Sequence[str], known: Any, locale: str) -> str:
    for name in names:
        if name in known:
            return name
    raise TranslatorAway(f"the translator does not know the language {locale}")


def _are(found: Any, kind: type) -> bool:
    return isinstance(found, list) and all(isinstance(each, kind) for each in found)


def _checked(found: Any, texts: Sequence[str]) -> list[str]:
    if not _are(found, str) or len(found) != len(texts):
        raise TranslatorAway("the translator answered with something else than these texts")
    return [each.strip() for each in found]
