"""Every page of a year of figures, on a phone, at a desk and on paper: nothing is in the way."""

import io
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta

import pypdf
import pytest
from playwright.sync_api import Page, ViewportSize

from meguri.insights.v1 import query_service_pb2 as pb
from tests.platform import running
from tests.system.browser import made_year
from tests.system.browser.conftest import PHONE, Site, Visit
from tests.system.look import COLOURS, DESK, PICTURES, SIZES, WIDE, check_axe, shoot
from tests.system.look import PHONE as SMALL

pytestmark = [pytest.mark.long, pytest.mark.platform, pytest.mark.browser]

# A4 less the margins of the browser, in CSS pixels: wider things are cut off or made tiny.
PAPER = ViewportSize(width=718, height=1047)
# What paper cannot scroll: whoever reads it would never see the rest.
CUT = """[...document.querySelectorAll('main, main *')].filter(each => {
  const how = getComputedStyle(each);
  return each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 1
    && how.overflowX !== 'visible' && how.display !== 'inline' && each.checkVisibility()
    && !each.matches('.visually-hidden');
}).map(each => each.outerHTML.slice(0, 90))"""
SHAPES = (("phone", SMALL, ()), ("desk", DESK, SIZES), ("paper", PAPER, COLOURS))
# Sheets at most of the pages that offices print; a year by day is a table of 365 lines.
SHEETS = {
    "letter-week": 2, "letter-month": 2, "month": 5, "kpi-edition": 8, "days-year": 24,
    "visitors-day": 6, "visitors-week": 6, "visitors-month": 6, "visitors-zone": 6,
}  # fmt: skip


@dataclass(frozen=True)
class Year:
    """A platform with twelve whole months in it."""

    site: Site
    first: date
    last: date


@pytest.fixture(scope="module")
def a_year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    with running(tmp_path_factory.mktemp("year"), settings={"MEGURI_PATIENCE": "8"}) as platform:
        with ThreadPoolExecutor(1) as own:  # this thread has the browser's loop
            first, last = own.submit(made_year.make, platform).result()
        yield Year(Site(platform.url, platform.state["first_logins"]), first, last)


@pytest.fixture(scope="module")
def site(a_year: Year) -> Site:
    return a_year.site


def pages(year: Year) -> Mapping[str, str]:
    """Returns the address of every page of figures, by the name of its picture."""
    first, last = year.first, year.last
    span = f"from={first}&until={last}"
    month, middle = last.strftime("%Y-%m"), last - timedelta(days=10)
    return {
        "today": "", "day": f"/days/{middle}", "days": "/days", "days-year": f"/days?{span}",
        "months": "/months", "month": f"/months/{month}", "year": f"/years/{last.year}",
        "year-before": f"/years/{first.year}",
        "query": "/query", **_questions(span),
        "letter": "/letter", "letter-week": "/letter/1", "letter-month": "/letter/2",
        "letter-all": "/letter/all",
        "letter-mail": "/letter/mail",
        "imports": "/imports", "imports-weather": f"/imports/weather?{span}",
        "imports-months": "/imports/months", "imports-help": "/imports/help",
        "kpi": "/kpi", "kpi-before": f"/kpi?year={last.year - 1}",
        "kpi-one": "/kpi/one/foreign_stays", "kpi-counted": "/kpi/one/guide_views",
        "kpi-settings": "/kpi/one/foreign_stays/settings", "kpi-new": "/kpi/new",
        "kpi-frame": f"/kpi/frame?year={last.year - 1}",
        "kpi-edition": f"/kpi/editions/{last.year - 1}/1",
        "open": "/open", "open-choice": "/open/choice",
        "feedback": "/feedback", "feedback-month": f"/feedback?month={month}",
        "visitors-day": f"/visitors?span=day&on={middle}",
        "visitors-week": f"/visitors?span=week&on={middle}",
        "visitors-month": f"/visitors?span=month&on={middle}",
        "visitors-zone": f"/visitors?span=week&on={middle}&zone=main-gate",
        "compare": f"/visitors/compare?later={middle}", "sensors": "/visitors/sensors",
        "records": "/records", "agreement": "/agreement",
        "agreement-month": f"/agreement?from={last.replace(day=1)}&until={last}",
    }  # fmt: skip


