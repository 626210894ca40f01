"""`./meguri bench paint`: how soon a phone on a slow line shows what a page is about.

Largest Contentful Paint (W3C) with an empty cache at 1.6 Mbit/s and 150 ms, which Lighthouse calls
slow 4G; the browser's own throttle, which adds its latency to each request.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from playwright.sync_api import Browser

from bench import platform, rounds
from bench.pages.run import PHONE, browser

LATENCY_MS, DOWN_BITS, UP_BITS = 150, 1_600_000, 750_000
SETTLED_MS = 600  # after the load: nothing larger comes any more
PAGES = {
    "stop": "/g/{code}", "home": "/", "stops": "/g", "map": "/map", "plan": "/plan",
    "pack": "/pack", "help": "/help",
}  # fmt: skip
LIMITS = {"stop_lcp_s": 1.0}
LARGEST = """(settled) => new Promise((found) => {
  let last = 0;
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) last = each.startTime;
  }).observe({type: 'largest-contentful-paint', buffered: true});
  setTimeout(() => found({
    lcp: last,
    fcp: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    bytes: ['resource', 'navigation'].flatMap((kind) => performance.getEntriesByType(kind))
      .reduce((sum, each) => sum + each.transferSize, 0),
  }), settled);
})"""


def run(count: int, _seconds: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Returns the median paint of each kind of page, in seconds. Errors: RuntimeError."""
    with platform.running() as bench, browser() as chromium:
        site = f"http://127.0.0.1:{bench.state['ports']['edge']}"
        code = _first_stop(chromium, site)
        measures: dict[str, rounds.Measure] = {
            name: partial(_paint, chromium, site + path.format(code=code), name)
            for name, path in PAGES.items()
        }
        for measure in measures.values():
            measure()  # made once: a page that nobody has opened yet is rendered first
        found = rounds.medians(rounds.interleave(measures, count, tell))
    return {
        "ratios": {name: round(found[name], 3) for name in LIMITS},
        "limits": {
            name: f"<= {most}: {'holds' if found[name] <= most else 'does not hold'}"
            for name, most in LIMITS.items()
        },
        "figures": {name: round(value, 3) for name, value in found.items() if name not in LIMITS},
        "sides": {
            "lcp, fcp": "largest and first contentful paint, empty cache, 390 x 844, no TLS",
            "line": f"{DOWN_BITS / 1e6} Mbit/s down, {UP_BITS / 1e6} up, {LATENCY_MS} ms a request",
        },
        "runs": count,
        "machine": rounds.machine(),
    }


def _paint(chromium: Browser, address: str, name: str) -> Mapping[str, float]:
    context = chromium.new_context(viewport=PHONE, service_workers="block", locale="en-US")
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", {
        "offline": False, "latency": LATENCY_MS,
        "downloadThroughput": DOWN_BITS / 8, "uploadThroughput": UP_BITS / 8,
    })  # fmt: skip
    page.goto(address)
    told = page.evaluate(LARGEST, SETTLED_MS)
    context.close()
    return {
        f"{name}_lcp_s": told["lcp"] / 1_000,
        f"{name}_fcp_s": told["fcp"] / 1_000,
        f"{name}_kb": told["bytes"] / 1_000,
    }


def _first_stop(chromium: Browser, site: str) -> str:
    page = chromium.new_page()
    page.goto(f"{site}/g")
    code = page.locator("a[href^='/g/']").first.get_attribute("href") or ""
    page.close()
    return code.rpartition("/")[2]
