"""`./meguri bench guide`: stop pages beside nginx, publications until seen, languages, signs."""

import http.client
import json
import statistics
import time
import timeit
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from bench import cpu, platform, rounds
from bench.guide import nginx, publish, signs, wrk
from infra.local.home import ROOT
from kit.pure.locale import negotiate

AREA = "mine"
CASES = ROOT.parent / "shared" / "bench" / "locale"
PUBLICATIONS = 40
LONGEST_304 = 2_000  # bytes of an answer without a body
WARM_S = 5.0  # four workers of a platform that has just begun still make their first pages
# What phones of Mine's guests send, most common first.
LANGUAGES = {
    "zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7": "zh-Hant",
    "ja,en-US;q=0.9,en;q=0.8": "ja",
    "ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7": "ko",
    "en-US,en;q=0.9": "en",
    "zh-HK,zh-Hant;q=0.9,en;q=0.8": "zh-Hant",
    "zh-CN,zh;q=0.9": "zh-Hans",
    "ja-JP": "ja",
    "th-TH,th;q=0.9,en;q=0.8": "th",
    "en-AU,en-GB;q=0.9,en;q=0.8": "en",
    "fr-FR,fr;q=0.9,en-US;q=0.8,en;q=0.7": "fr",
}
LIMITS = {
    "hot_vs_nginx": (">=", 0.6),
    "not_modified_vs_nginx": (">=", 0.75),
    "flask_vs_nginx": (">=", 0.2),
    "hot_p99_over_nginx_ms": ("<=", 20.0),
    "publish_seen_p99_s": ("<=", 1.0),
    "headers_right": (">=", 0.98),
    "icu_cases_right": (">=", 0.95),
    "negotiation_us": ("<=", 2.0),
    "signs_200_s": ("<=", 60.0),
    "codes_read": (">=", 1.0),
}
SIDES = {
    "edge": "one worker, porch before granian: reads the wished languages, finds the page,"
    " counts a scan",
    "nginx": "one worker, gzip_static, the same bytes and headers, chosen by the whole header from"
    " a hash; no scan, no log",
    "client": f"wrk, one thread, {wrk.CONNECTIONS} connections, on the same machine as both",
    "flask": "the same address with a locale in its query: past the ready pages, by Flask's view",
}


@dataclass(frozen=True)
class Pages:
    """One stop as the edge serves it. bodies: by locale. etags: by header."""

    path: str
    bodies: Mapping[str, bytes]
    etags: Mapping[str, str]
    headers: Mapping[str, str]


