"""Pages as an analyst's browser asks for them, over one connection, logged in."""

import http.client
import statistics
import time
import urllib.parse
from collections.abc import Callable
from typing import Any

from bench.platform import Bench

DEADLINE_S = 60.0

_Answer = tuple[int, list[tuple[str, str]], bytes]  # status, headers, body


class Analyst:
    """A browser of somebody who reads figures."""

    def __init__(self, bench: Bench) -> None:
        port = bench.state["ports"]["edge"]
        self._host = f"127.0.0.1:{port}"
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
        login = bench.state["first_logins"]["analyst"]
        form = {"login_name": login["user"], "password": login["password"]}
        answer = self._ask("POST", "/login", urllib.parse.urlencode(form), {
            "Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{self._host}",
        })  # fmt: skip
        set_cookies = [value for name, value in answer[1] if name.lower() == "set-cookie"]
        self._cookie = "; ".join(value.partition(";")[0] for value in set_cookies)
        if answer[0] not in {302, 303} or not self._cookie:
            raise RuntimeError(f"the login was answered with {answer[0]}")

    def get(self, path: str) -> bytes:
        """Returns a page. Errors: RuntimeError when it is not served."""
        status, _headers, body = self._ask("GET", path, None, {"Cookie": self._cookie})
        if status != 200:
            raise RuntimeError(f"{path} was answered with {status}")
        return body

    def post_json(self, path: str, body: bytes) -> None:
        """Sends what phones send. Errors: RuntimeError."""
        status, _headers, said = self._ask("POST", path, body, {
            "Content-Type": "application/json", "Origin": f"http://{self._host}",
        })  # fmt: skip
        if status != 200:
            raise RuntimeError(f"{path} was answered with {status}: {said[:200]!r}")

    def _ask(
        self, method: str, path: str, body: str | bytes | None, headers: dict[str, str]
    ) -> _Answer:
        try:
            return self._once(method, path, body, headers)
        except (http.client.RemoteDisconnected, ConnectionError):
            self._connection.close()  # closed by the server while it was idle
            return self._once(method, path, body, headers)

    def _once(self, method: str, path: str, body: Any, headers: dict[str, str]) -> _Answer:
        self._connection.request(method, path, body, {"Accept-Language": "ja", **headers})
        answer = self._connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()


def times_ms(ask: Callable[[], object], times: int) -> dict[str, float]:
    """Returns the median and the 95th percentile of a call, one after the other."""
    ask()  # the first one fills what any later one finds
    found = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        found.append((time.perf_counter() - began) * 1000)
    return {"p50_ms": statistics.median(found), "p95_ms": statistics.quantiles(found, n=20)[18]}
