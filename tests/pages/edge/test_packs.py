"""A language pack: what is in it, that it is signed, that it is the same everywhere, and how little
of it changes."""

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from meguri.multilingual.v1 import feedback_service_pb2 as feedback_pb
from meguri.multilingual.v1 import help_service_pb2 as help_pb
from services.edge import packs
from services.edge.parts import Parts
from services.edge.visitor import pack_pages
from tests.pages.edge.fakes import NAMES, FakeServices, closure, questions, with_parts

MANIFEST = "/packs/mine/{}/manifest.json"
STATIC = re.compile(r'(?:href|src)="(/static/[^"#]+)')
IMPORTS = re.compile(r"""(?:from|import)[ (]["'](\.[^"']+)["']""")
LINKS = re.compile(r'href="(/g/[^"#?]*)"')


def manifest(browser: FlaskClient, locale: str = "en") -> dict[str, Any]:
    found: dict[str, Any] = browser.get(MANIFEST.format(locale)).get_json()
    return found


def paths(document: dict[str, Any]) -> dict[str, str]:
    return {line["path"]: line["sha256"] for line in document["files"]}


def body(browser: FlaskClient, document: dict[str, Any], path: str) -> str:
    address = f"/packs/mine/{document['locale']}/files/{paths(document)[path]}"
    return browser.get(address).text


def test_the_manifest_names_every_page_and_all_they_need(browser: FlaskClient) -> None:
    document = manifest(browser)
    here = paths(document)
    assert {f"/g/{row[0]}" for row in NAMES} | {"/g/", "/safety", "/scan", "/help"} <= set(here)
    assert (document["texts"], document["recordings"]) == (len(NAMES), 0)
    assert document["texts_time"] == "2026-04-01T00:00:00+00:00"
    for line in document["files"]:
        if line["type"].startswith("text/html"):
            page = body(browser, document, line["path"])
            assert set(STATIC.findall(page)) <= set(here), line["path"]
            assert set(LINKS.findall(page)) <= set(here), line["path"]


def test_scripts_of_kept_pages_import_only_what_is_kept(browser: FlaskClient, parts: Parts) -> None:
    document = manifest(browser)
    scripts = [path for path in paths(document) if path.endswith(".js")]
    for path in scripts:
        folder = path.rpartition("/")[0].split("/")
        for name in IMPORTS.findall(body(browser, document, path)):
            target = list(folder)
            for step in name.split("/"):
                target = target[:-1] if step == ".." else target if step == "." else [*target, step]
            assert "/".join(target) in scripts, (path, name)


def test_bytes_are_counted_once_for_each_content(browser: FlaskClient) -> None:
    document = manifest(browser)
    each = {line["sha256"]: line["bytes"] for line in document["files"]}
    assert document["bytes"] == sum(each.values())
    line = document["files"][0]
    text = body(browser, document, line["path"]).encode()
    assert (len(text), hashlib.sha256(text).hexdigest()) == (line["bytes"], line["sha256"])


def test_anybody_can_check_the_signature(browser: FlaskClient) -> None:
    document = manifest(browser)
    (key,) = browser.get("/packs/keys.json").get_json()["keys"]
    signature = document.pop("signature")
    assert signature["key_id"] == key["key_id"]
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key["public_key"]))
    message = b"meguri-pack\0mine\0" + packs.canonical(document)
    public.verify(base64.b64decode(signature["value"]), message)
    document["files"][0]["sha256"] = "0" * 64
    forged = b"meguri-pack\0mine\0" + packs.canonical(document)
    with pytest.raises(InvalidSignature):
        public.verify(base64.b64decode(signature["value"]), forged)


def test_each_area_signs_with_a_key_of_its_own() -> None:
    one, other = (packs.Signer(b"secret" * 6, area) for area in ("mine", "hagi"))
    assert one.key_id != other.key_id
    assert one.sign({"a": 1}) == packs.Signer(b"secret" * 6, "mine").sign({"a": 1})


@given(
    st.dictionaries(
        st.text(st.characters(codec="ascii"), max_size=8),
        st.one_of(st.integers(-(2**53), 2**53), st.text(max_size=20), st.none(), st.booleans()),
    )
)
def test_canonical_json_says_the_same_and_knows_no_order(document: dict[str, Any]) -> None:
    text = packs.canonical(document)
    assert json.loads(text) == document
    assert packs.canonical(dict(reversed(document.items()))) == text


def test_every_process_makes_the_same_bytes(browser: FlaskClient, made_once: Flask) -> None:
    first = browser.get(MANIFEST.format("ja")).data
    other = with_parts(made_once, FakeServices()).test_client()
    for language in ("en", "zh-TW"):  # whoever asks first
        again = other.get(MANIFEST.format("ja"), headers={"Accept-Language": language})
        assert again.data == first
    assert '<html lang="ja"' in body(browser, json.loads(first), "/safety")


