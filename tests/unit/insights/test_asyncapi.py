"""The registry of events: the page in docs is the registry, and the document holds together."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from kit.outbox import type_name
from services.edge.asyncapi.document import document, table
from services.edge.asyncapi.registry import events

ROOT = Path(__file__).resolve().parents[3]
OWNERS = ("directory", "itinerary", "multilingual", "payments", "visitor_sense")


def test_the_page_in_docs_is_the_registry() -> None:
    written = (ROOT / "docs/events.md").read_text(encoding="utf-8")
    assert written == table(), "renew it: python -m services.edge.asyncapi > docs/events.md"


@pytest.mark.parametrize("owner", OWNERS)
def test_the_registry_lists_what_each_owner_can_encode(owner: str) -> None:
    module = import_module(f"services.{owner}.events")
    if not hasattr(module, "ENCODERS"):  # a package, where a service hears and says much
        module = import_module(f"services.{owner}.events.said")
    said = {type_name(kind) for kind in module.ENCODERS}
    assert said == {each.name for each in events() if each.service == owner}


def test_every_event_says_what_it_is_and_is_heard() -> None:
    for each in events():
        assert each.text, each.name
        assert "insights" in each.heard_by, each.name
        assert all(field.text for field in each.fields), each.name


def test_every_reference_of_the_document_leads_somewhere() -> None:
    made = document()
    references: list[str] = []

    def collect(node: Any) -> None:
        if isinstance(node, dict):
            references.extend([node["$ref"]] if "$ref" in node else [])
            for child in node.values():
                collect(child)
        elif isinstance(node, list):
            for child in node:
                collect(child)

    collect(made)
    assert references
    for reference in references:
        target: Any = made
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]


def test_channels_carry_the_area_as_a_parameter() -> None:
    channel = document()["channels"]["payment_captured"]
    assert channel["address"] == "meguri.{area}.payments.v1.payment_captured"
    assert set(channel["parameters"]) == {"area"}
