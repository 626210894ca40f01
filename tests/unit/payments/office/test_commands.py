"""The commands of the office: spans of days and product files."""

from pathlib import Path

import pytest

from services.payments.cli.office import read_products, span_of


def test_a_month_has_its_own_last_day() -> None:
    assert span_of("2024-02", None) == ("2024-02-01", "2024-02-29")
    assert span_of("2026-12", None) == ("2026-12-01", "2026-12-31")
    assert span_of(None, "2026-11-21") == ("2026-11-21", "2026-11-21")
    with pytest.raises(ValueError, match="month"):
        span_of("2026-13", None)


def test_a_product_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_text(
        "code,name_ja,name_en,unit_amount_yen,tax_rate_percent,button\nM1,茶,Tea,108,8,\n",
        encoding="utf-8-sig",
    )
    (product,) = read_products(path)
    assert (product.code, dict(product.names), product.button) == (
        "M1", {"ja": "茶", "en": "Tea"}, 0,
    )  # fmt: skip
