"""The first visitor after a start finds pages that were made before."""

from flask import Flask

from services.edge import warming
from services.edge.freshness import Watch
from services.edge.parts import Parts


def test_each_kind_of_page_is_made_in_each_language_and_nobody_is_counted(
    app: Flask, parts: Parts
) -> None:
    Watch(parts).check()
    assert parts.shelf.is_filled("mine")
    area = parts.areas.of_host("localhost")
    warming.warm(app, parts, area)
    for locale in area.locales:
        for name in ("/g/", "/map", "8WXC3"):
            assert parts.ready.get("mine", name, locale) is not None, (name, locale)
    assert not parts.scans._fresh
