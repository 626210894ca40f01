"""Pictures of the documents: small, of the sizes they are said to have, each shown somewhere."""

import re

from PIL import Image

from infra.local.home import ROOT

FOLDER = ROOT / "docs" / "images"
MOST_BYTES = 150_000
PHONE = (390, 844)
IMAGE = re.compile(r'<img\s+src="docs/images/([^"]+)"[^>]*\salt="([^"]{20,})"')


def test_the_readme_shows_every_picture_and_says_what_is_on_it() -> None:
    shown = IMAGE.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert sorted(name for name, _ in shown) == sorted(path.name for path in FOLDER.glob("*.png"))
    assert len({alt for _, alt in shown}) == len(shown)


def test_pictures_are_small_and_those_of_phones_have_the_size_of_one() -> None:
    sizes = {}
    for path in FOLDER.glob("*.png"):
        assert path.stat().st_size < MOST_BYTES, path.name
        with Image.open(path) as picture:
            sizes[path.stem] = picture.size
    assert sizes["home"] == sizes["stop"] == PHONE
