"""A small HTTP client that speaks to the edge as one host name and keeps cookies."""

import http.client
import json
import re
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

DEADLINE_S = 15.0


class Unexpected(Exception):
    """The edge answered something a visitor would complain about."""


class Answer:
    """status, headers and body of one response."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self) -> Any:
        """Returns the body as JSON."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """Returns the body as text."""
        return self.body.decode()

    def field(self, name: str) -> str:
        """Returns the value of a hidden form field of the page, "" when there is none."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        return found.group(1) if found else ""


class Browser:
    """One visitor's or clerk's browser; not shared by threads.

    edge_url: where the edge listens. host: the name it is asked by, with the port.
    """

    def __init__(self, edge_url: str, host: str, accept_language: str = "ja") -> None:
        address = urlsplit(edge_url)
        self._connection = http.client.HTTPConnection(
            address.hostname or "127.0.0.1", address.port, timeout=DEADLINE_S
        )
        self._edge_url, self._host, self._language = edge_url, host, accept_language
        self._cookies: SimpleCookie = SimpleCookie()

    def twin(self) -> "Browser":
        """Returns a browser with the same cookies and a connection of its own."""
        other = Browser(self._edge_url, self._host, self._language)
        other._cookies = SimpleCookie(self.cookie_header())
        return other

    def get(self, path: str) -> Answer:
        """Opens a page. Errors: OSError; Unexpected for a failure of the server."""
        return self._send("GET", path, None, {})

    def post_json(self, path: str, body: object, **headers: str) -> Answer:
        """Sends JSON."""
        kind = {"Content-Type": "application/json", **headers}
        return self._send("POST", path, json.dumps(body), kind)

    def post_form(self, path: str, fields: dict[str, str]) -> Answer:
        """Sends a form."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._send("POST", path, urlencode(fields), kind)

    def sign_in(self, user: str, password: str) -> None:
        """Signs in. Errors: Unexpected when the login is refused."""
        answer = self.post_form("/login", {"login_name": user, "password": password, "next": "/"})
        if answer.status != 303:
            raise Unexpected(f"signing in as {user} gave {answer.status}")

    def cookie_header(self) -> str:
        """Returns the cookies as they are sent."""
        return "; ".join(f"{name}={cookie.value}" for name, cookie in self._cookies.items())

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def _send(self, method: str, path: str, body: str | None, more: dict[str, str]) -> Answer:
        headers = {
            "Host": self._host,
            "Accept-Language": self._language,
            "Accept": "text/html, application/json",
            **more,
        }
        if self._cookies:
            headers["Cookie"] = self.cookie_header()
        if method == "POST":
            headers["Origin"] = f"http://{self._host}"
        data = body.encode() if body is not None else None
        try:
            self._connection.request(method, path, data, headers)
            answer = Answer(self._connection.getresponse())
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            # A kept connection may have ended meanwhile. State changes carry ids of ours.
            self._connection.close()
            self._connection.request(method, path, data, headers)
            answer = Answer(self._connection.getresponse())
        for cookie in answer.headers.get_all("Set-Cookie", []):
            self._cookies.load(cookie)
        if answer.status >= 500:
            raise Unexpected(f"{method} {path} gave {answer.status}")
        return answer
