"""A Paxcounter enrolled at the command line reports over MQTT; the staff see it, and pages of the
opt-out list and of sensors can be used by everybody."""

import json
import ssl
import time
from collections.abc import Callable

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from playwright.sync_api import expect

from tests.platform import Platform
from tests.system.browser.conftest import DESK, Visit, site, visit
from tests.system.look import look, look_by_night

__all__ = ["site", "visit"]  # fixtures of the browser
pytestmark = [pytest.mark.long, pytest.mark.platform]
WAIT_S = 30
ADDRESS = "3c:22:fb:0a:0b:0c"


def publish(found: dict[str, str], password: str, *reports: bytes) -> list[str]:
    """Logs in as the gadget and reports with QoS 1; returns what the server said to the login."""
    said: list[str] = []
    done = set[int]()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, "paxcounter-1", protocol=mqtt.MQTTv311)
    client.tls_set_context(ssl.create_default_context(cafile=found["ca"]))
    client.username_pw_set(found["user"], password)
    client.on_connect = lambda *given: said.append(str(given[3]))
    client.on_publish = lambda *given: done.add(given[2])
    host, _, port = found["server"].partition(":")
    client.connect(host, int(port))
    client.loop_start()
    sent = {client.publish(found["topic"], report, qos=1).mid for report in reports}
    end = time.monotonic() + WAIT_S
    while not said or (said[0] == "Success" and not sent <= done):
        assert time.monotonic() < end
        time.sleep(0.05)
    client.loop_stop()
    client.disconnect()
    return said


def listed(platform: Platform, gadget: str) -> dict[str, object]:
    sensors = json.loads(platform.run("sense", "sensors", "--json").stdout)["sensors"]
    return next(one for one in sensors if one["id"] == gadget)


def test_a_gadget_reports_and_the_staff_see_what_is_wrong(
    platform: Platform, visit: Callable[..., Visit]
) -> None:
    ran = platform.run("sense", "gadget", "street-pax", "--zone", "shotengai", "--json")
    found = json.loads(ran.stdout)
    assert publish(found, "not the password of it")[0] == "Not authorized"
    said = publish(found, found["password"], b'{"wifi": 31, "ble": 4, "pax": 35}', b"nonsense")
    assert said == ["Success"]
    end = time.monotonic() + WAIT_S
    while (one := listed(platform, "street-pax"))["refused"] != {
        "PASSWORD_WRONG": 1, "REPORT_MALFORMED": 1,
    }:  # fmt: skip
        assert time.monotonic() < end, one
        time.sleep(0.3)
    assert (one["kind"], one["state"], one["observations"]) == ("gadget", "ok", 1)
    analyst = visit("en", size=DESK)
    analyst.sign_in("analyst")
    page = analyst.open("/insights/visitors/sensors")
    shown = page.locator("section.sensor", has_text="street-pax")
    expect(shown).to_contain_text("Somebody logged in with a wrong password.")
    expect(shown).to_contain_text("no report of a Paxcounter")
    look(page, "sensors-en")
    look_by_night(page, "sensors-en")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_device_is_left_out_and_forgotten_without_its_address_being_shown(
    visit: Callable[..., Visit], language: str
) -> None:
    admin = visit(language, size=DESK, java_script_enabled=language == "en")
    admin.sign_in("admin")
    page = admin.open("/admin/sensing")
    page.fill("#f-add", ADDRESS)
    page.locator("form", has=page.locator("#f-add")).locator("button").click()
    entry = page.locator(".notice .mono").inner_text()
    assert ADDRESS not in page.content()
    assert len(entry) == 16
    if language == "en":
        look(page, "opt-outs-en")
    page.locator("li", has_text=entry).locator("button").click()
    assert page.locator("li", has_text=entry).count() == 0
    assert page.locator(".notice--ok").count() == 1
    page.fill("#f-forget", "da:a1:19:00:00:01")
    page.locator("form", has=page.locator("#f-forget")).locator("button").click()
    assert page.locator(".field__error").count() == 1
    assert "da:a1:19" not in page.content()


def test_the_sign_is_there_for_everybody(platform: Platform) -> None:
    assert platform.get("/privacy/sensing/sign.pdf").startswith(b"%PDF")