def run(count: int, seconds: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Returns ratios, figures, number of rounds and the machine. Errors: RuntimeError."""
    if nginx.program() is None or wrk.program() is None:
        raise RuntimeError("This bench needs nginx and wrk: apt-get install nginx-light wrk")
    with platform.running() as bench:
        port = bench.state["ports"]["edge"]
        pages = _pages(port, _first_stop(port))
        with nginx.serving(pages.bodies, LANGUAGES, pages.headers) as peer:
            edge = bench.process("edge")
            found = rounds.interleave(_measures(port, edge, peer, pages, seconds), count, tell)
    seen = _publications(tell)
    tell(f"{signs.SHEETS} signs")
    return _answer(found, seen, {**_languages(), **signs.measure()}, count)


def _measures(
    port: int, edge: int, peer: nginx.Peer, pages: Pages, seconds: int
) -> Mapping[str, rounds.Measure]:
    plain = [(header, "") for header in LANGUAGES]
    known = [(header, pages.etags[header]) for header in LANGUAGES]
    # As the client asks: nginx's packed file has an ETag of its own.
    of_nginx = {
        header: _get(peer.port, pages.path, header, encoding="gzip")[1]["ETag"]
        for header in LANGUAGES
    }
    known_to_nginx = [(header, of_nginx[header]) for header in LANGUAGES]
    host = f"127.0.0.1:{port}"

    def measure(name: str, path: str, asked: list[tuple[str, str]]) -> rounds.Measure:
        at, process = peer if name.startswith("nginx") else (port, edge)

        def ask() -> Mapping[str, float]:
            before = cpu.family_s(process)
            said = wrk.ask(at, path, asked, seconds, host)
            spent = cpu.family_s(process) - before
            if "not_modified" in name and said["bytes"] > LONGEST_304:
                raise RuntimeError(f"{name}: answered with pages of {said['bytes']:.0f} bytes")
            said["cpu_us"] = spent * 1e6 / said.pop("answers")
            return {f"{name}_{figure}": value for figure, value in said.items()}

        return ask

    return {
        "hot page": measure("hot", pages.path, plain),
        "nginx page": measure("nginx", pages.path, plain),
        "304": measure("not_modified", pages.path, known),
        "nginx 304": measure("nginx_not_modified", pages.path, known_to_nginx),
        "through Flask": measure("flask", f"{pages.path}?locale=zh-Hant", plain),
    }


def _publications(tell: Callable[[str], None]) -> dict[str, float]:
    workers = {"MEGURI_EDGE_WORKERS": str(publish.WORKERS)}
    with platform.running(settings=workers) as bench, ExitStack() as stack:
        port = bench.state["ports"]["edge"]
        path = _first_stop(port)
        readers = publish.Readers(port, path, stack)
        editor = stack.enter_context(publish.editing(bench, AREA, path.rpartition("/")[2]))
        readers.all_serve()
        time.sleep(WARM_S)
        tell(f"{PUBLICATIONS} publications on {publish.WORKERS} workers")
        found = publish.seconds_until_seen(editor, readers, PUBLICATIONS)
        tell("a publication while NATS stands still")
        without = publish.seconds_without_nats(editor, readers, bench.process("nats"))
    return {
        "publish_seen_p50_s": statistics.median(found),
        "publish_seen_p99_s": statistics.quantiles(found, n=100)[98],
        "publish_seen_without_nats_s": without,
    }


def _languages() -> dict[str, float]:
    """Returns shares of right answers, where the cases are, and the time of one known header."""
    header, published = next(iter(LANGUAGES)), tuple(dict.fromkeys(LANGUAGES.values()))
    times = 20_000
    per_call = timeit.timeit(lambda: negotiate(header, published), number=times) / times
    figures = {"negotiation_us": per_call * 1e6}
    cases = list(_cases("accept_language.dev.jsonl"))
    if cases:
        right = [negotiate(each["accept_language"], tuple(each["supported"])).locale
                 == each["expect"] for each in cases]  # fmt: skip
        figures["headers_right"] = statistics.mean(right)
    icu = [each for each in _cases("icu_locale_matcher.dev.jsonl") if _is_plain(each)]
    if icu:
        figures["icu_cases_right"] = statistics.mean(_icu_right(each) for each in icu)
    return figures


def _cases(name: str) -> Iterator[dict[str, Any]]:
    path = CASES / name
    if path.exists():
        yield from (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def _is_plain(case: Mapping[str, Any]) -> bool:
    return "favor" not in case and "threshold" not in case and bool(case.get("expect"))


def _icu_right(case: Mapping[str, Any]) -> bool:
    supported = case["supported"]
    fallback = case.get("default") or (supported[0] if supported else "null")
    match = negotiate(",".join(case["desired"]), supported) if supported else None
    return bool((match.locale if match and match.matched else fallback) == case["expect"])


def _first_stop(port: int) -> str:
    body, _ = _get(port, "/api/v1/stops", "en")
    return f"/g/{json.loads(body)['stops'][0]['stop_code']}"


def _pages(port: int, path: str) -> Pages:
    bodies: dict[str, bytes] = {}
    etags: dict[str, str] = {}
    told: dict[str, str] = {}
    for header, locale in LANGUAGES.items():
        _get(port, path, header)  # makes it ready
        bodies[locale], told = _get(port, path, header)
        etags[header] = told["ETag"]
    unsaid = {"content-length", "etag", "date", "server", "content-type", "connection"}
    headers = {key: text for key, text in told.items() if key.lower() not in unsaid}
    return Pages(path, bodies, etags, headers)


def _get(
    port: int, path: str, language: str, encoding: str = "identity"
) -> tuple[bytes, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(
            "GET", path, headers={"Accept-Language": language, "Accept-Encoding": encoding}
        )
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{path} was answered with {answer.status}")
    return body, {key.title().replace("Etag", "ETag"): text for key, text in answer.getheaders()}


def _answer(
    found: Mapping[str, list[float]],
    seen: Mapping[str, float],
    alone: Mapping[str, float],
    count: int,
) -> dict[str, Any]:
    middle = rounds.medians(found)
    ratios = {
        "hot_vs_nginx": rounds.ratio(found, "hot_per_second", "nginx_per_second"),
        "not_modified_vs_nginx": rounds.ratio(
            found, "not_modified_per_second", "nginx_not_modified_per_second"
        ),
        "flask_vs_nginx": rounds.ratio(found, "flask_per_second", "nginx_per_second"),
        # Told beside pages a second: other work on the machine takes less part in it.
        "hot_vs_nginx_cpu": rounds.ratio(found, "nginx_cpu_us", "hot_cpu_us"),
        "not_modified_vs_nginx_cpu": rounds.ratio(
            found, "nginx_not_modified_cpu_us", "not_modified_cpu_us"
        ),
        "hot_p99_over_nginx_ms": round(middle["hot_p99_ms"] - middle["nginx_p99_ms"], 2),
        "publish_seen_p99_s": round(seen["publish_seen_p99_s"], 3),
        **{name: round(value, 4) for name, value in alone.items()},
    }
    figures = {name: round(value, 3) for name, value in {**middle, **seen}.items()}
    return {
        "ratios": ratios, "limits": rounds.held(ratios, LIMITS), "figures": figures, "sides": SIDES,
        "runs": count, "machine": rounds.machine(),
    }  # fmt: skip