def test_one_changed_text_changes_one_file(
    browser: FlaskClient, parts: Parts, services: FakeServices
) -> None:
    before = manifest(browser)
    plain: Callable[[Any], Any] = services.answers["ReadStop"]

    def changed(request: Any) -> Any:
        answer = plain(request)
        if answer.stop.stop_code == "8WXC3":
            answer.stop.paragraphs[1].text.text = "Five hundred basins."
        return answer

    services.say_stops(changed)
    assert manifest(browser)["version"] == before["version"]  # nobody said that it changed
    parts.ready.drop("mine")
    after = manifest(browser)
    assert after["version"] != before["version"]
    new = {path for path, name in paths(after).items() if paths(before).get(path) != name}
    assert new == {"/g/8WXC3"}
    # Who began with the version before may finish it.
    assert "Shallow basins" in body(browser, before, "/g/8WXC3")
    for number in range(packs.VERSIONS_KEPT):
        services.text = f"Version {number}"
        parts.ready.drop("mine")
        manifest(browser)
    address = f"/packs/mine/en/files/{paths(before)['/g/8WXC3']}"
    gone = browser.get(address)
    assert (gone.status_code, gone.get_json()["reason"]) == (404, "pack_file_gone")


def test_a_pack_of_which_nothing_changed_is_not_drawn_again(
    browser: FlaskClient, parts: Parts, services: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = manifest(browser)
    services.closures.append(closure())
    parts.closures.forget("mine")
    parts.ready.drop("mine")
    services.calls.clear()
    with monkeypatch.context() as held:
        held.setattr(pack_pages, "render_template", None)  # whoever draws breaks
        assert manifest(browser) == before
    asked = [name for name, _, _ in services.calls]
    assert (asked.count("ReadStop"), asked.count("ListStopContents")) == (0, 1)


@pytest.mark.parametrize("what", ["hours of help", "survey", "name of the area", "languages"])
def test_a_pack_is_drawn_again_when_anything_of_it_changed(
    browser: FlaskClient, parts: Parts, services: FakeServices, what: str
) -> None:
    before = manifest(browser)
    if what == "hours of help":
        desk = help_pb.HelpDesk(weekdays=[1, 3], from_minute=600, until_minute=660, answer_days=9)
        services.answers["ReadHelpDesk"] = lambda _: help_pb.ReadHelpDeskResponse(desk=desk)
    elif what == "survey":
        services.answers["ReadSurvey"] = lambda request: feedback_pb.ReadSurveyResponse(
            questions=questions(request.locale)[:1]
        )
    elif what == "languages":
        parts.shelf.publish("mine", ["ja", "en"])
    else:
        area = parts.areas.of_host("localhost")
        parts.areas._by_host["localhost"] = replace(area, names={"en": "Another town"})
    assert manifest(browser)["version"] == before["version"]  # nobody said that it changed
    parts.ready.drop("mine")
    after = manifest(browser)
    assert after["version"] != before["version"]
    files = paths(after)
    assert files["/survey"] != paths(before)["/survey"] or files["/help"] != paths(before)["/help"]


def test_a_pack_is_made_of_what_is_kept_while_the_guide_is_away(
    browser: FlaskClient, parts: Parts, services: FakeServices
) -> None:
    before = manifest(browser)
    parts.ready.drop("mine")
    del services.answers["ListStopContents"], services.answers["ReadStop"]
    assert manifest(browser) == before


def test_a_closure_changes_no_file_and_is_told_beside(
    browser: FlaskClient, parts: Parts, services: FakeServices
) -> None:
    before = browser.get(MANIFEST.format("zh-Hant")).data
    services.closures.append(closure())
    parts.closures.forget("mine")
    parts.ready.drop("mine")
    assert browser.get(MANIFEST.format("zh-Hant")).data == before
    told = browser.get("/packs/mine/zh-Hant/notices.json")
    assert told.headers["Cache-Control"] == "no-store"
    document = told.get_json()
    (notice,) = document["notices"]
    assert document["known"]
    assert "黑谷入口" in notice["html"]
    assert notice["closes"] == []  # the gate alone has no stop
    assert datetime.fromisoformat(notice["until_time"]) > datetime.now(UTC)
    assert (
        browser.get("/packs/mine/en/notices.json")
        .get_json()["notices"][0]["html"]
        .count("Kurotani gate")
    )


def test_a_closure_names_the_stops_it_shuts_and_kept_rows_have_a_mark_to_show(
    browser: FlaskClient, services: FakeServices
) -> None:
    shut = closure()
    shut.place_id = "akiyoshido/main-mouth"
    services.closures.append(shut)
    (notice,) = browser.get("/packs/mine/en/notices.json").get_json()["notices"]
    assert notice["closes"] == ["K7Q2X"]
    document = manifest(browser)
    safety = body(browser, document, "/safety")
    assert 'data-closed="K7Q2X" hidden' in safety
    assert "data-closed-any hidden" in safety
    assert body(browser, document, "/g/").count("data-closed=") == len(NAMES)
    assert 'data-closed=\\"8WXC3\\" hidden' in body(browser, document, "/packs/stops.json")


def test_closures_are_told_in_a_pack_while_the_guide_is_away(
    browser: FlaskClient, services: FakeServices
) -> None:
    services.closures.append(closure())
    services.away.add("multilingual")
    (notice,) = browser.get("/packs/mine/en/notices.json").get_json()["notices"]
    assert notice["closes"] == []
    assert "Kurotani gate" in notice["html"]


def test_closures_nobody_could_ask_for_are_not_called_none(
    browser: FlaskClient, parts: Parts, services: FakeServices
) -> None:
    services.away.add("directory")
    parts.closures.forget("mine")
    assert browser.get("/packs/mine/en/notices.json").get_json()["known"] is False


def test_a_file_is_kept_for_an_hour_and_sent_packed(browser: FlaskClient) -> None:
    document = manifest(browser)
    address = f"/packs/mine/en/files/{paths(document)['/g/']}"
    packed = browser.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Cache-Control"] == "public, max-age=3600, must-revalidate"
    same = browser.get(address, headers={"If-None-Match": packed.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == browser.get(address).data


def test_a_process_that_did_not_make_the_pack_serves_its_files(
    browser: FlaskClient, made_once: Flask
) -> None:
    name = paths(manifest(browser))["/g/8WXC3"]
    other = with_parts(made_once, FakeServices()).test_client()
    assert "Shallow basins" in other.get(f"/packs/mine/en/files/{name}").text


def test_an_unchanged_manifest_costs_no_bytes(browser: FlaskClient) -> None:
    first = browser.get(MANIFEST.format("en"))
    again = browser.get(MANIFEST.format("en"), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "address", ["/packs/hagi/en/{}", "/packs/mine/tlh/{}", "/packs/mine/../{}", "/packs/%00/en/{}"]
)
@pytest.mark.parametrize("what", ["manifest.json", "notices.json", f"files/{'0' * 64}"])
def test_another_pack_is_refused(browser: FlaskClient, address: str, what: str) -> None:
    answer = browser.get(address.format(what))
    assert answer.status_code == 404
    assert answer.get_json()["reason"] in {"unknown_pack", "not_found"}


def test_what_is_too_much_for_a_phone_is_refused(
    browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packs, "BYTES_AT_MOST", 10_000)
    answer = browser.get(MANIFEST.format("en"))
    assert (answer.status_code, answer.get_json()["reason"]) == (409, "pack_too_large")


def test_a_pack_without_the_guide_is_made_later(
    browser: FlaskClient, services: FakeServices
) -> None:
    services.away.add("multilingual")
    assert browser.get(MANIFEST.format("en")).status_code == 503
    services.away.clear()
    assert manifest(browser)["texts"] == len(NAMES)


def test_kept_pages_lead_to_nothing_that_needs_the_network(browser: FlaskClient) -> None:
    document = manifest(browser)
    page = body(browser, document, "/g/8WXC3")
    assert "qr.svg" not in page
    assert 'href="/login"' not in page
    assert 'name="back" value="/g/8WXC3"' in page
    assert "<!--notices-->" in page
    assert "<!--notices-->" not in browser.get("/g/8WXC3").text


def test_two_files_of_one_path_are_a_mistake() -> None:
    twice = [packs.PackFile("/g/", b"one", "text/html"), packs.PackFile("/g/", b"two", "text/html")]
    with pytest.raises(ValueError, match="same path"):
        packs.make(
            packs.Signer(b"s" * 32, "mine"), "mine", "en", twice, texts=1, recordings=0,
            texts_time=None,
        )  # fmt: skip


def test_the_worker_may_speak_for_every_page(browser: FlaskClient, parts: Parts) -> None:
    answer = browser.get("/sw.js")
    assert answer.mimetype == "text/javascript"
    assert parts.assets.url("visitor/pack/worker.js") in answer.text


def test_the_workers_rules_are_those_of_the_edge(browser: FlaskClient, parts: Parts) -> None:
    found = parts.assets.find("visitor/pack/worker.js")
    assert found is not None
    policy = browser.get("/pack").headers["Content-Security-Policy"]
    assert f'"{policy}"' in found[0].body.decode()


@pytest.mark.parametrize("locale", ["ja", "en", "ko", "zh-Hans", "zh-Hant"])
def test_the_pages_open_in_every_language(browser: FlaskClient, locale: str) -> None:
    for path in ("/pack", "/safety", "/scan"):
        answer = browser.get(path, headers={"Accept-Language": locale})
        assert answer.status_code == 200
        assert f'<html lang="{locale}"' in answer.text
    assert "8WXC3" not in browser.get("/safety").text
    assert "K7Q2X" in browser.get("/safety").text  # the way out
