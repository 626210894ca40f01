"""What runs text as code, unpacks objects of strangers or weakens a lock is used nowhere.

A place that needs it stands here with its reason, and one that is gone must go from here too.
"""

import ast
import re
from pathlib import Path

import pytest

from infra.local.home import ROOT

# `function` or `module.function`, and arguments that weaken what is called.
CALLS = frozenset({
    "eval", "exec", "compile", "os.system", "os.popen", "pickle.load", "pickle.loads",
    "marshal.load", "marshal.loads", "shelve.open", "yaml.load", "render_template_string",
    "hashlib.md5", "hashlib.sha1", "tempfile.mktemp", "ssl._create_unverified_context",
    "random.choice", "random.randint", "random.random", "random.getrandbits",
})  # fmt: skip
ARGUMENTS = {"shell": True, "verify": False, "check_hostname": False, "debug": True,
             "allow_redirects": True, "resolve_entities": True}  # fmt: skip
NAMES = frozenset({"ECB", "PKCS1v15", "CERT_NONE", "TripleDES", "ARC4"})
PYTHON = ("kit", "services", "infra", "cli")
PERMITTED = {
    ("infra/local/certificates.py", "CERT_NONE"): "looks until when a certificate holds, whoever"
    " signed it; nothing is believed, said or sent",
    ("infra/local/bytecode.py", "marshal.loads"): "reads what Python itself has written for us",
    ("kit/telemetry.py", "random.getrandbits"): "ids of traces, which open nothing",
    ("services/payments/gateways/paypay/signing.py", "hashlib.md5"): "PayPay's signature says so;"
    " it is inside an HMAC-SHA256",
}
SCRIPT = re.compile(
    r"\beval\(|new Function|document\.write|insertAdjacentHTML|\.(?:inner|outer)HTML\s*=[^=]"
    r"|javascript:|new WebSocket|RTCPeerConnection|[?&]callback="
)
# Markup of our own pages, fetched from here or made by our own templates; never what people typed.
SCRIPTS_PERMITTED = {
    "services/edge/visitor/static/pack/kept.js": "notices that our own worker set from a template",
}


def found_in(path: Path) -> set[str]:
    """Returns what of the above a module uses."""
    used = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            used |= {name} & CALLS
            used |= {
                f"{word.arg}={word.value.value}"
                for word in node.keywords
                if word.arg in ARGUMENTS and isinstance(word.value, ast.Constant)
                and word.value.value is ARGUMENTS[word.arg]
            }  # fmt: skip
        elif isinstance(node, ast.Attribute) and node.attr in NAMES:
            used.add(node.attr)
    return used


def test_no_module_runs_text_or_weakens_a_lock() -> None:
    found = {
        (str(path.relative_to(ROOT)), use)
        for folder in PYTHON
        for path in (ROOT / folder).rglob("*.py")
        if "generator" not in path.parts  # made-up captures: a seed must give the same bytes
        for use in found_in(path)
    }
    assert found == set(PERMITTED)


@pytest.mark.parametrize(("source", "use"), [
    ("eval(x)", "eval"), ("os.system('x')", "os.system"), ("run(x, shell=True)", "shell=True"),
    ("get(x, verify=False)", "verify=False"), ("modes.ECB()", "ECB"),
    ("pickle.loads(x)", "pickle.loads"),
])  # fmt: skip
def test_the_search_finds_what_it_is_for(tmp_path: Path, source: str, use: str) -> None:
    module = tmp_path / "x.py"
    module.write_text(source)
    assert found_in(module) == {use}


def test_no_script_makes_markup_or_code_of_text() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "services").rglob("*.js")
        if "vendor" not in path.parts and SCRIPT.search(path.read_text(encoding="utf-8"))
    }
    assert found == set(SCRIPTS_PERMITTED)


def test_no_script_hears_messages_of_other_windows() -> None:
    """Messages come from our own workers and channels, which are of one origin by their nature."""
    for path in (ROOT / "services").rglob("*.js"):
        text = path.read_text(encoding="utf-8")
        for line in text.splitlines() if "vendor" not in path.parts else ():
            if re.search(r"(?:window|globalThis)\.(?:addEventListener\(.message|onmessage)", line):
                pytest.fail(f"{path}: {line}")


def test_no_template_says_that_what_it_was_given_is_safe() -> None:
    """`figures` is a page of the same templates; `extra` is a constant of the caller's template."""
    found = set()
    for path in (ROOT / "services").rglob("*.html"):
        for name in re.findall(r"\{\{[^}]*?(\w+)\s*\|\s*safe\b", path.read_text(encoding="utf-8")):
            found.add(name)
    assert found <= {"extra", "figures", "attributes"}, found
