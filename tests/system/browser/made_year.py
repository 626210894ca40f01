"""A year in a platform's databases: facts and their roll-ups, hours of sensors, weather, a book."""

from datetime import date, datetime, timedelta

import psycopg
from playwright.sync_api import Page

from bench.insights import year
from bench.insights.mix import ZONE
from bench.platform import Bench
from services.insights.domain.months import plus
from tests.platform import Platform
from tests.system.browser.conftest import Visit
from tests.system.browser.test_imports import PAGE as IMPORTS
from tests.system.browser.test_imports import send
from tests.unit.insights.imported_made import jma_daily, spots, xlsx

FACTS = 240_000
ZONES = "'main-gate', 'kurotani-gate', 'elevator-gate', 'shotengai'"
# Hours of a day from 9 to 17, more on some days than on others; one in twelve is withheld.
_SENSED = f"""
insert into zone_hours (area, zone_id, hour, frames, addresses, address_estimate, address_low,
    address_high, devices, device_estimate, device_low, device_high, key_epochs, holds_values,
    dirty, version, released)
select 'mine', zone_id, hour, 40 * n, '', n, n, n, '', n, n - 2, n + 3, '{{0}}', false, false, 1,
    case when n >= 10 then n end
from (
    select zone_id, hour, 5 + (hashtext(zone_id || hour) & 2147483647) %% 60 as n
    from unnest(array[{ZONES}]) as zone_id, generate_series(%(since)s::date, %(until)s::date,
        interval '1 day') as day,
        lateral (select (day::date + make_time(h, 0, 0)) at time zone 'Asia/Tokyo' as hour
            from generate_series(9, 17) as h) as hours
) as made
"""  # noqa: S608 - ours
_HEARD = f"""
insert into zone_hours (area, zone_id, start_time, place_id, estimate, low, high,
    released_estimate, kind, method, version, said_time)
select 'mine', zone_id, hour, zone_id, n, n - 2, n + 3, n, 'devices', 'signature', 1, hour
from (
    select zone_id, hour, 10 + (hashtext(zone_id || hour) & 2147483647) %% 60 as n
    from unnest(array[{ZONES}]) as zone_id, generate_series(%(since)s::date, %(until)s::date,
        interval '1 day') as day,
        lateral (select (day::date + make_time(h, 0, 0)) at time zone 'Asia/Tokyo' as hour
            from generate_series(9, 17) as h) as hours
) as made
"""  # noqa: S608 - ours


def make(platform: Platform) -> tuple[date, date]:
    """Makes twelve whole months inside the databases. Returns their first and last day."""
    bench = Bench(platform.data, platform.state)
    year.prepare(bench, FACTS, print)
    # The area's month: the letter is about it, also in the nine hours before Greenwich's begins.
    this = datetime.now(ZONE).date().replace(day=1)
    span = {"since": plus(this, -year.MONTHS), "until": this - timedelta(days=1)}
    for service, text in (("visitor_sense", _SENSED), ("insights", _HEARD)):
        with psycopg.connect(bench.admin_url(service), autocommit=True) as connection:
            connection.execute(text.encode(), span)
    return span["since"], span["until"]


def fill(there: Visit, first: date, last: date) -> None:
    """Does what the office does in a year, by its own pages: weather and figures of months, a KPI
    book with an edition, open data, a letter of which two proposals are decided."""
    page = there.open(IMPORTS)
    _keep(page, "spots.xlsx", xlsx(spots("令和5年度")))
    days = (last - first).days + 1
    page.goto(there.site.url + IMPORTS)
    _keep(page, "data.csv", jma_daily(first, days).encode("cp932"))
    page.goto(f"{there.site.url}/insights/kpi")
    page.locator("form[action='/insights/kpi/usual'] button").click()
    page.wait_for_url("**/insights/kpi")
    one = f"{there.site.url}/insights/kpi/one/foreign_stays"
    for back, value in ((3, "88,000"), (2, "99,000"), (1, "104,500")):
        page.goto(f"{one}?year={last.year - back}")
        page.fill("#f-value", value)
        page.fill("#f-source", "宿泊旅行統計調査(美祢市観光政策課による集計)")
        page.locator("form:has(#f-value) button").first.click()
        page.wait_for_url("**done=1**")
    page.goto(f"{there.site.url}/insights/kpi/frame?year={last.year - 1}")
    page.fill("#f-shops", "61")
    page.fill("#f-label-0", "通信回線とクラウド利用料")
    page.fill("#f-yen-0", "1,234,000")
    page.locator("form:has(#f-shops) button").click()
    page.wait_for_url("**done=1**")
    page.fill("#f-note", "12月定例会 提出資料")
    page.locator("form[action*='/freeze'] button").click()
    page.wait_for_url("**/editions/*/1")
    page.goto(f"{there.site.url}/insights/open/choice")
    for box in page.locator("main input[type=checkbox]").all():
        box.check()
    page.fill("#f-publisher", "美祢市観光政策課")
    page.select_option("#f-licence", "1")
    page.locator("form:has(#f-publisher) button").click()
    page.wait_for_url("**done=1**")
    for kind in ("week", "month"):
        page.goto(f"{there.site.url}/insights/letter/all")
        page.locator(f"button[name=kind][value={kind}]").click()
        page.wait_for_url("**/insights/letter/*")
    page.goto(f"{there.site.url}{decisions(page)[0]}")
    page.locator("input[name=step][value=done]").check()
    page.fill("#f-owner", "観光政策課")
    page.fill("#f-on_date", (last - timedelta(days=60)).isoformat())
    page.locator("form:has(#f-owner) button").click()
    page.wait_for_url("**done=1**")


def decisions(page: Page) -> list[str]:
    """Returns the addresses at which the proposals of the letter that is open are decided."""
    found: list[str] = page.eval_on_selector_all(
        "a[href*='/decide?']", "all => all.map(each => each.getAttribute('href'))"
    )
    return found


def _keep(page: Page, name: str, content: bytes) -> None:
    send(page, name, content)
    page.wait_for_url("**/drafts/*")
    if page.locator("#f-source").count():
        page.fill("#f-source", "観光政策課")
    page.locator("button[name=action][value=keep]").click()
    page.wait_for_url("**done=kept**")
