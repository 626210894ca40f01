"""The list of parts: all that the locks pin, as CycloneDX, the same bytes each time."""

import json
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from cli import locked, sbom
from infra.local.home import ROOT

LOCK = """\
flask==3.1.3 \\
    --hash=sha256:aa11 \\
    --hash=sha256:bb22
    # via meguri (pyproject.toml)
blinker==1.9.0 ; python_full_version < '3.12' \\
    --hash=sha256:cc33
    # via
    #   -c requirements.lock
    #   flask
"""
NPM = {
    "packages": {
        "": {"dependencies": {"a": "1"}},
        "node_modules/a": {"version": "1.0.0", "dependencies": {"@s/b": "2"}, "license": "MIT"},
        "node_modules/a/node_modules/@s/b": {"version": "2.0.0", "integrity": "sha512-AAEC"},
    }
}


@pytest.fixture(scope="module")
def parts() -> list[locked.Part]:
    return locked.read(ROOT)


@pytest.fixture(scope="module")
def text(parts: list[locked.Part]) -> str:
    return sbom.document(parts)


def test_a_lock_is_read_with_hashes_and_who_asked_for_it() -> None:
    flask, blinker = locked.of_python(LOCK.splitlines(), "x.lock")
    assert (flask.purl, flask.hashes) == (
        "pkg:pypi/flask@3.1.3", {("sha256", "aa11"), ("sha256", "bb22")},
    )  # fmt: skip
    assert (flask.parents, blinker.parents) == ({"meguri"}, {"flask"})
    assert blinker.version == "1.9.0"


def test_a_lock_of_npm_is_read() -> None:
    one, two = locked.of_npm(json.dumps(NPM), "p.json")
    assert (one.name, one.parents, one.license) == ("a", {"meguri"}, "MIT")
    assert (two.purl, two.parents) == ("pkg:npm/%40s/b@2.0.0", {"a"})
    assert two.hashes == {("sha512", "000102")}


def test_every_pin_of_every_lock_and_every_kept_file_is_on_the_list(text: str) -> None:
    named = {each["purl"] for each in json.loads(text)["components"]}
    for path in ROOT.glob("requirements*.lock"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line[:1].isalnum():
                name, _, version = line.split(" ")[0].partition("==")
                assert f"pkg:pypi/{name}@{version}" in named, line
    assert {"pkg:npm/leaflet@1.9.4", "pkg:npm/qr@0.7.0"} <= named
    folders = [path for path in ROOT.glob("services/**/static/vendor/*") if path.suffix != ".md"]
    kept = {place for part in locked.read(ROOT) for place in part.places if "vendor" in place}
    assert {path.parent for path in folders} == {(ROOT / place).parent for place in kept}


def test_it_is_cyclonedx_and_the_same_each_time(parts: list[locked.Part], text: str) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert sbom.document(locked.read(ROOT)) == text
    few = sbom.document([part for part in parts if "meguri" in part.parents][:3])
    broken = few.replace('"type": "library"', '"type": "wish"')
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(broken) is not None
    fewer = json.loads(sbom.document(parts[:-1]))
    assert fewer["serialNumber"] != json.loads(text)["serialNumber"]


def test_it_says_what_an_installation_has_and_who_asks_for_whom(text: str) -> None:
    document = json.loads(text)
    scopes = {each["purl"]: each["scope"] for each in document["components"]}
    of = {each["ref"]: each.get("dependsOn", ()) for each in document["dependencies"]}
    [flask] = [purl for purl in scopes if purl.startswith("pkg:pypi/flask@")]
    [test] = [purl for purl in scopes if purl.startswith("pkg:pypi/pytest@")]
    assert (scopes[flask], scopes[test]) == ("required", "excluded")
    assert flask in of["meguri"]
    assert any(each.startswith("pkg:pypi/werkzeug@") for each in of[flask])


def test_the_command_writes_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                     monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    few = [locked.Part("pypi", "flask", "3.1.3", {locked.RUN}), locked.Part("npm", "qr", "0.7.0")]
    monkeypatch.setattr(locked, "read", lambda _: few)
    from argparse import Namespace  # noqa: PLC0415 - only here

    target = tmp_path / "parts.json"
    assert sbom.run(Namespace(file=target, json=True)) == 0
    assert json.loads(capsys.readouterr().out) == {
        "parts": 2, "of_these_run": 1, "file": str(target),
    }  # fmt: skip
    assert len(json.loads(target.read_text())["components"]) == 2
    assert sbom.run(Namespace(file=tmp_path / "no" / "parts.json", json=False)) == 1
