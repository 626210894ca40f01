"""Lengths and durations as each language writes them."""

import pytest
from flask import Flask
from flask_babel import force_locale

from services.edge.plan.words import distance


@pytest.mark.parametrize(
    ("locale", "meters", "expected"),
    [("en", 8_740, "about 8.7 km"), ("de", 8_740, "etwa 8,7\u00a0km"),
     ("fr", 8_740, "environ 8,7\u00a0km"), ("es", 13_200, "unos 13\u00a0km"),
     ("id", 8_740, "sekitar 8,7 km"), ("th", 8_740, "ประมาณ 8.7 กม."),
     ("fr", 20, "environ 50\u00a0m"),
     ("en", 960, "about 1.0 km")],
)  # fmt: skip
def test_a_distance_has_the_decimal_sign_of_the_language(
    app: Flask, locale: str, meters: int, expected: str
) -> None:
    with app.test_request_context("/plan"), force_locale(locale):
        assert distance(meters) == expected