def _questions(span: str) -> dict[str, str]:
    pages_, entries, plans = 1, pb.QUERY_MEASURE_ENTRIES, pb.QUERY_MEASURE_PLANS
    takings, devices = pb.QUERY_MEASURE_TAKINGS, pb.QUERY_MEASURE_DEVICES
    asked = {
        "day": (pages_, pb.QUERY_BY_DAY, 0), "week": (entries, pb.QUERY_BY_WEEK, 0),
        "month": (takings, pb.QUERY_BY_MONTH, 0),
        "hour-weekday": (pages_, pb.QUERY_BY_HOUR, pb.QUERY_BY_WEEKDAY),
        "origin-month": (entries, pb.QUERY_BY_ORIGIN, pb.QUERY_BY_MONTH),
        "language-month": (pages_, pb.QUERY_BY_LANGUAGE_ASKED, pb.QUERY_BY_MONTH),
        "stop-kind": (pages_, pb.QUERY_BY_STOP, pb.QUERY_BY_DAY_KIND),
        "spot": (plans, pb.QUERY_BY_SPOT, 0), "left-out": (plans, pb.QUERY_BY_LEFT_OUT, 0),
        "zone-weekday": (devices, pb.QUERY_BY_ZONE, pb.QUERY_BY_WEEKDAY),
        "rain": (entries, pb.QUERY_BY_RAIN, 0),
    }  # fmt: skip
    told = {
        f"query-{name}": f"/query?measure={measure}&by={by}&then_by={then}&{span}"
        for name, (measure, by, then) in asked.items()
    }
    gate = f"/query?measure={entries}&by={pb.QUERY_BY_GATE}&compare={pb.QUERY_COMPARE_SPAN_BEFORE}"
    both = f"/query/together?{span}&measure={entries}&second="
    return told | {
        "query-gate-before": gate, "together": f"{both}{takings}",
        "together-rain": f"{both}{pb.QUERY_MEASURE_PRECIPITATION}",
    }  # fmt: skip


def faults(page: Page, name: str) -> list[str]:
    """Looks at a page in all three shapes. Returns what is wrong, so that one run tells all."""
    found: list[str] = []
    for shape, size, rules in SHAPES:
        page.emulate_media(media="print" if shape == "paper" else "screen")
        page.set_viewport_size(size)
        found += [f"{name} on {shape} sticks out: {each}" for each in page.evaluate(WIDE)]
        if shape == "paper":
            found += [f"{name} on paper is cut off: {each}" for each in page.evaluate(CUT)]
        shoot(page, f"year-{name}-{shape}")
        try:
            check_axe(page, rules)
        except AssertionError as error:
            found.append(f"{name} on {shape}: {error}"[:1500])
    if name in SHEETS:
        sheets = page.pdf(format="A4")
        if PICTURES.exists():
            (PICTURES / f"year-{name}.pdf").write_bytes(sheets)
        read = [each.extract_text().strip() for each in pypdf.PdfReader(io.BytesIO(sheets)).pages]
        if not all(read) or len(read) > SHEETS[name]:
            found.append(f"{name} on paper: {[len(each) for each in read]} letters on its sheets")
    page.emulate_media(media="screen")
    return found


def test_every_page_of_a_year_on_a_phone_at_a_desk_and_on_paper(
    visit: Callable[..., Visit], a_year: Year
) -> None:
    office = visit("en")
    office.sign_in("analyst")
    made_year.fill(office, a_year.first, a_year.last)
    there = visit("ja", PHONE)
    there.sign_in("analyst")
    page = there.open("/insights/letter")
    asked = {f"decide-{n}": path for n, path in enumerate(made_year.decisions(page), 1)}
    asked |= {name: f"/insights{path}" for name, path in pages(a_year).items()}
    found: list[str] = []
    for name, path in asked.items():
        answer = page.goto(there.site.url + path)
        assert answer is not None
        if answer.status != 200:
            found.append(f"{path} is answered with {answer.status}")
            continue
        found += faults(page, name)
    assert found == [], "\n".join(found)
